import { expect, test } from '@jest/globals';
import { type Difference, differences } from '../resolve/real-loaders.ts';
import { COMPARED, committedRuns, type RealRun, realLoaders, runLoaders } from '../resolve/real-runs.ts';
import { describeWith } from '../tools/requirements.ts';

/** Trees for each loader; docs/resolve.md says what a run of 3,000 gave: `TREES=3000 npm run test:loaders`. */
const TREES = Number(process.env.TREES ?? 25);
/** Other trees at each run; `SEED` repeats one. */
const FIRST_SEED = Number(process.env.SEED ?? Math.floor(Date.now() / 1000));

const LONGEST_MS = 60_000 + TREES * 30_000;

type Compared = { readonly runs: number; readonly found: readonly Difference[]; readonly writes: number };

async function compare(runs: AsyncIterable<RealRun>): Promise<Compared> {
  let count = 0;
  let writes = 0;
  const found: Difference[] = [];
  for await (const run of runs) {
    count += 1;
    writes += run.writes.length;
    found.push(...differences(run));
  }
  return { runs: count, found, writes };
}

describeWith(
  ['strace', 'ip', 'python3'],
  'sysctl files resolved as the real loaders of four Debian releases do',
  () => {
    test(
      `attempts, exit status and final values of ${TREES} trees from seed ${FIRST_SEED} on`,
      async () => {
        const had = await realLoaders();
        const gone = COMPARED.filter((loader) => !had.includes(loader));
        if (gone.length > 0) console.warn(`cannot be had, so compared with stored runs: ${gone.join(', ')}`);
        const live = await compare(runLoaders(had, { first: FIRST_SEED, count: TREES }));
        const stored = await compare(committedRuns(gone));
        expect([...live.found, ...stored.found]).toEqual([]);
        expect(live.runs).toBe(had.length * TREES);
        // Most trees come to writes: the comparison is about something.
        expect(live.writes + stored.writes).toBeGreaterThan(live.runs + stored.runs);
      },
      LONGEST_MS,
    );
  },
);
