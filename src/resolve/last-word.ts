import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { Outcome } from './outcome.ts';
import type { LastWord, Shadowed, ShadowReason } from './resolution.ts';
import type { Setting } from './settings.ts';

/** A line with a pattern of which nobody knows what it stands for, and whether a path below /proc/sys may be that. */
export type OpenPattern = { readonly setting: Setting; matches(path: string): boolean };

/** Everything that was read, as far as it bears on what the keys will be. */
export type Reading = {
  readonly outcome: Outcome;
  readonly openPatterns: readonly OpenPattern[];
  /** Lines with patterns that are expanded to the key, in the order of writing. */
  readonly expanded: ReadonlyMap<SysctlKey, readonly Setting[]>;
  /** Every assignment by a pattern that the path fits, in the order of reading, whatever becomes of it. */
  patternsFor(path: string): readonly Setting[];
  /** The last line that keeps patterns off the path without setting it; null where none does. */
  exclusionOf(path: string): Setting | null;
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

/** Lines of the same key that the loader reads and that `winner` beats, or says before them. */
function beaten(lines: readonly Setting[], winner: Setting): readonly Shadowed[] {
  if (winner.kind === 'exclusion') return lines.map((each) => shadow(each, 'excluded'));
  return lines
    .filter((each) => each !== winner && (each.file !== winner.file || each.line !== winner.line))
    .map((each) => {
      if (each.order > winner.order) return shadow(each, 'repeated');
      return shadow(each, each.file === winner.file ? 'later-line' : 'later-file');
    });
}

function place({ file, line }: Setting): string {
  return `${file}:${line}`;
}

/** Why the lines do not decide the key; null where they do. @param last the line that has the last word as far as known */
function undecided(
  { unseen, openPatterns }: Reading,
  path: string,
  last: Setting | null,
  shielded: boolean,
): string | null {
  const isBehind = (order: number) => last === null || order > last.order;
  if (unseen !== null && (last === null || last.order < unseen.order)) {
    return `${unseen.file} could not be read and may set it`;
  }
  const pattern = shielded
    ? undefined
    : openPatterns.findLast(({ setting, matches }) => isBehind(setting.order) && matches(path));
  if (pattern === undefined) return null;
  return `the pattern ${swapSeparators(pattern.setting.path)} in ${place(pattern.setting)} may set it`;
}

function besides(reading: Reading, key: SysctlKey): readonly Shadowed[] {
  return [
    ...(reading.masked.get(key) ?? []).map((each) => shadow(each, 'masked-file')),
    ...(reading.notRead.get(key) ?? []).map((each) => shadow(each, 'file-not-read')),
    ...(reading.volatile.get(key) ?? []).map((each) => shadow(each, 'volatile-file')),
  ];
}

/** No line names the key, and no pattern reaches it. */
function keptOff(
  reading: Reading,
  path: string,
  patterns: readonly Setting[],
  aside: readonly Shadowed[],
): LastWord {
  const by = reading.outcome.shields(path) ? reading.exclusionOf(path) : null;
  if (by === null) return { kind: 'unset', shadowed: aside };
  const shadowed = [...patterns.map((each) => shadow(each, 'pattern-kept-off')), ...aside];
  return { kind: 'unset', keptOffBy: { file: by.file, line: by.line }, shadowed };
}

/**
 * What the key will be after a boot. Whether the kernel has the key and takes the value is not judged here, nor what
 * other programs write later.
 */
export function lastWord(reading: Reading, key: SysctlKey): LastWord {
  const { outcome, expanded } = reading;
  const path = swapSeparators(key);
  const named = outcome.standing(key);
  const shielded = outcome.shields(path);
  const lines = reading.read.get(key) ?? [];
  const aside = besides(reading, key);
  const patterns = reading.patternsFor(path);
  if (reading.blocking !== null && (lines.length > 0 || patterns.length > 0)) {
    const why = `the loader waits for somebody to write into the FIFO ${reading.blocking} and sets nothing before`;
    return { kind: 'unknown', why, shadowed: aside };
  }
  const byPattern = expanded.get(key)?.findLast(({ order }) => named === null || order > named.order) ?? null;
  const winner = byPattern ?? named;
  const why = undecided(reading, path, winner, shielded);
  if (why !== null) return { kind: 'unknown', why, shadowed: aside };
  if (winner === null) return keptOff(reading, path, patterns, aside);

  const from = { file: winner.file, line: winner.line };
  if (byPattern !== null) {
    const others = [...lines, ...patterns.filter((each) => each !== winner)];
    return { kind: 'set', value: winner.value, from, shadowed: [...beaten(others, winner), ...aside] };
  }
  const reason: ShadowReason = winner.kind === 'exclusion' ? 'pattern-kept-off' : 'glob-beaten-by-key';
  const shadowed = [...beaten(lines, winner), ...patterns.map((each) => shadow(each, reason)), ...aside];
  return winner.kind === 'exclusion'
    ? { kind: 'unset', excludedBy: from, shadowed }
    : { kind: 'set', value: winner.value, from, shadowed };
}
