import { expect, test } from '@jest/globals';
import { differences } from './real-loaders.ts';
import { COMPARED, committedRuns } from './real-runs.ts';

test('what the real loaders did with stored trees is what we say of them', async () => {
  const counts = new Map<string, number>();
  for await (const run of committedRuns(COMPARED)) {
    counts.set(run.loader, (counts.get(run.loader) ?? 0) + 1);
    expect(differences(run)).toEqual([]);
  }
  expect([...counts.keys()].sort()).toEqual([...COMPARED].sort());
  expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(40);
});
