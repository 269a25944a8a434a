import path from 'node:path';
import type { Transaction } from '../apply/journal.ts';
import { inputError } from '../core/errors.ts';
import type { Unknown } from '../core/fact.ts';
import { readDocument } from '../host/document-reader.ts';
import { hostIdentity } from '../host/identity.ts';
import { hostReader } from '../host/reader.ts';
import { hostFacts } from '../pipeline/host-facts.ts';
import { oursOf, readMachineId, standingOf } from '../pipeline/ours.ts';
import { plan } from '../pipeline/plan.ts';
import { isProfilePath, loadProfile } from '../pipeline/profiles.ts';
import { history } from '../pipeline/rollback.ts';
import { checkTrust } from '../pipeline/trust.ts';
import type { Plan } from '../plan/plan.ts';
import type { ResolvedProfile } from '../profile/profile.ts';
import type { TextOptions } from '../report/text/audit-text.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { CommonOptions, PlanOptions } from './options.ts';
import { auditSnapshot, hostPorts, profileSource, snapshotOf } from './session.ts';
import type { Terminal } from './terminal.ts';

/** As typed, or absolute where it is a path: only then can it be told who may write there. */
export function profileArgument(given: string): string {
  return isProfilePath(given) ? path.resolve(given) : given;
}

function profilesOf(named: readonly string[], options: PlanOptions): Promise<readonly ResolvedProfile[]> {
  const source = profileSource(options);
  return Promise.all(named.map((given) => loadProfile(given, source)));
}

function workloadOf({ connectionsPerSecond, longestStall, bandwidth, rtt }: PlanOptions): Workload {
  return {
    ...(connectionsPerSecond === undefined ? {} : { connectionsPerSecond }),
    ...(longestStall === undefined ? {} : { longestStallMilliseconds: longestStall }),
    ...(bandwidth === undefined ? {} : { bandwidthBitsPerSecond: bandwidth }),
    ...(rtt === undefined ? {} : { roundTripMilliseconds: rtt }),
  };
}

/** What a plan needs besides the facts about the host: read before anything is looked at. */
export type Wishes = { readonly named: readonly string[]; readonly profiles: readonly ResolvedProfile[] };

export async function wishesOf(options: PlanOptions): Promise<Wishes> {
  const named = (options.profile ?? []).map(profileArgument);
  return { named, profiles: await profilesOf(named, options) };
}

/** A plan on facts and a journal that are at hand. */
export async function planFrom(
  snapshot: Snapshot,
  transactions: readonly Transaction[],
  { named, profiles }: Wishes,
  options: PlanOptions,
): Promise<Plan> {
  const report = await auditSnapshot(snapshot, options);
  const ports = hostPorts(options.root);
  const live = options.live !== false;
  const facts = hostFacts(ports.reader, snapshot, live);
  return plan({
    report,
    profiles,
    named,
    workload: workloadOf(options),
    ours: oursOf(ports.reader, transactions, facts),
    standing: standingOf(transactions),
    machineId: readMachineId(ports.reader),
    live,
    persist: options.persist !== false,
    allowLower: options.allowLower === true,
    withdraw: true,
  });
}

/** Without root, or without a host, the plan cannot see what earlier ones did: it is as if they were somebody else's. */
async function journalOf(options: PlanOptions): Promise<readonly Transaction[]> {
  const { reader, identity } = hostPorts(options.root);
  return options.snapshot === undefined && identity.uid === 0 ? history(reader, identity) : [];
}

/** The plan that the options ask for, on the facts that they lead to. */
export async function planOf(options: PlanOptions & CommonOptions, terminal: Terminal): Promise<Plan> {
  const wishes = await wishesOf(options);
  const snapshot = await snapshotOf(options, terminal);
  return planFrom(snapshot, await journalOf(options), wishes, options);
}

/** Loaded only where a person reads it. */
export async function planText(plan: Plan, layout: TextOptions): Promise<string> {
  const { renderPlanText } = await import('../report/text/plan-text.ts');
  return renderPlanText(plan, layout);
}

/** A plan that somebody saved. @throws UserError for what cannot be read or is none */
export async function savedPlan(file: string): Promise<Plan> {
  const unreadable = (at: string, { why, detail }: Unknown) =>
    inputError('unreadable', { file: at }, `the plan cannot be read: ${detail ?? why}`);
  // A plan is an order: one that others can write is not obeyed.
  if (file !== '-') checkTrust(hostReader(), path.resolve(file), hostIdentity().uid, unreadable);
  const text = readDocument(file);
  if (!text.ok) throw unreadable(file, text);
  const { parsePlan } = await import('../plan/read.ts');
  return parsePlan(text.value, file);
}
