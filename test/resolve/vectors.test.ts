import { describe, expect, it } from '@jest/globals';
import { type LoaderRun, runLoader } from '../../src/resolve/loader-run.ts';
import type { LoaderTraits } from '../../src/resolve/loader-traits.ts';
import type { Resolution } from '../../src/resolve/resolution.ts';
import { type ResolveOptions, resolve } from '../../src/resolve/resolve.ts';
import { swapSeparators } from '../../src/sysctl/key.ts';
import { type Pair, perByte, traitsOf, tried } from './compare.ts';
import { inventory, kernelBefore, type Run, sysctlFiles, type Vector, vectors } from './vector.ts';

/** Where the kernel takes the first number and a blank, busybox writes the rest once more. */
function withoutRests(writes: Run['writes']): Run['writes'] {
  return writes.filter(([key, data], index) => {
    const before = writes[index - 1];
    return before?.[0] !== key || before[1] === data || !before[1].endsWith(data);
  });
}

/**
 * A line without `=`, which procps 3.3.17 turns into a write of `=` and what an earlier line left in its buffer: we
 * say that it mishandles the line, and not what it writes.
 */
const GARBLED: ReadonlySet<string> = new Set([
  '30-glob-exclude-fresh',
  '32-exclude-kills-explicit',
  '34-exclude-in-later-file',
  '46-glob-dotted-iface',
  '98-debian-default-vs-admin-glob',
  '108-ipv6-disable-exclude-moot',
]);

function realAttempts({ name, loader, run }: { name: string; loader: string; run: Run }): readonly Pair[] {
  if (run.attempts !== undefined) return run.attempts;
  if (loader.startsWith('busybox')) return tried(withoutRests(run.writes));
  const all = tried(run.writes);
  return loader.startsWith('procps-3.3.17') && GARBLED.has(name)
    ? all.filter(([, value]) => value !== '=')
    : all;
}

/** `systemd-252 [prefix:/net/ipv4/conf/eth0.1]`, `procps-4.0.2 [p]` */
function modeOf(loader: string): { readonly name: string; readonly mode: string } {
  const [, name = '', mode = ''] = /^(\S+)(?: \[(.*)\])?$/.exec(loader) ?? [];
  return { name, mode };
}

const INVENTORY = inventory();

function resolved({ tree }: Vector, loader: string, options: ResolveOptions = {}): Resolution {
  const { name, mode } = modeOf(loader);
  const traits = traitsOfRun(name, mode);
  const prefix = /^prefix:\/(.*)$/.exec(mode)?.[1];
  const whole = resolve(sysctlFiles(tree.files), traits, { inventory: INVENTORY, ...options });
  return prefix === undefined ? whole : { ...whole, candidates: whole.candidatesBelow(prefix) };
}

/** busybox was given the files of /etc/sysctl.d by name. */
function traitsOfRun(name: string, mode: string): LoaderTraits {
  if (mode === 'p') return { ...traitsOf(name), directories: [] };
  return name.startsWith('busybox')
    ? { ...traitsOf(name), directories: ['/etc/sysctl.d'], mainFile: 'read-last' }
    : traitsOf(name);
}

function ran(vector: Vector, loader: string): LoaderRun {
  const traits = traitsOf(modeOf(loader).name);
  return runLoader(resolved(vector, loader), traits, kernelBefore(vector.tree, vector.before));
}

const RUNS = vectors().flatMap((vector) =>
  vector.expected.flatMap(({ loaders, ...run }) =>
    loaders.map((loader) => ({ vector, loader, run, name: vector.name, desc: vector.desc })),
  ),
);

describe('what the real loaders did', () => {
  it('covers all vectors, and all loaders', () => {
    expect(vectors()).toHaveLength(54);
    expect(new Set(RUNS.map(({ loader }) => modeOf(loader).name)).size).toBe(12);
  });

  it.each(RUNS)('$name, $loader: $desc', (each) => {
    const { attempts, exitStatus, landed, messages } = ran(each.vector, each.loader);
    expect(attempts.map(({ key, value }) => [perByte(key), perByte(value)])).toEqual(realAttempts(each));
    expect([exitStatus, exitStatus === each.run.exit ? [] : messages]).toEqual([each.run.exit, []]);
    if (each.loader.startsWith('procps-3.3.17') && GARBLED.has(each.name))
      expect(messages.map(({ message }) => message)).toContainEqual(expect.stringContaining('mishandles'));
    if (each.run.changed === undefined) return;
    const { initial } = kernelBefore(each.vector.tree, each.vector.before);
    const changed = [...landed]
      .filter(([key, { value }]) => value !== initial(swapSeparators(key)))
      .map(([key, { value }]) => [key, value]);
    expect(Object.fromEntries(changed)).toEqual(each.run.changed);
  });

  it('compares what the kernel shows then wherever that was recorded', () => {
    expect(RUNS.filter(({ run }) => run.changed !== undefined).length).toBeGreaterThan(500);
  });
});
