import { type LoaderTraits, loaderTraits, parseLoaderName } from '../../src/resolve/loader-traits.ts';
import type { Run } from './vector.ts';

export type Pair = readonly [key: string, value: string];

/** procps tries a write that ended in EINVAL once more. */
export function tried(writes: Run['writes']): readonly Pair[] {
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

export function traitsOf(name: string): LoaderTraits {
  const parsed = parseLoaderName(name);
  if (parsed === null) throw new TypeError(name);
  return loaderTraits(parsed.kind, parsed.version);
}

/** The fixtures hold one character per byte. */
export function perByte(text: string): string {
  return Buffer.from(text).toString('latin1');
}
