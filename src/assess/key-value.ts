import type { Landed, Lost } from '../resolve/loader-run.ts';
import type { LineFailure } from '../resolve/loader-traits.ts';
import type { LastWord, Origin, Shadowed, ShadowReason } from '../resolve/resolution.ts';
import { type SysctlKey, spelledKey, swapSeparators } from '../sysctl/key.ts';
import type { Added, BootRun } from './boot-run.ts';

type About = { readonly key: SysctlKey; readonly shadowed: readonly Shadowed[] };

/** A line with the value as it has it. */
type DecidingLine = Origin & { readonly value: string };

/**
 * What a key is once the loader has run; `value` as the kernel shows it, null where that is not known. `unset`: no line
 * sets it, and it is what the kernel gave it. `whenAdded`: its interface is not there, and this is what the key is once it
 * comes. `unknown`: `why` says what keeps it from being told.
 */
export type KeyValue =
  | (About & {
      readonly kind: 'set';
      readonly value: string | null;
      readonly from: DecidingLine;
      /** The key whose write changes this one along with its own; null where it is written by its own name. */
      readonly through: SysctlKey | null;
      readonly why: null;
      readonly whenAdded?: true;
      /** The line that would have kept the key as it was, had no write of another one changed it along. */
      readonly keptOffBy?: Origin;
    })
  | (About & {
      readonly kind: 'unset';
      readonly value: string | null;
      readonly from: null;
      readonly through: null;
      readonly why: null;
      readonly whenAdded?: true;
      /** The line that takes the key back. */
      readonly excludedBy?: Origin;
      /** The line that keeps patterns off the key. */
      readonly keptOffBy?: Origin;
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

function lostReason({ outcome, candidate }: Lost, isLate: BootRun['isLate']): ShadowReason {
  if (outcome.kind === 'passed-over') return 'passed-over';
  if (outcome.failure === 'unknown-key' && isLate(swapSeparators(candidate.path))) return 'before-module';
  return REASONS[outcome.failure];
}

export function lostLines({ run, isLate }: Pick<BootRun, 'run' | 'isLate'>): LostLines {
  const lost = new Map<SysctlKey, Shadowed[]>();
  for (const nothing of run.lost) {
    const { candidate, key: found } = nothing;
    const { file, line, value } = candidate.line;
    const key = found ?? spelledKey(candidate.path);
    const standing = lost.get(key);
    const each = { file, line, value, reason: lostReason(nothing, isLate) };
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
  const others =
    landed === undefined ? boot.shadowed : boot.shadowed.filter((each) => !isAt(each, landed.by));
  const places = new Set(lost.map(({ file, line }) => `${file}:${line}`));
  // There may be very many lines, and mostly none is lost.
  const isLost = ({ file, line }: Origin) => places.size > 0 && places.has(`${file}:${line}`);
  const loser = boot.kind === 'set' ? { ...boot.from, value: boot.value } : null;
  const beaten =
    loser === null || isLost(loser) || (landed !== undefined && isAt(loser, landed.by))
      ? []
      : [whyBeaten(loser, landed)];
  if (beaten.length === 0 && lost.length === 0) return others;
  return [...beaten, ...lost, ...others.filter((each) => !isLost(each))];
}

function onceAdded(key: SysctlKey, { value, landed }: Added, shadowed: readonly Shadowed[]): KeyValue {
  const common = { key, value, why: null, whenAdded: true } as const;
  if (landed === null) return { ...common, kind: 'unset', from: null, through: null, shadowed };
  const { file, line, value: said } = landed.by;
  const others = shadowed.filter((each) => !isAt(each, landed.by));
  return {
    ...common,
    kind: 'set',
    from: { file, line, value: said },
    through: landed.through,
    shadowed: others,
  };
}

/** The key as the run leaves it, with every line about it that does not decide. */
export function keyValue(key: SysctlKey, boot: BootRun, lost: LostLines): KeyValue {
  const { run, kernel } = boot;
  const last = boot.lastWord(key);
  const landed = run.landed.get(key);
  const shadowed = shadowedBy(last, landed, lost.get(key) ?? []);
  if (last.kind === 'unknown') {
    return { key, kind: 'unknown', value: null, from: null, through: null, shadowed, why: last.why };
  }
  const added = landed === undefined ? boot.whenAdded(swapSeparators(key)) : null;
  if (added !== null) return onceAdded(key, added, shadowed);
  const { excludedBy, keptOffBy } = last.kind === 'unset' ? last : {};
  if (landed === undefined) {
    const value = kernel.initial(swapSeparators(key));
    const by = { ...(excludedBy && { excludedBy }), ...(keptOffBy && { keptOffBy }) };
    return { key, kind: 'unset', value, from: null, through: null, shadowed, why: null, ...by };
  }
  const { file, line, value } = landed.by;
  const from = { file, line, value };
  const { value: stands, through } = landed;
  const kept = keptOffBy ?? excludedBy;
  const by = kept === undefined || through === null ? {} : { keptOffBy: kept };
  return { key, kind: 'set', value: stands, from, through, shadowed, why: null, ...by };
}
