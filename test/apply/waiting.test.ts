import { expect, test } from '@jest/globals';
import { readBootTimeMs, timeLeftMs } from '../../src/apply/waiting.ts';
import { memoryHost } from '../tools/memory-host.ts';

test.each([
  ['1234.56 789.01\n', 1_234_560],
  ['0.07 0.00\n', 70],
  ['nonsense\n', null],
  ['', null],
])('/proc/uptime %p is %p ms', (text, expected) => {
  const { reader } = memoryHost({ tree: { '/proc/uptime': text } });
  expect(readBootTimeMs(reader)).toBe(expected);
});

const DEADLINE = { bootId: 'boot-1', bootTimeMs: 5_000 };

test.each([
  [{ bootId: 'boot-1', bootTimeMs: 4_000 }, 1_000],
  [{ bootId: 'boot-1', bootTimeMs: 5_000 }, 0],
  [{ bootId: 'boot-1', bootTimeMs: 9_000 }, 0],
  // A later boot begins to count anew.
  [{ bootId: 'boot-2', bootTimeMs: 10 }, 0],
  [{ bootId: null, bootTimeMs: 10 }, null],
  [{ bootId: 'boot-1', bootTimeMs: null }, null],
])('at %j %p ms are left', (now, expected) => {
  expect(timeLeftMs(DEADLINE, now)).toBe(expected);
});
