import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { Inventory } from './expand.ts';
import type { Outcome } from './outcome.ts';
import type { BootValue, Shadowed, ShadowReason } from './resolution.ts';
import type { Setting } from './settings.ts';

/** A line with a pattern, and whether it stands for a path below /proc/sys. */
export type Pattern = { readonly setting: Setting; matches(path: string): boolean };

/** Everything that was read, as far as it bears on what the keys will be. */
export type Reading = {
  readonly outcome: Outcome;
  readonly patterns: readonly Pattern[];
  /** Assignments by key: in the files that the loader reads, and in those that it does not. */
  readonly read: ReadonlyMap<SysctlKey, readonly Setting[]>;
  readonly masked: ReadonlyMap<SysctlKey, readonly Setting[]>;
  readonly notRead: ReadonlyMap<SysctlKey, readonly Setting[]>;
  /** In files that the next boot does not find. */
  readonly volatile: ReadonlyMap<SysctlKey, readonly Setting[]>;
  /** A file that the loader reads and we could not; `order` is that of the next line behind it. */
  readonly unseen: { readonly file: string; readonly order: number } | null;
  /** A file that the loader waits for without end. */
  readonly blocking: string | null;
};

function shadow({ file, line, value }: Setting, reason: ShadowReason): Shadowed {
  return { file, line, value, reason };
}

/** Lines of the same key that the loader reads and that `winner` beats. */
function beaten(lines: readonly Setting[], winner: Setting): readonly Shadowed[] {
  if (winner.kind === 'exclusion') return lines.map((each) => shadow(each, 'excluded'));
  return lines
    .filter((each) => each.order < winner.order)
    .map((each) => shadow(each, each.file === winner.file ? 'later-line' : 'later-file'));
}

/** The lines whose patterns may reach the key. */
function touching(patterns: readonly Pattern[], key: SysctlKey): readonly Setting[] {
  const path = swapSeparators(key);
  return patterns.filter(({ matches }) => matches(path)).map(({ setting }) => setting);
}

function place({ file, line }: Setting): string {
  return `${file}:${line}`;
}

/** The pattern that has the last word on the key, where it is expanded to it; null where none has. */
function deciding(
  { unseen }: Reading,
  by: Setting | null,
  shielded: boolean,
  patterns: readonly Setting[],
): Setting | null {
  if (shielded || unseen !== null) return null;
  return patterns.findLast((each) => by === null || each.order > by.order) ?? null;
}

function setByPattern(
  winner: Setting,
  lines: readonly Setting[],
  patterns: readonly Setting[],
  aside: readonly Shadowed[],
): BootValue {
  const others = [...lines, ...patterns.filter((each) => each !== winner)];
  const shadowed = [...beaten(others, winner), ...aside];
  return { kind: 'set', value: winner.value, from: { file: winner.file, line: winner.line }, shadowed };
}

/** Why the lines do not decide the key; null where they do. */
function undecided(
  reading: Reading,
  by: Setting | null,
  shielded: boolean,
  patterns: readonly Setting[],
): string | null {
  const { unseen } = reading;
  if (unseen !== null && (by === null || by.order < unseen.order)) {
    return `${unseen.file} could not be read and may set it`;
  }
  const pattern = shielded ? undefined : patterns.findLast((each) => by === null || each.order > by.order);
  if (pattern === undefined) return null;
  return `the pattern ${swapSeparators(pattern.path)} in ${place(pattern)} may set it`;
}

function besides(reading: Reading, key: SysctlKey): readonly Shadowed[] {
  return [
    ...(reading.masked.get(key) ?? []).map((each) => shadow(each, 'masked-file')),
    ...(reading.notRead.get(key) ?? []).map((each) => shadow(each, 'file-not-read')),
    ...(reading.volatile.get(key) ?? []).map((each) => shadow(each, 'volatile-file')),
  ];
}

/**
 * What the key will be after a boot. Whether the kernel has the key and takes the value is not judged here, nor what
 * other programs write later.
 */
export function bootValue(reading: Reading, key: SysctlKey, inventory?: Inventory): BootValue {
  const { by, shielded } = reading.outcome.standing(key);
  const lines = reading.read.get(key) ?? [];
  const aside = besides(reading, key);
  const patterns = touching(reading.patterns, key);
  if (reading.blocking !== null && (lines.length > 0 || patterns.length > 0)) {
    const why = `the loader waits for somebody to write into the FIFO ${reading.blocking} and sets nothing before`;
    return { kind: 'unknown', why, shadowed: aside };
  }
  const pattern = deciding(reading, by, shielded, patterns);
  if (pattern !== null && inventory?.has(swapSeparators(key)) === true)
    return setByPattern(pattern, lines, patterns, aside);
  const why = undecided(reading, by, shielded, patterns);
  if (why !== null) return { kind: 'unknown', why, shadowed: aside };
  if (by === null) return { kind: 'unset', shadowed: aside };

  const reason: ShadowReason = by.kind === 'exclusion' ? 'excluded' : 'glob-beaten-by-key';
  const from = { file: by.file, line: by.line };
  const shadowed = [...beaten(lines, by), ...patterns.map((each) => shadow(each, reason)), ...aside];
  return by.kind === 'exclusion'
    ? { kind: 'unset', excludedBy: from, shadowed }
    : { kind: 'set', value: by.value, from, shadowed };
}
