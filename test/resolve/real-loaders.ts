import { runLoader } from '../../src/resolve/loader-run.ts';
import { resolve } from '../../src/resolve/resolve.ts';
import { swapSeparators } from '../../src/sysctl/key.ts';
import { perByte, traitsOf, tried } from './compare.ts';
import type { RealRun } from './real-runs.ts';
import { inventory, kernelBefore, sysctlFiles } from './vector.ts';

/** Something that our resolver says otherwise than the real loader did. */
export type Difference = {
  readonly seed: number;
  readonly loader: string;
  readonly what: 'attempts' | 'exit status' | 'values';
  readonly ours: unknown;
  readonly real: unknown;
};

const INVENTORY = inventory();

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

function sorted(
  entries: Iterable<readonly [string, string | null]>,
): readonly (readonly [string, string | null])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Of a file that is no UTF-8 we hold one character per byte as it is. */
function asRead(text: string, real: string | undefined): string {
  return text === real ? text : perByte(text);
}

/** Everything that differs between what we say of a tree and what a real loader did with it. */
export function differences(run: RealRun): readonly Difference[] {
  const traits = traitsOf(run.loader);
  const state = kernelBefore(run.tree, run.before);
  const resolution = resolve(sysctlFiles(run.tree.files), traits, { inventory: INVENTORY });
  const ours = runLoader(resolution, traits, state);
  const values = [...ours.landed]
    .filter(([key, { value }]) => value !== state.initial(swapSeparators(key)))
    .map(([key, { value }]) => [key, value] as const);
  const real = run.attempts ?? tried(run.writes);
  const pairs = [
    [
      'attempts',
      ours.attempts.map(({ key, value }, index) => [
        asRead(key, real[index]?.[0]),
        asRead(value, real[index]?.[1]),
      ]),
      real,
    ],
    ['exit status', ours.exitStatus, run.exit],
    ['values', sorted(values), sorted(Object.entries(run.changed))],
  ] as const;
  const { seed, loader } = run;
  return pairs.flatMap(([what, said, real]) =>
    differ(said, real) ? [{ seed, loader, what, ours: said, real }] : [],
  );
}
