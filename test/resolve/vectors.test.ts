import { describe, expect, it } from '@jest/globals';
import { loaderTraits, parseLoaderName } from '../../src/resolve/loader-traits.ts';
import type { Resolution } from '../../src/resolve/resolution.ts';
import { type ResolveOptions, resolve } from '../../src/resolve/resolve.ts';
import { swapSeparators } from '../../src/sysctl/key.ts';
import { inventory, knownKeys, sysctlFiles, type Vector, vectors } from './vector.ts';

/** Of 54 vectors 51 stand in the fixtures. What the other three need is read elsewhere: */
const LEFT_OUT: Readonly<Record<string, string>> = {
  '86-credentials': 'a systemd credential is applied after the files',
  '106-credential-exclude': 'a systemd credential is applied after the files',
  '88-prefix-exclude': 'the run of udev for one interface, --prefix',
};

/** What systemd 247 alone does: it writes through `..`, which later ones refuse. */
const OTHERWISE: Readonly<Record<string, string>> = {
  '52-path-traversal systemd-247': 'writes through ..',
};

const LOADERS = [
  'systemd-247',
  'systemd-252',
  'systemd-257',
  'systemd-262',
  'procps-4.0.2',
  'procps-4.0.4',
  'procps-4.0.7',
];

type Pair = readonly [key: string, value: string];

/** procps tries a write that ended in EINVAL once more. */
function tried(writes: NonNullable<Vector['expected'][string]['writes']>): readonly Pair[] {
  const attempts: Pair[] = [];
  let retried = false;
  for (const [index, [key, data, error]] of writes.entries()) {
    const before = writes[index - 1];
    retried = !retried && before?.[2] === 'EINVAL' && before[0] === key && before[1] === data;
    if (!retried) attempts.push([key, data.replace(/\n$/, '')]);
    if (error !== 'EINVAL') retried = false;
  }
  return attempts;
}

function realAttempts(vector: Vector, loader: string): readonly Pair[] | null {
  const run = vector.expected[loader];
  if (run === undefined) return null;
  return run.attempts ?? tried(run.writes ?? []);
}

const INVENTORY = inventory();

function resolved(vector: Vector, loader: string, options: ResolveOptions = {}): Resolution {
  const name = parseLoaderName(loader);
  if (name === null) throw new TypeError(loader);
  return resolve(sysctlFiles(vector.files), loaderTraits(name.kind, name.version), options);
}

const KNOWN = knownKeys();

/** The fixtures hold one character per byte. */
function perByte(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function ourAttempts(resolution: Resolution, loader: string): readonly Pair[] {
  const pairs = resolution.attempts.map(({ key, value }): Pair => [perByte(key), perByte(value)]);
  // An unknown key fails at opening, which leaves no write in the trace.
  return loader.startsWith('procps') ? pairs.filter(([key]) => KNOWN.has(key)) : pairs;
}

const WRITABLE = 0o200;

function isWritten(key: string): boolean {
  const entry = INVENTORY.get(swapSeparators(key));
  return entry?.kind === 'file' && (entry.mode & WRITABLE) !== 0;
}

/** A key that is not there, or not to be written, fails at opening: that leaves no write in the trace of procps. */
function expandedAttempts(resolution: Resolution, loader: string): readonly Pair[] {
  return resolution.attempts
    .filter(({ key }) => !loader.startsWith('procps') || isWritten(key))
    .map(({ key, value }): Pair => [perByte(key), perByte(value)]);
}

function runs(fixture: string) {
  return vectors(fixture).flatMap((vector) =>
    LOADERS.flatMap((loader) => {
      const real = realAttempts(vector, loader);
      const otherwise = `${vector.name} ${loader}` in OTHERWISE;
      return real === null || otherwise
        ? []
        : [{ vector, loader, real, name: vector.name, desc: vector.desc }];
    }),
  );
}

const NAMED = runs('named-keys.json');
const PATTERNS = runs('patterns.json');

describe('what the real loaders wrote', () => {
  it(`covers ${NAMED.length} runs of keys by name and ${PATTERNS.length} with patterns`, () => {
    const names = new Set([...NAMED, ...PATTERNS].map(({ name }) => name));
    expect(names.size + Object.keys(LEFT_OUT).length).toBe(54);
    expect(new Set(NAMED.map(({ loader }) => loader))).toEqual(new Set(LOADERS));
  });

  it.each(NAMED)('$name, $loader: $desc', ({ vector, loader, real }) => {
    const resolution = resolved(vector, loader);
    expect(ourAttempts(resolution, loader)).toEqual(real);
  });

  it.each(NAMED)('$name, $loader: the last write of a key is its boot value', ({ vector, loader, real }) => {
    const resolution = resolved(vector, loader);
    const last = new Map(real);
    for (const key of KNOWN) {
      const boot = resolution.bootValue(key);
      const value = last.get(key);
      expect(boot.kind === 'set' ? perByte(boot.value) : boot.kind).toBe(value ?? 'unset');
    }
  });

  it.each([...NAMED, ...PATTERNS])(
    '$name, $loader: with what stands below /proc/sys, every attempt in its order ($desc)',
    ({ vector, loader, real }) => {
      const resolution = resolved(vector, loader, { inventory: INVENTORY });
      expect(expandedAttempts(resolution, loader)).toEqual(real);
    },
  );

  it.each(PATTERNS)(
    '$name, $loader: with what stands below /proc/sys, the last attempt is the boot value ($desc)',
    ({ vector, loader, real }) => {
      const resolution = resolved(vector, loader, { inventory: INVENTORY });
      const last = new Map(real);
      for (const path of INVENTORY.keys()) {
        const key = swapSeparators(path);
        const boot = resolution.bootValue(key);
        if (INVENTORY.get(path)?.kind === 'file')
          expect([key, boot.kind === 'set' ? boot.value : boot.kind]).toEqual([
            key,
            last.get(key) ?? 'unset',
          ]);
      }
    },
  );

  it.each(PATTERNS)(
    '$name, $loader: never claims what a pattern decides ($desc)',
    ({ vector, loader, real }) => {
      const resolution = resolved(vector, loader);
      const last = new Map(real);
      for (const key of KNOWN) {
        const boot = resolution.bootValue(key);
        if (boot.kind === 'set') expect([key, boot.value]).toEqual([key, last.get(key)]);
        // Every known key existed, so what a pattern may set it did set.
        expect([key, boot.kind === 'unset']).toEqual([key, !last.has(key)]);
      }
    },
  );
});
