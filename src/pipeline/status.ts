import type { Transaction } from '../apply/journal.ts';
import type { Outlook } from '../apply/outlook.ts';
import { active } from '../apply/rollback.ts';
import { type Moment, type Waiting, waitingOf } from '../apply/waiting.ts';
import { assess } from '../assess/assess.ts';
import type { Assessment, BootResolution, NamespaceAssessment } from '../assess/assessment.ts';
import { lazy } from '../assess/lazy.ts';
import type { Ending } from '../assess/writer-run.ts';
import { changeWriter } from '../assess/writer-words.ts';
import { plainText } from '../core/text.ts';
import { inWords, type Way } from '../core/way.ts';
import { dropInValues, standingLines } from '../plan/drop-in.ts';
import { fileReadAt, isEtcSysctlFile } from '../plan/files.ts';
import { lostLine } from '../plan/lost-line.ts';
import type { Ours, Written } from '../plan/ours.ts';
import { keptFromBoot, nameThatWins } from '../plan/wins-at-boot.ts';
import { type Surroundings, withoutUs } from '../plan/without-us.ts';
import type { LoaderKind } from '../snapshot/host.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { sameSetting } from '../sysctl/catalogue.ts';
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
import { behindTheFiles, type OtherKey, otherKeys, placeOf, placeOfEnding } from './other-keys.ts';

export type KeyStatus = Judged & {
  readonly key: string;
  /** What we set. */
  readonly planned: string;
  readonly live: string | null;
  readonly boot: string | null;
  /** The line that decides at boot, be it another program's; null where none does, and the kernel's own value comes. */
  readonly bootFrom: { readonly file: string; readonly line: number } | null;
};

export type Status = {
  readonly keys: readonly KeyStatus[];
  /** What a run left in the middle: the next apply or rollback ends it. */
  readonly unfinished: readonly Outlook[];
  /** What goes back by itself unless somebody confirms it. */
  readonly waiting: Waiting | null;
  /** False where the journal is for root alone to read, and of a snapshot, which has none. */
  readonly journalSeen: boolean;
  /** False where there are none at all, as of an image, whose kernel does not run. */
  readonly liveSeen: boolean;
  /** Keys that are none of ours, that sysctl files set and whose live value is another one. */
  readonly othersDiffer: readonly string[];
  /** Every key that is none of ours and that a sysctl file sets; null where nobody asked. */
  readonly others: readonly OtherKey[] | null;
};

export type StatusRequest = {
  readonly snapshot: Snapshot;
  readonly ours: Ours;
  /** null where the journal could not be read: then only the drop-in tells what is ours. */
  readonly transactions: readonly Transaction[] | null;
  readonly unfinished: readonly Outlook[];
  readonly now: Moment;
  /** As in AssessOptions. */
  readonly loader?: { readonly kind: LoaderKind; readonly version: string | null };
  /** Whether keys that are none of ours are wanted too. */
  readonly all: boolean;
  /** What is typed to apply the same again, on the same host or image. */
  readonly apply: string;
  /** Whether a load was stated then, which is kept nowhere: it has to be added to what is typed. */
  readonly forLoad?: boolean;
};

/** @param options besides those of what is applied again */
function byApplying(
  instruction: string,
  { apply, forLoad = false }: StatusRequest,
  ...options: readonly string[]
): Way {
  const load = forLoad ? ', with the options of the load that it was given' : '';
  return { instruction: `${instruction}${load}`, command: [apply, ...options].join(' ') };
}

type Boot = Pick<KeyStatus, 'boot' | 'bootFrom'>;

function bootOf(key: string, resolution: BootResolution | null, around: Surroundings): Boot {
  const boot = resolution?.bootValue(key);
  if (boot?.kind === 'set') return { boot: boot.value, bootFrom: placeOf(boot.from) };
  // No file sets it, ours neither: what it would be without us is what it will be.
  const own = boot?.kind === 'unset' ? withoutUs(key, around)?.boot : undefined;
  return { boot: own?.kind === 'kernel' ? own.value : null, bootFrom: null };
}

/** What the drop-in set when we last wrote it; null where no transaction that stands did. */
function journaledDropIn(transactions: readonly Transaction[], path: string): string | null {
  const steps = active(transactions).flatMap(({ intent }) => intent.plan.steps);
  const last = steps.findLast((step) => step.kind === 'file' && step.target.path === path);
  return last?.kind === 'file' ? (last.to?.text ?? null) : null;
}

