import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import * as z from 'zod';
import { Run, Tree } from './vector.ts';

const TOOLS = path.join(import.meta.dirname, '..', 'tools', 'loaders');
const COMMITTED = path.join(import.meta.dirname, '..', 'fixtures', 'loaders', 'runs.ndjson');

/** All that have patterns and exclusions; the others are held by the vectors. */
export const COMPARED: readonly string[] = [
  'systemd-247',
  'systemd-252',
  'systemd-257',
  'systemd-262',
  'procps-4.0.2',
  'procps-4.0.4',
  'procps-4.0.7',
];

const Before = z.object({ sentinel: z.string(), before: z.record(z.string(), z.string()) });
const Seed = z.object({ seed: z.number(), tree: Tree });
const Line = Run.extend({
  seed: z.number(),
  loader: z.string(),
  changed: z.record(z.string(), z.string().nullable()),
});

const Spoken = z.union([Line, Seed, Before]);

/** What one real loader did with one generated tree. */
export type RealRun = z.infer<typeof Line> & {
  readonly tree: Tree;
  readonly before: Readonly<Record<string, string>>;
};

async function* readRuns(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<RealRun> {
  const before = new Map<string, Readonly<Record<string, string>>>();
  const trees = new Map<number, Tree>();
  for await (const line of lines) {
    const said = Spoken.parse(JSON.parse(line));
    if ('before' in said) before.set(said.sentinel, said.before);
    else if ('tree' in said) trees.set(said.seed, said.tree);
    else {
      const tree = trees.get(said.seed) ?? { files: [] };
      yield { ...said, tree, before: before.get(tree.sentinel ?? 'fresh') ?? {} };
    }
  }
}

/** Fetches the loaders, where they are not there yet, and says which of those that are compared can be had. */
export async function realLoaders(): Promise<readonly string[]> {
  await execa(path.join(TOOLS, 'setup_roots.sh'), { stdin: 'ignore' });
  const { stdout } = await execa('python3', [path.join(TOOLS, 'runs.py'), '--versions'], { stdin: 'ignore' });
  const had = new Set(Object.keys(z.record(z.string(), z.string()).parse(JSON.parse(stdout))));
  return COMPARED.filter((loader) => had.has(loader));
}

/** Runs the loaders over trees made of the seeds, in namespaces of their own. */
export async function* runLoaders(
  loaders: readonly string[],
  seeds: { readonly first: number; readonly count: number },
): AsyncGenerator<RealRun> {
  const last = seeds.first + seeds.count - 1;
  const argv = ['--seeds', `${seeds.first}-${last}`, '--loaders', loaders.join(','), '--jobs', '2'];
  const child = spawn('python3', [path.join(TOOLS, 'runs.py'), ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  yield* readRuns(createInterface({ input: child.stdout }));
  const status = await ended;
  if (status !== 0) throw new Error(`runs.py ended with ${status}`);
}

/** What the real loaders did when the project was made, for those that no mirror offers any more. */
export async function* committedRuns(loaders: readonly string[]): AsyncGenerator<RealRun> {
  for await (const run of readRuns(readFileSync(COMMITTED, 'utf8').trim().split('\n'))) {
    if (loaders.includes(run.loader)) yield run;
  }
}
