import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RequestedBacklog } from '../../src/assess/assessment.ts';
import { boundBy } from '../../src/assess/bound-by.ts';

function asks(requested: number | null, followsSomaxconn = false): RequestedBacklog {
  return { requested, source: 'config', at: null, followsSomaxconn };
}

const FOLLOWS = asks(null, true);

describe('what binds', () => {
  test.each([
    // limit, requested, somaxconn, who
    [511, asks(511), 4096, 'backlog'],
    [128, asks(511), 128, 'somaxconn'],
    [4096, asks(4096), 4096, 'both'],
    [0, asks(0), 0, 'both'],
    [0, asks(0), 4096, 'backlog'],
    // somaxconn was raised after listen(), or lowered.
    [128, asks(511), 4096, 'somaxconn-at-listen'],
    [511, asks(511), 128, 'somaxconn-at-listen'],
    [1024, asks(4096), 128, 'somaxconn-at-listen'],
    // The configuration changed since the program started.
    [4096, asks(511), 4096, 'unknown'],
    [4096, asks(511), 128, 'unknown'],
    [511, asks(128), 511, 'unknown'],
    // -1, as the kernel compares it.
    [4096, asks(4294967295), 4096, 'somaxconn'],
    [128, asks(4294967295), 4096, 'somaxconn-at-listen'],
    [4096, FOLLOWS, 4096, 'somaxconn'],
    [128, FOLLOWS, 4096, 'somaxconn-at-listen'],
    [4096, FOLLOWS, 128, 'somaxconn-at-listen'],
    [null, asks(511), 4096, 'unknown'],
    [128, asks(null), 4096, 'unknown'],
    [128, asks(511), null, 'unknown'],
    [128, FOLLOWS, null, 'unknown'],
  ] as const)('limit %p, %j, somaxconn %p: %s', (limit, backlog, somaxconn, expected) => {
    const facts = { limit, backlog, somaxconn };
    expect(boundBy(facts)).toBe(expected);
  });
});

const AMOUNT = fc.oneof(fc.nat(8), fc.nat(70000));

test('a listener that has just called listen() is bound by one of its two numbers', () => {
  fc.assert(
    fc.property(AMOUNT, AMOUNT, (requested, somaxconn) => {
      const facts = { limit: Math.min(requested, somaxconn), backlog: asks(requested), somaxconn };
      expect(['backlog', 'somaxconn', 'both']).toContain(boundBy(facts));
    }),
  );
});

test('the verdict says what the numbers say', () => {
  fc.assert(
    fc.property(AMOUNT, AMOUNT, AMOUNT, (limit, requested, somaxconn) => {
      const facts = { limit, backlog: asks(requested), somaxconn };
      const verdict = boundBy(facts);
      if (verdict === 'backlog' || verdict === 'both') expect(limit).toBe(requested);
      if (verdict === 'somaxconn' || verdict === 'both') expect(limit).toBe(somaxconn);
      if (verdict === 'unknown') expect(limit).toBeGreaterThan(requested);
    }),
  );
});
