import { describe, expect, test } from '@jest/globals';
import stringWidth from 'fast-string-width';
import type { LabResult } from '../../src/lab/compare.ts';
import type { LabPoint } from '../../src/lab/protocol.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { renderLabText } from '../../src/report/text/lab-text.ts';

const POINT: LabPoint = {
  backlog: 8,
  somaxconn: 4096,
  maxSynBacklog: 1024,
  syncookies: 1,
  abortOnOverflow: 0,
  load: { kind: 'syn', connections: 12, prefilled: 0 },
};

function result(measured: number, predicted: readonly [number, number], exact: boolean): LabResult {
  const [low, high] = predicted;
  return {
    point: POINT,
    exact,
    compared: [
      { name: 'synRecv', predicted: { low, high }, measured, agrees: measured >= low && measured <= high },
      { name: 'ListenDrops', predicted: { low: 0, high: 0 }, measured: 0, agrees: true },
    ],
  };
}

function text(results: readonly LabResult[], isMatrix: boolean, columns = 80): string {
  const layout = { columns, color: false, verbosity: 'normal' as const, isMatrix };
  return renderLabText(results, kernelTraitsOf('6.18.44', null), layout);
}

describe('the lab as text', () => {
  test('a number that differs is marked, and the verdict says what to do', () => {
    const shown = text([result(7, [9, 9], false)], false);
    expect(shown).toMatch(/^ {2}in SYN-RECV +9 +7 {2}differs$/m);
    expect(shown.replace(/\s+/g, ' ')).toContain('12 bare SYNs: synRecv 7 and not 9');
    expect(shown.replace(/\s+/g, ' ')).toContain(
      '1 of 1 differ: this kernel does something else than the model says. Please report it, with --json.',
    );
  });

  test('counters that did not move are left out', () => {
    expect(text([result(9, [9, 9], true)], false)).not.toContain('ListenDrops');
  });

  test('numbers that fit one by one and not together are said to', () => {
    expect(text([result(8, [8, 9], false)], true).replace(/\s+/g, ' ')).toContain(
      'each number fits a version that this kernel may be, and all together fit none',
    );
  });

  test('a grid is counted group by group, and its points are not listed', () => {
    const shown = text([result(9, [9, 9], true), result(9, [9, 9], true)], true);
    expect(shown).toMatch(/^ {2}bare SYNs +2 +2$/m);
    expect(shown).toMatch(/^ {2}tcp_syncookies 0 +0 +0$/m);
    expect(shown).not.toContain('in SYN-RECV');
    expect(shown).toContain('All 2 as predicted');
  });

  test.each([80, 120])('no line is wider than %i columns', (columns) => {
    const shown =
      text([result(7, [9, 9], false)], false, columns) + text([result(7, [8, 9], false)], true, columns);
    expect(shown.split('\n').filter((line) => stringWidth(line) > columns)).toEqual([]);
  });
});
