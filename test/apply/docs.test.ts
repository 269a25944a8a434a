import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { journalFiles } from '../../src/apply/by-hand.ts';
import { MOST_FINISHED } from '../../src/apply/prune.ts';
import { KINDS } from '../../src/apply/records.ts';
import { Intent, TRANSACTION_SCHEMA_VERSION } from '../../src/apply/transaction.ts';
import { Left } from '../../src/report/change-document.ts';
import { DROP_IN, FACTS, file, live, planOf } from './host.ts';

const PAGE = readFileSync(new URL('../../docs/journal.md', import.meta.url), 'utf8');

test.each([...KINDS])('docs/journal.md says what the record %s means', (kind) => {
  expect(PAGE).toContain(`\n| \`${kind}\` |`);
});

test.each(Left.shape.why.options)('docs/journal.md says what it means to be left as %s', (why) => {
  expect(PAGE).toMatch(new RegExp(`\`${why}\`(?::| keeps)`));
});

test.each(Object.keys(Intent.shape))('docs/journal.md says what %s of an intent is', (field) => {
  expect(PAGE).toContain(`\n| \`${field}\` |`);
});

const FILES = journalFiles(
  {
    kind: 'transaction',
    schemaVersion: 0,
    id: '000001',
    at: 'x',
    why: null,
    ...FACTS,
    plan: planOf([live('net.core.somaxconn', '1', '2'), file(DROP_IN, '# old\n', null)]),
  },
  { options: '', enter: null, path: (path) => path },
);

test.each(FILES.map(({ name }) => name.replace(/^before\/.*$/, 'before/')))(
  'docs/journal.md shows where %s lies',
  (name) => {
    expect(PAGE).toMatch(new RegExp(`\n {6}${name.replace('.', '\\.')}`));
  },
);

test('docs/journal.md says which version it is about, and how many are kept', () => {
  expect(PAGE).toContain(`the format, version ${TRANSACTION_SCHEMA_VERSION} `);
  expect(PAGE).toContain(`the newest ${MOST_FINISHED} of them`);
});
