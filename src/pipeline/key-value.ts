import type { BootRun } from '../assess/boot-run.ts';
import type { Landed, LoaderRun, Step } from '../resolve/loader-run.ts';
import type { LineFailure } from '../resolve/loader-traits.ts';
import type { BootValue, Origin, Shadowed, ShadowReason } from '../resolve/resolution.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';

/**
 * What a key is once the loader has run. `unset`: no line sets it, and it is what the kernel gave it; `value` is that
 * where it is known. `unknown`: `why` says what keeps it from being told.
 */
export type KeyValue = {
  readonly key: SysctlKey;
  readonly kind: 'set' | 'unset' | 'unknown';
  /** As the kernel shows it. */
  readonly value: string | null;
  /** The line that decides it; the value as that line has it. */
  readonly from: (Origin & { readonly value: string }) | null;
  /** The key whose write changes this one along with its own; null where it is written by its own name. */
  readonly through: SysctlKey | null;
  readonly shadowed: readonly Shadowed[];
  readonly why: string | null;
};

const REASONS: Readonly<Record<LineFailure, ShadowReason>> = {
  'unknown-key': 'unknown-key',
  'outside-proc-sys': 'not-writable',
  directory: 'not-writable',
  'read-only': 'not-writable',
  refused: 'refused-value',
  'not-found': 'refused-value',
};

/** Lines that came to nothing, by key. */
export type LostLines = ReadonlyMap<SysctlKey, readonly Shadowed[]>;

function lostReason({ outcome }: Step): ShadowReason | null {
  if (outcome.kind === 'passed-over') return 'passed-over';
  return outcome.kind === 'failed' ? REASONS[outcome.failure] : null;
}

export function lostLines({ steps }: Pick<LoaderRun, 'steps'>): LostLines {
  const lost = new Map<SysctlKey, Shadowed[]>();
  for (const step of steps) {
    const reason = lostReason(step);
    if (reason === null) continue;
    const { file, line, value } = step.candidate.line;
    const key = step.key ?? swapSeparators(step.candidate.path);
    const standing = lost.get(key);
    const each = { file, line, value, reason };
    if (standing === undefined) lost.set(key, [each]);
    else standing.push(each);
  }
  return lost;
}

function isAt(a: Origin, b: Origin): boolean {
  return a.file === b.file && a.line === b.line;
}

/** Why the line that would decide the key does not. */
function whyBeaten(from: Origin & { readonly value: string }, landed: Landed | undefined): Shadowed {
  const { file, line, value } = from;
  return { file, line, value, reason: landed === undefined ? 'not-reached' : 'side-effect' };
}

function shadowedBy(
  boot: BootValue,
  landed: Landed | undefined,
  lost: readonly Shadowed[],
): readonly Shadowed[] {
  const others = boot.shadowed.filter((each) => landed === undefined || !isAt(each, landed.by));
  const places = new Set(lost.map(({ file, line }) => `${file}:${line}`));
  const isLost = ({ file, line }: Origin) => places.has(`${file}:${line}`);
  const loser = boot.kind === 'set' ? { ...boot.from, value: boot.value } : null;
  const beaten =
    loser === null || isLost(loser) || (landed !== undefined && isAt(loser, landed.by))
      ? []
      : [whyBeaten(loser, landed)];
  return [...beaten, ...lost, ...others.filter((each) => !isLost(each))];
}

/** The key as the run leaves it, with every line about it that does not decide. */
export function keyValue(key: SysctlKey, { resolution, run, kernel }: BootRun, lost: LostLines): KeyValue {
  const boot = resolution.bootValue(key);
  const landed = run.landed.get(key);
  const shadowed = shadowedBy(boot, landed, lost.get(key) ?? []);
  if (boot.kind === 'unknown') {
    return { key, kind: 'unknown', value: null, from: null, through: null, shadowed, why: boot.why };
  }
  if (landed === undefined) {
    const value = kernel.initial(swapSeparators(key));
    return { key, kind: 'unset', value, from: null, through: null, shadowed, why: null };
  }
  const { file, line, value } = landed.by;
  const from = { file, line, value };
  return { key, kind: 'set', value: landed.value, from, through: landed.through, shadowed, why: null };
}
