import { describe, expect, test } from '@jest/globals';
import {
  inputError,
  isUserError,
  nearest,
  positionText,
  unknownNameError,
  usageError,
} from '../../src/core/errors.ts';
import { EXIT } from '../../src/core/exit-status.ts';

const COMMANDS = ['audit', 'explain', 'rules', 'snapshot', 'apply', 'plan'];

describe('did you mean', () => {
  test.each([
    ['audti', ['audit']],
    ['AUDIT', ['audit']],
    ['snap', ['snapshot']],
    ['expalin', ['explain']],
    ['xyzzy', []],
    ['', []],
  ])('%j', (given, expected) => {
    expect(nearest(given, COMMANDS)).toEqual(expected);
  });

  test('the nearest first, three at most', () => {
    const keys = ['tcp_rmem', 'tcp_wmem', 'tcp_mem', 'udp_mem', 'tcp_sack'];
    expect(nearest('tcp_mem', keys)).toEqual(['tcp_mem', 'tcp_rmem', 'tcp_wmem']);
  });

  test.each([
    ['audti', "did you mean 'audit'?"],
    ['xyzzy', undefined],
  ])('as the hint of an error about %j', (given, hint) => {
    const error = unknownNameError('command', given, COMMANDS);
    expect(error).toMatchObject({ message: `unknown command '${given}'`, code: 'unknown-name' });
    expect([error.status, error.hint]).toEqual([EXIT.badInput, hint]);
  });
});

test('a hint is there or not, never empty', () => {
  expect(usageError('no such thing').hint).toBeUndefined();
  expect(usageError('no such thing', 'try --help').hint).toBe('try --help');
});

test('bad input says where', () => {
  const error = inputError('malformed-document', { file: 's.json', line: 3, column: 9 }, 'not JSON');
  expect(error).toMatchObject({ code: 'malformed-document', status: EXIT.badInput });
  expect(error.at && positionText(error.at)).toBe('s.json:3:9');
  expect(positionText({ file: 's.json' })).toBe('s.json');
});

test.each([
  [usageError('x'), true],
  [{ name: 'UserError', message: 'from another realm' }, true],
  [new TypeError('x'), false],
  ['UserError', false],
  [null, false],
  [undefined, false],
])('whose mistake it is: %#', (thrown, expected) => {
  expect(isUserError(thrown)).toBe(expected);
});
