import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACCEPT_QUEUE } from '../fixtures/scenarios/accept-queue.ts';
import { CONTAINERS } from '../fixtures/scenarios/containers.ts';
import { OWN_HARM } from '../fixtures/scenarios/own-harm.ts';
import { OWN_KERNELS } from '../fixtures/scenarios/own-kernels.ts';
import { OWN_LIMITS } from '../fixtures/scenarios/own-limits.ts';
import { OWN_QUEUES } from '../fixtures/scenarios/own-queues.ts';
import { OWN_SETTINGS } from '../fixtures/scenarios/own-settings.ts';
import type { Scenario } from '../fixtures/scenarios/scenario.ts';
import { SETTINGS } from '../fixtures/scenarios/settings.ts';
import { SYSCTL_FILES } from '../fixtures/scenarios/sysctl-files.ts';
import { type Judged, summaryOf } from './summary.ts';
import { type Dice, VARIANTS, type Variant } from './variants.ts';
import { type Verdict, verdictOn } from './verdict.ts';

const REPORTED = [...ACCEPT_QUEUE, ...CONTAINERS, ...SETTINGS, ...SYSCTL_FILES];
const OWN = [...OWN_QUEUES, ...OWN_LIMITS, ...OWN_KERNELS, ...OWN_SETTINGS, ...OWN_HARM];

/** The same variants in every run. */
const SEED = 20261120;

const dice: fc.Arbitrary<Dice> = fc.record({
  factor: fc.integer({ min: 2, max: 7 }),
  shift: fc.integer({ min: 1, max: 59_999 }),
  // Any byte but NUL may stand in a process's name.
  word: fc.constantFrom('ebra', 'en-1', '\u001b[31m', 'a b', '\nLISTEN', '(x)', '日本'),
  order: fc.integer({ min: 1, max: 5 }),
});

/** What disagrees, of all that must agree today. */
function complaints({ expect: { broughtBy } }: Scenario, verdict: Verdict): readonly string[] {
  const advice = broughtBy === undefined ? [...verdict.wrongDiagnosis, ...verdict.wrongRemedy] : [];
  return [...verdict.wrongNumbers, ...verdict.broken.map((each) => `must not: ${each}`), ...advice];
}

function judge(scenario: Scenario): Judged {
  return { scenario, verdict: verdictOn(scenario) };
}

function inVariants(scenario: Scenario, variant: Variant): readonly Judged[] {
  return fc
    .sample(dice, { numRuns: 3, seed: SEED })
    .map((each) => variant.of(scenario, each))
    .filter((each) => each !== null)
    .map(judge);
}

const told = new Map<string, readonly Judged[]>();
const varied = new Map<string, readonly Judged[]>();

function count(where: Map<string, readonly Judged[]>, name: string, judged: readonly Judged[]): void {
  where.set(name, [...(where.get(name) ?? []), ...judged]);
}

afterAll(() => {
  const groups = [...told].flatMap(([name, judged]) => [
    { name, judged, varied: false },
    { name: `${name}, varied`, judged: varied.get(name) ?? [], varied: true },
  ]);
  process.stdout.write(`\n${summaryOf(groups)}`);
});

describe.each([
  ['reported', REPORTED],
  ['of our own', OWN],
] as const)('scenarios %s', (name, scenarios) => {
  it.each(scenarios.map((scenario) => [scenario.id, scenario] as const))('%s', (_id, scenario) => {
    const judged = judge(scenario);
    count(told, name, [judged]);
    expect(complaints(scenario, judged.verdict)).toEqual([]);
  });

  it.each(VARIANTS.map((variant) => [variant.name, variant] as const))(
    'say the same with %s',
    (_name, variant) => {
      const judged = scenarios.flatMap((scenario) => inVariants(scenario, variant));
      const wrong = judged.flatMap(({ scenario, verdict }) =>
        complaints(scenario, verdict).map((complaint) => `${scenario.id}: ${complaint}`),
      );
      count(varied, name, judged);
      expect(wrong).toEqual([]);
    },
  );
});

it('says the same with several variants at once', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...REPORTED, ...OWN),
      fc.shuffledSubarray([...VARIANTS], { minLength: 2, maxLength: 5 }),
      dice,
      (scenario, variants, each) => {
        const retold = variants.reduce((before, variant) => variant.of(before, each) ?? before, scenario);
        expect(complaints(retold, verdictOn(retold))).toEqual([]);
      },
    ),
    { numRuns: 1000, seed: SEED },
  );
});

it.each(VARIANTS.map((variant) => [variant.name, variant] as const))(
  'some scenario can be told with %s',
  (_name, variant) => {
    const [each] = fc.sample(dice, { numRuns: 1, seed: SEED });
    const retold = [...REPORTED, ...OWN].filter(
      (scenario) => each !== undefined && variant.of(scenario, each) !== null,
    );
    expect(retold.length).toBeGreaterThan(0);
  },
);

it('reaches the remedy of about half of the reported scenarios', () => {
  const reached = REPORTED.filter(({ expect: { broughtBy } }) => broughtBy === undefined);
  expect(REPORTED).toHaveLength(26);
  expect(reached.length).toBeGreaterThanOrEqual(14);
});
