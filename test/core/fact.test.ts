import { expect, test } from '@jest/globals';
import { type Fact, known, mapFact, thenFact, unknown, valueOr } from '../../src/core/fact.ts';

const DENIED = unknown('denied', 'EACCES');

function positive(amount: number): Fact<number> {
  return amount > 0 ? known(amount, 'checked') : unknown('malformed');
}

test('a field that is not known is left out', () => {
  expect([known(1), known(1, 'ss'), unknown('absent'), DENIED]).toEqual([
    { ok: true, value: 1 },
    { ok: true, value: 1, from: 'ss' },
    { ok: false, why: 'absent' },
    { ok: false, why: 'denied', detail: 'EACCES' },
  ]);
  expect(Object.keys(known(1))).toEqual(['ok', 'value']);
});

test('a conversion keeps the origin, and an unknown fact as it is', () => {
  expect(mapFact(known('7', 'ss'), Number)).toEqual(known(7, 'ss'));
  expect(mapFact(DENIED, Number)).toBe(DENIED);
});

test('a step that can fail has its own word', () => {
  expect(thenFact(known(7, 'ss'), positive)).toEqual(known(7, 'checked'));
  expect(thenFact(known(-7), positive)).toEqual(unknown('malformed'));
  expect(thenFact(DENIED, positive)).toBe(DENIED);
});

test.each([
  [known(0), 0],
  [DENIED, 5],
  [undefined, 5],
])('a value or something else: %#', (fact, expected) => {
  expect(valueOr(fact, 5)).toBe(expected);
});
