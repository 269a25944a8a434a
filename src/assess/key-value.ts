import type { Landed, Step } from '../resolve/loader-run.ts';
import type { LineFailure } from '../resolve/loader-traits.ts';
import type { LastWord, Origin, Shadowed, ShadowReason } from '../resolve/resolution.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { BootRun } from './boot-run.ts';

type About = { readonly key: SysctlKey; readonly shadowed: readonly Shadowed[] };

/** A line with the value as it has it. */
type DecidingLine = Origin & { readonly value: string };

/**
 * What a key is once the loader has run; `value` as the kernel shows it, null where that is not known. `unset`: no line
 * sets it, and it is what the kernel gave it. `unknown`: `why` says what keeps it from being told.
 */
export type KeyValue =
  | (About & {
      readonly kind: 'set';
      readonly value: string | null;
      readonly from: DecidingLine;
      /** The key whose write changes this one along with its own; null where it is written by its own name. */
      readonly through: SysctlKey | null;
      readonly why: null;
    })
  | (About & {
      readonly kind: 'unset';
      readonly value: string | null;
      readonly from: null;
      readonly through: null;
      readonly why: null;
      /** The line that takes the key back. */
      readonly excludedBy?: Origin;
    })
  | (About & {
      readonly kind: 'unknown';
      readonly value: null;
      readonly from: null;
      readonly through: null;
      readonly why: string;
    });

export type SetAtBoot = Extract<KeyValue, { readonly kind: 'set' }>;

/** What stands at the end; where it is not known what the kernel makes of a line, what the line says. */
export function textAtBoot({ value, from, through }: SetAtBoot): string {
  return value ?? (through === null ? from.value : '');
}

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

function lostReason({ outcome, candidate }: Step, isLate: BootRun['isLate']): ShadowReason | null {
  if (outcome.kind === 'passed-over') return 'passed-over';
  if (outcome.kind !== 'failed') return null;
  if (outcome.failure === 'unknown-key' && isLate(swapSeparators(candidate.path))) return 'before-module';
  return REASONS[outcome.failure];
}

export function lostLines({ run: { steps }, isLate }: Pick<BootRun, 'run' | 'isLate'>): LostLines {
  const lost = new Map<SysctlKey, Shadowed[]>();
  for (const step of steps) {
    const reason = lostReason(step, isLate);
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
function whyBeaten(from: DecidingLine, landed: Landed | undefined): Shadowed {
  const { file, line, value } = from;
  return { file, line, value, reason: landed === undefined ? 'not-reached' : 'side-effect' };
}

function shadowedBy(
  boot: LastWord,
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
  const boot = resolution.lastWord(key);
  const landed = run.landed.get(key);
  const shadowed = shadowedBy(boot, landed, lost.get(key) ?? []);
  if (boot.kind === 'unknown') {
    return { key, kind: 'unknown', value: null, from: null, through: null, shadowed, why: boot.why };
  }
  if (landed === undefined) {
    const value = kernel.initial(swapSeparators(key));
    const excluded = boot.kind === 'unset' ? boot.excludedBy : undefined;
    const by = excluded === undefined ? {} : { excludedBy: excluded };
    return { key, kind: 'unset', value, from: null, through: null, shadowed, why: null, ...by };
  }
  const { file, line, value } = landed.by;
  const from = { file, line, value };
  return { key, kind: 'set', value: landed.value, from, through: landed.through, shadowed, why: null };
}
