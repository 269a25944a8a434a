import type { Assessment } from '../assess/assessment.ts';
import { keysNamedIn } from '../collect/named-keys.ts';
import type { BootValue, ShadowReason } from '../resolve/resolution.ts';
import { runRules } from '../rules/engine.ts';
import { liveDiffersFromBoot } from '../rules/sysctl/live-differs-from-boot.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { absence, IN_STEP, type Judged, type KeyPlace, notKnown, sameOrNull } from './key-verdict.ts';

/** A key that sysctl files set and we do not. */
export type OtherKey = Omit<Judged, 'ways'> & {
  readonly key: string;
  readonly live: string | null;
  readonly boot: string | null;
  readonly bootFrom: { readonly file: string; readonly line: number } | null;
};

/** Keys whose live value is not what the files set at the next boot, as an audit finds them. */
export function keysThatDiffer(assessment: Assessment): readonly SysctlKey[] {
  const { findings } = runRules(assessment, { rules: [liveDiffersFromBoot], waivers: [], today: '' });
  // No file sets these.
  const ofFiles = findings.filter(({ messageId }) => messageId !== 'onlyLive');
  return ofFiles.flatMap(({ subjects }) => subjects.map(({ id }) => id));
}

const UNREAD: Readonly<Partial<Record<ShadowReason, string>>> = {
  'masked-file': 'is in a file that another of its name hides',
  'file-not-read': 'is in a file that the loader does not read at boot',
  'volatile-file': 'is in a file below /run, which the next boot does not find',
};

function unreadText({ shadowed }: BootValue): string | null {
  const line = shadowed.at(-1);
  const why = line === undefined ? undefined : UNREAD[line.reason];
  return line === undefined || why === undefined ? null : `${line.file}:${line.line} ${why}`;
}

/** Nothing sets it at boot although a line names it. */
function unset(boot: Extract<BootValue, { kind: 'unset' }>): Omit<Judged, 'ways'> {
  const { excludedBy } = boot;
  const why =
    excludedBy === undefined ? unreadText(boot) : `${excludedBy.file}:${excludedBy.line} takes the key back`;
  return { verdict: 'shadowed', why };
}

function judge(
  key: SysctlKey,
  boot: BootValue,
  live: string | null,
  place: KeyPlace,
  differs: boolean,
): Omit<Judged, 'ways'> {
  const missing = absence(key, place, boot.kind === 'set');
  if (missing !== null) return missing;
  if (boot.kind === 'unknown') return notKnown(boot.why);
  if (boot.kind === 'unset') return unset(boot);
  if (differs) return { verdict: 'changes-at-boot', why: null };
  if (!place.liveSeen || sameOrNull(key, live, boot.value)) return IN_STEP;
  return live === null
    ? notKnown('the live value could not be read')
    : notKnown('the kernel does not keep what the line sets');
}

/** A line of an exclusion alone sets nothing, nor does one that names what is no key. */
function isSet(key: SysctlKey, { resolution }: Assessment): boolean {
  return (resolution?.linesOf(key).length ?? 0) > 0;
}

/** @param differing as the audit finds them */
export function otherKeys(
  assessment: Assessment,
  place: KeyPlace,
  differing: ReadonlySet<SysctlKey>,
): readonly OtherKey[] {
  const { resolution, snapshot } = assessment;
  if (resolution === null) return [];
  const keys = [...keysNamedIn(snapshot.sysctlFiles ?? []).keys].filter((key) => isSet(key, assessment));
  return keys.sort().map((key) => {
    const now = place.namespace.live(key);
    const live = now.ok ? now.value : null;
    const boot = resolution.bootValue(key);
    const { verdict, why } = judge(key, boot, live, place, differing.has(key));
    const decided = boot.kind === 'set' ? boot : null;
    const from = decided === null ? null : { ...decided.from };
    return { key, live, boot: decided?.value ?? null, bootFrom: from, verdict, why };
  });
}
