import { isUserError, positionText } from '../core/errors.ts';
import type { AuditReport } from '../pipeline/audit-report.ts';
import type { Plan } from '../plan/plan.ts';
import type { AuditOptions, CommonOptions, PlanOptions, WishOptions } from './options.ts';
import { journalOf, keysBesides, planOn, wishesOf, workloadOf } from './planning.ts';
import { auditSnapshot, snapshotOf } from './session.ts';
import type { Terminal } from './terminal.ts';
import { noteUnfinished } from './unfinished.ts';

/** An audit with its plan; null where the report says why there is none. */
type Audited = { readonly report: AuditReport; readonly plan: Plan | null };

/** Somebody says what the host is for: then the plan is the one that `plan` would make. */
function hasWishes({ profile = [], ...load }: WishOptions): boolean {
  return profile.length > 0 || Object.keys(workloadOf(load)).length > 0;
}

/** Of another tree no kernel runs whose values could be set. */
function planOptionsOf(options: AuditOptions): PlanOptions {
  return options.root === undefined ? options : { ...options, live: false };
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

async function attempt<T>(act: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await act() };
  } catch (thrown) {
    if (!isUserError(thrown)) throw thrown;
    const { at, message } = thrown;
    return { ok: false, why: at === undefined ? message : `${positionText(at)}: ${message}` };
  }
}

function withoutPlan(report: AuditReport, why: string): Audited {
  const unseen = [...report.unseen, { what: 'the plan', why }];
  return { report: { ...report, complete: false, unseen }, plan: null };
}

/**
 * The audit and what its findings require beyond what stands, or what the profiles require too. What keeps a plan from
 * being made, such as a journal that is damaged, does not keep the findings back.
 */
export async function auditWithPlan(
  options: AuditOptions & CommonOptions,
  terminal: Terminal,
): Promise<Audited> {
  const planning = planOptionsOf(options);
  const isWished = hasWishes(options);
  const wishes = await wishesOf(planning);
  const journal = await attempt(() => journalOf(planning));
  const keys = isWished && journal.ok ? keysBesides(wishes, journal.value) : [];
  const report = await auditSnapshot(await snapshotOf(options, terminal, keys), options);
  if (!journal.ok) return withoutPlan(report, journal.why);
  await noteUnfinished(journal.value, planning, terminal);
  const made = await attempt(() => planOn(report, journal.value, wishes, planning, isWished));
  return made.ok ? { report, plan: made.value } : withoutPlan(report, made.why);
}