/** What was put back where it was before us, and what a boot has ended, is no longer ours to watch. */
function isWatched(key: string, { value, baseline, sameBoot }: Written, kept: boolean): boolean {
  return kept || (sameBoot && !sameSetting(key, value, baseline));
}

/** What all keys of ours are judged by. */
type Host = {
  readonly request: StatusRequest;
  readonly assessment: Assessment;
  readonly place: KeyPlace;
  readonly around: Surroundings;
  /** Of our drop-in, as it stands. */
  readonly lines: ReadonlyMap<SysctlKey, string>;
  /** Whether the key was written to outlive a boot. */
  readonly isKept: (key: SysctlKey) => boolean;
  /** The name under which no line of ours is beaten, worked out where one is. */
  readonly winningName: () => string | null;
};

/** Something else than a file stands in the place of ours, most often a link to /dev/null. */
function maskedText({ request: { snapshot, ours } }: Host): string | null {
  const { path } = ours.dropIn;
  const standing = snapshot.sysctlFiles?.find((file) => file.path === path);
  if (standing === undefined || standing.kind === 'file') return null;
  const what = standing.target === undefined ? `a ${standing.kind}` : `a link to ${standing.target}`;
  return `${path} is ${what}, so the lines that we wrote there are not read`;
}

/** Our line does not decide the key at boot; null where it does, or there is none. */
function beaten(key: SysctlKey, host: Host): Judged | null {
  const { request, assessment, lines } = host;
  const value = lines.get(key);
  const masked = host.isKept(key) ? maskedText(host) : null;
  if (masked !== null) {
    const ways = [byApplying('remove it, and write ours again', request)];
    return { verdict: 'shadowed', why: masked, ways };
  }
  const { path } = request.ours.dropIn;
  const boot = assessment.resolution?.bootValue(key);
  const lost = value === undefined || boot === undefined ? null : lostLine({ key, value }, boot, path);
  if (lost === null) return null;
  if (lost.kind === 'unknown') return notKnown(lost.message, ...lost.ways);
  const { loaderMask } = assessment;
  if (lost.kind === 'no-loader' && loaderMask !== null) {
    const { message, ways } = keptFromBoot(loaderMask, request.ours.dropIn.path);
    return { verdict: 'shadowed', why: message, ways: inWords(ways) };
  }
  const name = lost.kind === 'shadowed' ? host.winningName() : null;
  const rename =
    name === null ? [] : [byApplying('let our file be read after it', request, '--file-name', name)];
  const files = request.snapshot.sysctlFiles ?? [];
  const winner = lost.at === undefined ? null : fileReadAt(lost.at.file, files);
  const takeOver =
    winner !== null && winner.path !== path && isEtcSysctlFile(winner.path)
      ? [byApplying('have the line commented out, until a rollback brings it back', request, '--takeover')]
      : [];
  return { verdict: 'shadowed', why: lost.message, ways: [...rename, ...takeOver, ...inWords(lost.ways)] };
}

/** `boot` is what stands once all have come. */
type Values = Pick<KeyStatus, 'planned' | 'live' | 'boot'>;

/** What the files leave, and who makes something else of it. */
type Ended = { readonly boot: string | null; readonly ending: Ending | null };

/** Our line decides at boot, and somebody else sets the key behind it; null where nobody is known to. */
function wonBack(
  key: SysctlKey,
  { planned, live }: Values,
  { boot, ending }: Ended,
  { place }: Host,
): Judged | null {
  if (ending === null || boot === null || sameSetting(key, ending.value, planned)) return null;
  return {
    verdict: place.liveSeen && !sameOrNull(key, live, planned) ? 'drifted-live' : 'changes-at-boot',
    why: behindTheFiles(key, boot, ending),
    ways: inWords([plainText(changeWriter(ending.by, key, planned))]),
  };
}

function drift(key: SysctlKey, { planned, live, boot }: Values, { request, place, isKept }: Host): Judged {
  const again = [byApplying('set it again', request)];
  if (place.liveSeen && !sameOrNull(key, live, planned))
    return { verdict: 'drifted-live', why: null, ways: again };
  if (sameOrNull(key, boot, planned)) return place.liveSeen ? IN_STEP : SET_AT_BOOT;
  if (!isKept(key)) return { verdict: 'until-boot', why: null, ways: [] };
  return boot === null
    ? notKnown(`what ${key} will be after the next boot could not be told`)
    : { verdict: 'changes-at-boot', why: null, ways: again };
}

