import path from 'node:path';
import { unreadKeysOfOurs } from '../apply/baseline.ts';
import { readJournal, type Transaction } from '../apply/journal.ts';
import { inputError, refusedError, type UserError, usageError } from '../core/errors.ts';
import { type Unknown, unreadableText } from '../core/fact.ts';
import { shellQuote } from '../core/shell.ts';
import { MOST_DOCUMENT_BYTES, readDocument } from '../host/document-reader.ts';
import { hostIdentity } from '../host/identity.ts';
import { isOpenToRead } from '../host/open-already.ts';
import { hostReader } from '../host/reader.ts';
import type { AuditReport } from '../pipeline/audit-report.ts';
import { hostFacts } from '../pipeline/host-facts.ts';
import { otherFilesIn, otherFilesOn } from '../pipeline/other-files.ts';
import { oursInSnapshot, oursOf, profilesThatStand, standingOf } from '../pipeline/ours.ts';
import { type PlanRequest, plan } from '../pipeline/plan.ts';
import { isProfilePath, loadJudgedProfile } from '../pipeline/profiles.ts';
import { checkTrust, readTrusted } from '../pipeline/trust.ts';
import type { Plan } from '../plan/plan.ts';
import type { ResolvedProfile } from '../profile/profile.ts';
import type { TextOptions } from '../report/text/audit-text.ts';
import type { PlanCommands } from '../report/text/mend-lines.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Workload } from '../snapshot/workload.ts';
import { isAlwaysRead } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { CommonOptions, PlanOptions, WishOptions } from './options.ts';
import { auditSnapshot, hostPorts, profileSource, snapshotOf } from './session.ts';
import type { Terminal } from './terminal.ts';
import { noteUnfinished } from './unfinished.ts';

/** As typed, or absolute where it is a path: only then can it be told who may write there. */
export function profileArgument(given: string): string {
  return isProfilePath(given) ? path.resolve(given) : given;
}

export function workloadOf({ connectionsPerSecond, longestStall, bandwidth, rtt }: WishOptions): Workload {
  return {
    ...(connectionsPerSecond === undefined ? {} : { connectionsPerSecond }),
    ...(longestStall === undefined ? {} : { longestStallMilliseconds: longestStall }),
    ...(bandwidth === undefined ? {} : { bandwidthBitsPerSecond: bandwidth }),
    ...(rtt === undefined ? {} : { roundTripMilliseconds: rtt }),
  };
}

/** @throws UserError for what is about files where none would be written */
export function checkPersisting({ fileName, takeover, persist }: PlanOptions): void {
  if (persist !== false) return;
  if (fileName !== undefined)
    throw usageError('--file-name names the drop-in, and with --no-persist none is written');
  if (takeover) throw usageError('--takeover lets the drop-in win, and with --no-persist none is written');
}

/** What a plan needs besides the facts about the host: read before anything is looked at. */
export type Wishes = {
  readonly named: readonly string[];
  readonly profiles: readonly ResolvedProfile[];
  /** Why some of the profiles may be looked at, and not obeyed. */
  readonly mistrust: readonly UserError[];
};

export async function wishesOf(options: PlanOptions): Promise<Wishes> {
  const named = (options.profile ?? []).map(profileArgument);
  const source = profileSource(options);
  const judged = await Promise.all(named.map((given) => loadJudgedProfile(given, source)));
  return {
    named,
    profiles: judged.map(({ profile }) => profile),
    mistrust: judged.flatMap(({ mistrust }) => (mistrust === null ? [] : [mistrust])),
  };
}

/** Keys that the profiles set and nobody looks at without being asked. */
export function unreadKeysOf({ profiles }: Wishes): readonly SysctlKey[] {
  return profiles
    .flatMap(({ settings }) => settings.map(({ key }) => key))
    .filter((key) => !isAlwaysRead(key));
}

/** Keys that a plan has to look at and an audit would not. */
export function keysBesides(wishes: Wishes, transactions: readonly Transaction[]): readonly SysctlKey[] {
  return [...unreadKeysOf(wishes), ...unreadKeysOfOurs(transactions)];
}

/**
 * A profile is an order as well, once it is carried out.
 * @throws UserError for a file that others than root, and whoever runs us, may have written
 */
export function checkObeyed({ mistrust: [first] }: Wishes): void {
  if (first !== undefined) throw first;
}

type Known = Pick<PlanRequest, 'ours' | 'otherFiles' | 'machineId'>;

/** A snapshot may be of another host: then only what stands in it is known, and nothing of this one. */
function knownOf(snapshot: Snapshot, transactions: readonly Transaction[], options: PlanOptions): Known {
  const fileName = options.fileName ?? null;
  if (options.snapshot !== undefined) {
    return { ours: oursInSnapshot(snapshot, fileName), otherFiles: otherFilesIn(snapshot), machineId: null };
  }
  const { reader } = hostPorts(options);
  const facts = hostFacts(reader, snapshot, options.live !== false);
  const ours = oursOf(reader, { snapshot, transactions, fileName }, facts);
  return { ours, otherFiles: otherFilesOn(reader, snapshot), machineId: facts.machineId };
}

