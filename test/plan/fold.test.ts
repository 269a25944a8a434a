import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldRequirements } from '../../src/plan/fold.ts';
import type { SourcedRequirement } from '../../src/sysctl/requirement.ts';
import { profile } from './planned.ts';

const KEY = 'net.core.somaxconn';

type Relation = SourcedRequirement['relation'];
type Ask = readonly [relation: Relation, value: string];

function folded(base: string, members: number, ...asked: readonly Ask[]) {
  return foldRequirements(
    asked.flatMap(([relation, value], index) => profile(`p${index}`, [KEY, relation, value])),
    base,
    members,
  );
}

describe('requirements of one key', () => {
  test.each([
    ['nothing asked', '7', 1, [], '7'],
    ['enough already', '7', 1, [['at-least', '5']], '7'],
    ['too little', '7', 1, [['at-least', '9']], '9'],
    ['too much', '7', 1, [['at-most', '5']], '5'],
    ['exactly', '7', 1, [['exactly', '5']], '5'],
    [
      'the strictest',
      '7',
      1,
      [
        ['at-least', '8'],
        ['at-least', '9'],
      ],
      '9',
    ],
    [
      'between two bounds',
      '7',
      1,
      [
        ['at-least', '1'],
        ['at-most', '9'],
      ],
      '7',
    ],
    [
      'exactly within bounds',
      '7',
      1,
      [
        ['at-least', '1'],
        ['exactly', '4'],
        ['at-most', '9'],
      ],
      '4',
    ],
    [
      'two that agree',
      '7',
      1,
      [
        ['exactly', '0x10'],
        ['exactly', '16'],
      ],
      '16',
    ],
    [
      'member by member',
      '4096\t131072\t6291456',
      3,
      [['at-least', 'keep keep 9000000']],
      '4096 131072 9000000',
    ],
    [
      'members of two',
      '1 2 3',
      3,
      [
        ['at-least', '5 keep keep'],
        ['at-most', 'keep keep 2'],
      ],
      '5 2 2',
    ],
    ['a name', 'cubic', Number.POSITIVE_INFINITY, [['exactly', 'bbr']], 'bbr'],
  ] as const)('%s', (_name, base, members, asked, value) => {
    expect(folded(base, members, ...asked)).toEqual({ kind: 'value', value });
  });

  test.each([
    [
      'two values',
      '7',
      [
        ['exactly', '5'],
        ['exactly', '6'],
      ],
    ],
    [
      'bounds that cross',
      '7',
      [
        ['at-least', '5'],
        ['at-most', '4'],
      ],
    ],
    [
      'a value below a bound',
      '7',
      [
        ['exactly', '5'],
        ['at-least', '6'],
      ],
    ],
    [
      'a value above a bound',
      '7',
      [
        ['at-most', '4'],
        ['exactly', '5'],
      ],
    ],
    [
      'two names',
      'cubic',
      [
        ['exactly', 'bbr'],
        ['exactly', 'reno'],
      ],
    ],
  ] as const)('contradict each other: %s', (_name, base, asked) => {
    const outcome = folded(base, Number.POSITIVE_INFINITY, ...asked);
    expect(outcome.kind).toBe('contradiction');
    const names = outcome.kind === 'contradiction' ? outcome.between.map(({ by }) => by.name) : [];
    expect([...names].sort()).toEqual(['p0', 'p1']);
  });

  test('a relation between a number and a name says nothing', () => {
    expect(folded('cubic', Number.POSITIVE_INFINITY, ['at-least', '5']).kind).toBe('incomparable');
  });

  const asks = fc.array(
    fc.tuple(
      fc.constantFrom<Relation>('at-least', 'at-most', 'exactly'),
      fc.array(fc.oneof(fc.constant('keep'), fc.nat(20).map(String)), { minLength: 3, maxLength: 3 }),
    ),
    { maxLength: 5 },
  );
  const bases = fc.array(fc.nat(20), { minLength: 3, maxLength: 3 });

  function meets(value: number, [relation, word]: readonly [Relation, string]): boolean {
    if (word === 'keep') return true;
    const bound = Number(word);
    if (relation === 'exactly') return value === bound;
    return relation === 'at-least' ? value >= bound : value <= bound;
  }

  test('a folded value meets every one, is the nearest to the base, and does not depend on their order', () => {
    fc.assert(
      fc.property(asks, bases, (asked, base) => {
        const given = asked.map(([relation, words]): Ask => [relation, words.join(' ')]);
        const outcome = folded(base.join(' '), 3, ...given);
        const candidates = base.map((number, index) => {
          const bounds = asked.map(([relation, words]) => [relation, words[index] ?? 'keep'] as const);
          const possible = Array.from({ length: 21 }, (_, value) => value).filter((value) =>
            bounds.every((bound) => meets(value, bound)),
          );
          return possible.sort((a, b) => Math.abs(a - number) - Math.abs(b - number))[0];
        });
        if (outcome.kind !== 'value') {
          expect(candidates).toContain(undefined);
          return;
        }
        expect(outcome.value).toBe(candidates.join(' '));
        expect(folded(base.join(' '), 3, ...[...given].reverse())).toEqual(outcome);
      }),
    );
  });
});
