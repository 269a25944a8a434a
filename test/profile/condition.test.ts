import { describe, expect, test } from '@jest/globals';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import {
  conditionText,
  readKernelCondition,
  readMemoryCondition,
  whyNot,
} from '../../src/profile/condition.ts';

const GIB = 2 ** 30;

/** null where every condition holds, else the first reason. */
function kernelVerdict(written: string, release: string): string | null {
  const read = readKernelCondition(written);
  if (!read.ok) throw new Error(read.why);
  const host = { traits: kernelTraitsOf(release, null), memoryBytes: null };
  return read.conditions.map((each) => whyNot(each, host)).find((why) => why !== null) ?? null;
}

describe('kernels', () => {
  test.each([
    ['>=5.4', '5.4.0', null],
    ['>=5.4', '5.3.18', 'only with kernel >=5.4'],
    ['<5.4', '5.3.18', null],
    ['<5.4', '5.4.1', 'only with kernel <5.4'],
    ['>=4.15 <6.6', '6.1.0-40-amd64', null],
    ['>=4.15  < 6.6', '6.6.1', 'only with kernel <6.6'],
    // The patch level is not known, so the stable fix may be there or not.
    ['>=6.1.125', '6.1.0-40-amd64', 'only with kernel >=6.1.125, which cannot be told of this host'],
    ['<6.1.125', '6.1.0-40-amd64', 'only with kernel <6.1.125, which cannot be told of this host'],
    ['>=5.4', '4.18.0-553.el8_10.x86_64', 'only with kernel >=5.4, which cannot be told of this host'],
    ['<5.4', '4.18.0-553.el8_10.x86_64', 'only with kernel <5.4, which cannot be told of this host'],
    ['>=4.15', '4.18.0-553.el8_10.x86_64', null],
    ['>=5.4', 'something else', 'only with kernel >=5.4, which cannot be told of this host'],
  ])('%s on %s: %s', (written, release, expected) => {
    expect(kernelVerdict(written, release)).toBe(expected);
  });
});

describe('memory', () => {
  test.each([
    ['>=2GiB', 2 * GIB, null],
    ['>=2GiB', 2 * GIB - 1, 'only with memory >=2GiB'],
    ['<2GiB', 2 * GIB - 1, null],
    ['<2GiB', 2 * GIB, 'only with memory <2GiB'],
    ['<2GiB', null, 'only with memory <2GiB, which cannot be told of this host'],
  ])('%s with %s', (written, memoryBytes, expected) => {
    const read = readMemoryCondition(written);
    const host = { traits: kernelTraitsOf('6.1.0', null), memoryBytes };
    expect(read.ok && read.conditions.map((each) => whyNot(each, host))).toEqual([expected]);
  });

  test.each(['', '2GiB', '>2GiB', '>=2', '>=2s', '>=2GB', '>=1GiB 2GiB', '==1GiB'])(
    '%j is no bound',
    (written) => {
      expect(readMemoryCondition(written).ok).toBe(false);
    },
  );
});

test('conditions read back as they are written', () => {
  const read = readKernelCondition('>=4.15   <6.6.1');
  expect(read.ok && read.conditions.map(conditionText)).toEqual(['kernel >=4.15', 'kernel <6.6.1']);
});
