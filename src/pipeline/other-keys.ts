import type { Assessment, BootResolution } from '../assess/assessment.ts';
import type { KeyValue } from '../assess/key-value.ts';
import { type Ending, NOBODY, type Outcome } from '../assess/writer-run.ts';
import { endingText } from '../assess/writer-words.ts';
import { valueOr } from '../core/fact.ts';
import { plainText, spaced } from '../core/text.ts';
import type { Origin, ShadowReason } from '../resolve/resolution.ts';
import { drift } from '../rules/support/drift.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import {
  absence,
  IN_STEP,
  type Judged,
  type KeyPlace,
  notKnown,
  SET_AT_BOOT,
  sameOrNull,
} from './key-verdict.ts';

/** A key that sysctl files set and we do not. */
export type OtherKey = Omit<Judged, 'ways'> & {
  readonly key: string;
  readonly live: string | null;
  readonly boot: string | null;
  readonly bootFrom: { readonly file: string; readonly line: number } | null;
};

export function placeOf({ file, line }: Origin): { readonly file: string; readonly line: number } {
  return { file, line };
}

const IN_VAIN: Readonly<Partial<Record<ShadowReason, string>>> = {
  'masked-file': 'is in a file that another of its name hides',
  'file-not-read': 'is in a file that the loader does not read at boot',
  'volatile-file': 'is in a file below /run, which the next boot does not find',
  'unknown-key': 'names a key that the kernel does not have',
  'refused-value': 'sets a value that the kernel refuses',
  'not-writable': 'names nothing that can be written',
  'passed-over': 'is passed over: the loader never sets a key of that name',
  'not-reached': 'is not reached: the loader ends before',
};

/** Nothing sets it at boot although a line names it. */
function unset(boot: Extract<KeyValue, { kind: 'unset' }>): Omit<Judged, 'ways'> {
  const { excludedBy, shadowed } = boot;
  if (excludedBy !== undefined)
    return { verdict: 'shadowed', why: `${excludedBy.file}:${excludedBy.line} takes the key back` };
  // Those of the files that are read stand first.
  const line = shadowed.find(({ reason }) => IN_VAIN[reason] !== undefined);
  const why = line === undefined ? null : `${line.file}:${line.line} ${IN_VAIN[line.reason]}`;
  return { verdict: 'shadowed', why };
}

type Place = { readonly key: SysctlKey; readonly place: KeyPlace; readonly assessment: Assessment };

function changesAtBoot(resolution: BootResolution, { key, place, assessment }: Place): boolean {
  const { namespace } = place;
  return (
    drift(key, {
      resolution,
      writers: assessment.writers,
      sysctls: { raw: (each) => valueOr(namespace.live(each), null) },
      isHostWide: namespace.isHostWide,
    }) !== null
  );
}

/** What comes of the key once all have come. */
function outcomeOf(boot: KeyValue, { writers }: Assessment): Outcome {
  return boot.kind === 'set' && boot.value !== null ? writers.outcome(boot.key, boot.value) : NOBODY;
}

/** @param boot what the files leave */
export function behindTheFiles(key: SysctlKey, boot: string, ending: Ending): string {
  return `the files set ${key} to ${spaced(boot)} at boot, and then ${plainText(endingText(ending))}`;
}

export function placeOfEnding({ by: { file, line } }: Ending): OtherKey['bootFrom'] {
  return line === undefined ? null : { file, line };
}

function judgeEnding(
  key: SysctlKey,
  live: string | null,
  boot: string,
  ending: Ending,
): Omit<Judged, 'ways'> {
  if (sameOrNull(key, live, ending.value)) return IN_STEP;
  return live === null
    ? notKnown('the live value could not be read')
    : { verdict: 'changes-at-boot', why: behindTheFiles(key, boot, ending) };
}

function judge(
  boot: KeyValue,
  live: string | null,
  { ending, rivals }: Outcome,
  resolution: BootResolution,
  at: Place,
): Omit<Judged, 'ways'> {
  const { key, place } = at;
  if (boot.kind === 'set' && boot.whenAdded) return { verdict: 'set-when-added', why: null };
  const isTried = boot.kind === 'set' || boot.shadowed.some(({ reason }) => reason === 'before-module');
  const missing = absence(key, place, isTried);
  if (missing !== null) return missing;
  if (boot.kind === 'unknown') return notKnown(boot.why);
  if (boot.kind === 'unset') return unset(boot);
  if (boot.value === null) return notKnown('what the kernel makes of the value is not known');
  if (rivals.length > 0)
    return notKnown('other programs set it too, and what stands in the end cannot be told');
  if (!place.liveSeen) return SET_AT_BOOT;
  if (ending !== null) return judgeEnding(key, live, boot.value, ending);
  if (changesAtBoot(resolution, at)) return { verdict: 'changes-at-boot', why: null };
  if (sameOrNull(key, live, boot.value)) return IN_STEP;
  return live === null
    ? notKnown('the live value could not be read')
    : notKnown('the kernel does not keep what the line sets');
}

/** Every key that a line in a file names, or that a pattern is expanded to. */
export function otherKeys(assessment: Assessment, place: KeyPlace): readonly OtherKey[] {
  const { resolution } = assessment;
  if (resolution === null) return [];
  return [...resolution.keys()].sort().map((key) => {
    const live = valueOr(place.namespace.live(key), null);
    const boot = resolution.bootValue(key);
    const outcome = outcomeOf(boot, assessment);
    const { verdict, why } = judge(boot, live, outcome, resolution, { key, place, assessment });
    const { ending } = outcome;
    if (ending !== null)
      return { key, live, boot: ending.value, bootFrom: placeOfEnding(ending), verdict, why };
    const from = boot.from === null ? null : placeOf(boot.from);
    return { key, live, boot: boot.value, bootFrom: from, verdict, why };
  });
}