function judge(key: SysctlKey, values: Values, ended: Ended, host: Host): Judged {
  const { place } = host;
  const missing = absence(key, place, host.lines.has(key));
  if (missing !== null) return missing;
  if (place.liveSeen && values.live === null)
    return notKnown(`the live value of ${key} could not be read`, 'run it as root');
  // A line that loses does no harm where somebody else brings what we set.
  const isSaved = ended.ending !== null && sameSetting(key, ended.ending.value, values.planned);
  return (
    (isSaved ? null : beaten(key, host)) ?? wonBack(key, values, ended, host) ?? drift(key, values, host)
  );
}

function keyStatus(key: SysctlKey, planned: string, host: Host): KeyStatus {
  const now = host.place.namespace.live(key);
  const live = now.ok ? now.value : null;
  const files = bootOf(key, host.assessment.resolution, host.around);
  const ending = host.isKept(key) ? host.assessment.writers.ending(key, files.boot) : null;
  const { boot, bootFrom } =
    ending === null ? files : { boot: ending.value, bootFrom: placeOfEnding(ending) };
  const judged = judge(key, { planned, live, boot }, { boot: files.boot, ending }, host);
  return { key, planned, live, boot, bootFrom, ...judged };
}

function hostOf(request: StatusRequest, namespace: NamespaceAssessment, assessment: Assessment): Host {
  const { snapshot, ours, transactions } = request;
  const { modulesLoad, loadedModules = null } = snapshot;
  const modules = modulesLoad === undefined ? null : { named: modulesLoad, loaded: loadedModules };
  const { path, state } = ours.dropIn;
  const lines = dropInValues(state?.text ?? '', path);
  const journaled = dropInValues(journaledDropIn(transactions ?? [], path) ?? '', path);
  const liveSeen = Object.values(namespace.namespace.sysctls).some(({ ok }) => ok);
  const others = (snapshot.sysctlFiles ?? []).filter((file) => file.path !== path);
  return {
    request,
    assessment,
    place: { namespace, traits: assessment.traits, liveSeen, modules },
    around: {
      live: liveSeen,
      namespace,
      foreign: assessment.resolutionOf(others),
      dropInValues: lines,
      ours,
    },
    lines,
    isKept: (key) => lines.has(key) || journaled.has(key),
    winningName: lazy(() =>
      nameThatWins(standingLines(state?.text ?? '', path), others, { assessment, ours }),
    ),
  };
}

function ourKeys(host: Host): readonly KeyStatus[] {
  const { request, lines, isKept } = host;
  const written = [...request.ours.written].filter(([key, each]) => isWatched(key, each, isKept(key)));
  // The journal says what we set; a line may have been edited since.
  const planned = new Map([...lines, ...written.map(([key, { value }]) => [key, value] as const)]);
  return [...planned].map(([key, value]) => keyStatus(key, value, host));
}

/** What we set, what stands there now, and what the next boot brings; and where we set nothing, what others did. */
export function status(request: StatusRequest): Status {
  const { snapshot, transactions, unfinished, loader, all } = request;
  const assessment = assess(snapshot, loader === undefined ? {} : { loader });
  const [namespace] = assessment.namespaces;
  const host = namespace === undefined ? null : hostOf(request, namespace, assessment);
  const keys = host === null ? [] : ourKeys(host);
  const own = new Set(keys.map(({ key }) => key));
  const others = host === null ? [] : otherKeys(assessment, host.place).filter(({ key }) => !own.has(key));
  return {
    keys,
    unfinished,
    waiting: waitingOf(transactions ?? [], request.now),
    journalSeen: transactions !== null,
    liveSeen: host?.place.liveSeen ?? false,
    othersDiffer: others.flatMap(({ key, verdict }) => (verdict === 'changes-at-boot' ? [key] : [])),
    others: host === null || !all ? null : others,
  };
}

const NO_DRIFT: ReadonlySet<KeyStatus['verdict']> = new Set([
  'in-step',
  'set-at-boot',
  'set-when-added',
  'until-boot',
  'unknown',
]);

/** What no longer stands as it was set. What could not be told is no drift. */
export function isDrift({ verdict }: KeyStatus): boolean {
  return !NO_DRIFT.has(verdict);
}
