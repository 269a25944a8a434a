import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { DEFAULT_TRAIT } from '../../src/model/defaults.ts';
import { FAST_OPEN_TRAIT } from '../../src/model/fast-open.ts';
import { TRAIT } from '../../src/model/queues.ts';
import { BUFFER_TRAIT } from '../../src/model/windows.ts';

const PAGE = readFileSync(new URL('../../docs/model.md', import.meta.url), 'utf8');

test.each([...Object.values(TRAIT), ...Object.values(BUFFER_TRAIT), DEFAULT_TRAIT, FAST_OPEN_TRAIT])(
  'docs/model.md says what %s means',
  (trait) => {
    expect(PAGE).toContain(`| \`${trait}\` |`);
  },
);
