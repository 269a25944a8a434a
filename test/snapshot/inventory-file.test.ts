import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUserError } from '../../src/core/errors.ts';
import { parseInventory } from '../../src/snapshot/inventory-file.ts';

const HINT = 'such a file is {"net/core": ["d", "555"], "net/core/somaxconn": ["f", "644"], ...}';

function complaint(text: string) {
  try {
    parseInventory(text, 'keys.json');
  } catch (thrown) {
    if (!isUserError(thrown)) throw thrown;
    const { code, status, message, at, hint } = thrown;
    return { code, status, message, at, hint };
  }
  return null;
}

describe('a list of what stands below /proc/sys', () => {
  test('is read', () => {
    const text =
      '\ufeff{"net/core": ["d", "755"], "net/core/somaxconn": ["f", "0444"], "vm/x": ["f", "200"]}';
    const inventory = parseInventory(text, 'keys.json');
    expect(inventory.entry('net/core')).toEqual({ kind: 'directory', mode: 0o755 });
    expect(inventory.entry('net/core/somaxconn')).toEqual({ kind: 'file', mode: 0o444 });
    expect(inventory.entry('vm/x')).toEqual({ kind: 'file', mode: 0o200 });
    expect(inventory.list('')).toEqual(['net', 'vm']);
    expect(parseInventory('{}', 'keys.json').list('')).toEqual([]);
  });

  test.each([
    ['nothing', '', {}, 'it is empty'],
    ['binary data', '\x7fELF\0', {}, 'not JSON but binary data'],
    ['a comma too many', '{\n  "a": ["f", "644"],\n}', { line: 3, column: 1 }, 'not JSON from here on'],
    ['a cut-off document', '{"a": ["f",', { line: 1, column: 12 }, 'the JSON is cut off here'],
    ['a list', '["net/core"]', { line: 1, column: 1 }, 'expected'],
    [
      'an absolute path',
      '{"/net/core": ["d", "555"]}',
      {},
      'expected a path below /proc/sys such as net/core/somaxconn',
    ],
    ['a path that leads out', '{"../etc/passwd": ["f", "644"]}', {}, 'expected a path below /proc/sys'],
    ['a path for a terminal', '{"net/\\u001b[31m": ["f", "644"]}', {}, 'expected a path below /proc/sys'],
    ['a slash at the end', '{"net/core/": ["d", "555"]}', {}, 'expected a path below /proc/sys'],
    [
      'no kind',
      '{"net/core": ["x", "555"]}',
      { line: 1, column: 15 },
      '["net/core"][0]: invalid option: expected one of "f"|"d"',
    ],
    [
      'a mode of nine',
      '{\n"net/core": ["d", "955"]}',
      { line: 2, column: 19 },
      'expected a mode such as 644',
    ],
    ['a mode that is a number', '{"a": ["f", 644]}', { line: 1, column: 13 }, 'a[1]: expected'],
    ['a mode too few', '{"a": ["f"]}', { line: 1 }, 'a'],
  ])('is refused with the place: %s', (_what, text, at, message) => {
    const found = complaint(text);
    expect(found).toMatchObject({
      code: 'malformed-document',
      status: 2,
      at: { file: 'keys.json', ...at },
      message: expect.stringContaining(message),
    });
    expect(found?.message).not.toMatch(/[\n.]$|\. /);
  });

  test('is shown where it is JSON, and another thing', () => {
    expect(complaint('{"/net": ["d", "555"]}')?.hint).toBe(HINT);
  });

  test('counts what is wrong besides', () => {
    expect(complaint('{"a": ["f", "9"], "b": ["f", "9"]}')?.message).toMatch(/\(and 1 more like it\)$/);
  });

  test('never ends in anything but a list or one such error', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(fc.string(), fc.json()).map((each) => JSON.stringify(each)),
    );
    fc.assert(
      fc.property(text, (each) => {
        const found = complaint(each);
        if (found !== null) expect(found.at?.file).toBe('keys.json');
      }),
    );
  });
});