/** A plan on an audit and a journal that are at hand. @param withdraw as in PlanInput */
export function planOn(
  report: AuditReport,
  transactions: readonly Transaction[],
  { named, profiles }: Wishes,
  options: PlanOptions,
  withdraw: boolean,
): Plan {
  const known = knownOf(report.assessment.snapshot, transactions, options);
  return plan({
    ...known,
    report,
    profiles,
    // What stays as it stands stays under the profiles that set it.
    named: withdraw ? named : profilesThatStand(transactions, known.ours),
    workload: workloadOf(options),
    standing: standingOf(transactions),
    live: options.live !== false,
    // Nothing outlasts another network namespace: its sysctls are read from no file.
    persist: options.persist !== false && options.inside === undefined,
    allowLower: options.allowLower === true,
    takeover: options.takeover === true,
    withdraw,
  });
}

/** A plan on facts and a journal that are at hand. */
async function planFrom(
  snapshot: Snapshot,
  transactions: readonly Transaction[],
  wishes: Wishes,
  options: PlanOptions,
): Promise<Plan> {
  return planOn(await auditSnapshot(snapshot, options), transactions, wishes, options, true);
}

/** Without root, or without a host, the plan cannot see what earlier ones did: it is as if they were somebody else's. */
export async function journalOf(options: PlanOptions): Promise<readonly Transaction[]> {
  const { reader, identity } = hostPorts(options);
  return options.snapshot === undefined && identity.uid === 0 ? readJournal(reader, identity.uid) : [];
}

type FactsForPlan = { readonly snapshot: Snapshot; readonly transactions: readonly Transaction[] };

/** What a plan rests on, where nothing is written and so nothing locked. */
export async function factsForPlan(
  wishes: Wishes,
  options: PlanOptions & CommonOptions,
  terminal: Terminal,
): Promise<FactsForPlan> {
  const transactions = await journalOf(options);
  await noteUnfinished(transactions, options, terminal);
  return { transactions, snapshot: await snapshotOf(options, terminal, keysBesides(wishes, transactions)) };
}

/** The plan that the options ask for, on the facts that they lead to. */
export async function planOf(options: PlanOptions & CommonOptions, terminal: Terminal): Promise<Plan> {
  const wishes = await wishesOf(options);
  const { snapshot, transactions } = await factsForPlan(wishes, options, terminal);
  return planFrom(snapshot, transactions, wishes, options);
}

function checkNoneStands(standing: readonly string[]): void {
  if (standing.length === 0) return;
  const again = standing.map((profile) => `--profile ${shellQuote(profile)}`).join(' ');
  throw refusedError(
    `this host stands under ${standing.length === 1 ? 'profile' : 'profiles'} ${standing.join(', ')}, which this run does not name and so would take back`,
    `keep with ${again}, or take back with --without-profiles`,
  );
}

/**
 * The same for a run that carries it out. Profiles that stand and that it does not name would be taken back, and a
 * variable that a script forgot must not do that.
 * @throws UserError where no profile is named and some stand
 */
export async function planToApply(
  { snapshot, transactions }: FactsForPlan,
  wishes: Wishes,
  options: PlanOptions & { readonly withoutProfiles?: true },
): Promise<Plan> {
  if (wishes.named.length === 0 && options.withoutProfiles !== true) {
    const { ours } = knownOf(snapshot, transactions, options);
    checkNoneStands(profilesThatStand(transactions, ours));
  }
  return planFrom(snapshot, transactions, wishes, options);
}

/** Loaded only where a person reads it. */
export async function planText(
  plan: Plan,
  layout: TextOptions,
  commands: PlanCommands | null = null,
): Promise<string> {
  const { renderPlanText } = await import('../report/text/plan-text.ts');
  return renderPlanText(plan, layout, commands);
}

/** A plan is an order: one that others can write, or choose, is not obeyed. */
function savedText(file: string): string {
  const unreadable = (at: string, why: Unknown) =>
    inputError('unreadable', { file: at }, `the plan cannot be read: ${unreadableText(why)}`);
  const { uid } = hostIdentity();
  // Of what is open already no name leads anywhere else.
  if (file !== '-' && !isOpenToRead(file)) {
    const absolute = path.isAbsolute(file) ? file : `${process.cwd()}/${file}`;
    return readTrusted(hostReader(), absolute, uid, MOST_DOCUMENT_BYTES, unreadable);
  }
  if (file !== '-') checkTrust(hostReader(), file, uid, unreadable);
  const text = readDocument(file);
  if (!text.ok) throw unreadable(file, text);
  return text.value;
}

/** A plan that somebody saved. @throws UserError for what cannot be read or is none */
export async function savedPlan(file: string): Promise<Plan> {
  const text = savedText(file);
  const { parsePlan } = await import('../plan/read.ts');
  return parsePlan(text, file);
}
