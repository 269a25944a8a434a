import { expect, test } from '@jest/globals';
import { errorStyleOf, reportError } from '../../src/cli/boundary.ts';
import { afterChange, ERROR_CODES, inputError, UserError, unknownNameError } from '../../src/core/errors.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { memoryTerminal } from './memory-terminal.ts';

const TEXT = { json: false, verbose: false };

test('bad input is one line with file, line and column, and no stack', async () => {
  const terminal = memoryTerminal();
  const error = inputError('malformed-document', { file: 's.json', line: 3, column: 7 }, 'expected a number');
  expect(await reportError(error, TEXT, terminal)).toBe(2);
  expect(terminal.stderr()).toBe('backlogctl: s.json:3:7: expected a number\n');
  expect(terminal.stdout()).toBe('');
});

test('an unknown name says which one was meant', async () => {
  const terminal = memoryTerminal();
  await reportError(
    unknownNameError('rule', 'syn-queue/cookies-of', ['syn-queue/cookies-off']),
    TEXT,
    terminal,
  );
  expect(terminal.stderr()).toBe(
    "backlogctl: unknown rule 'syn-queue/cookies-of'; did you mean 'syn-queue/cookies-off'?\n",
  );
});

test('text from the host cannot act on the terminal', async () => {
  const terminal = memoryTerminal();
  await reportError(inputError('unreadable', { file: 'a\u001b[2J\nb' }, 'is gone'), TEXT, terminal);
  expect(terminal.stderr()).toBe('backlogctl: a\\x1b[2J\\nb: is gone\n');
});

test('with --json errors are JSON on standard output', async () => {
  const terminal = memoryTerminal();
  const error = inputError('wrong-kind', { file: 'p.json' }, 'is a plan, not a snapshot', 'use apply');
  expect(await reportError(error, { json: true, verbose: false }, terminal)).toBe(2);
  expect(JSON.parse(terminal.stdout())).toEqual({
    kind: 'error',
    schemaVersion: 0,
    code: 'wrong-kind',
    status: 2,
    message: 'is a plan, not a snapshot',
    changed: false,
    at: { file: 'p.json' },
    hint: 'use apply',
  });
});

test.each<readonly [string, unknown, object]>([
  ...ERROR_CODES.map(
    (code) =>
      [
        `an error '${code}'`,
        new UserError({ code, status: 5, message: 'no' }),
        { code, changed: false },
      ] as const,
  ),
  [
    'an error with its place',
    inputError('malformed-document', { file: 's.json', line: 3, column: 7 }, 'expected a number'),
    { at: { file: 's.json', line: 3, column: 7 }, hint: null },
  ],
  ['an error after a change', afterChange(unknownNameError('key', 'a', ['b'])), { status: 2, changed: null }],
  ['an internal error', new TypeError('boom'), { code: 'internal', status: 70, changed: null, at: null }],
])('%s fits the published schema', async (_, thrown, expected) => {
  const terminal = memoryTerminal();
  await reportError(thrown, { json: true, verbose: false }, terminal);
  const document = JSON.parse(terminal.stdout());
  expect(schemaFaults('error', document)).toEqual([]);
  expect(document).toMatchObject(expected);
});

test.each([
  ['hides the stack', false],
  ['shows the stack with --verbose', true],
])('an internal error %s', async (_, verbose) => {
  const terminal = memoryTerminal();
  expect(await reportError(new TypeError('boom'), { json: false, verbose }, terminal)).toBe(70);
  expect(terminal.stderr()).toContain('backlogctl: internal error: boom');
  expect(terminal.stderr().includes('boundary.test.ts')).toBe(verbose);
});

test('a stack cannot act on the terminal either', async () => {
  const terminal = memoryTerminal();
  await reportError(new TypeError('a\u001b[2J'), { json: false, verbose: true }, terminal);
  expect(terminal.stderr()).not.toContain('\u001b');
  expect(terminal.stderr()).toContain('\n    at ');
});

test.each([
  [['audit', '--json'], { json: true, verbose: false }],
  [['audit', '--format', 'json', '-v'], { json: true, verbose: true }],
  [['audit', '--format=json'], { json: true, verbose: false }],
  [['audit', '--format', 'text'], { json: false, verbose: false }],
])('%j', (argv, style) => {
  expect(errorStyleOf(argv)).toEqual(style);
});
