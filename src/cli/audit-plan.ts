import { isUserError, positionText } from '../core/errors.ts';
import { shellQuote } from '../core/shell.ts';
import type { AuditReport } from '../pipeline/audit-report.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlanCommands } from '../report/text/mend-lines.ts';
import { loadOptions } from '../wizard/questions.ts';
import type { AuditOptions, PlanOptions, WishOptions } from './options.ts';
import { journalOf, planOn, type Wishes, workloadOf } from './planning.ts';
import { sourceOptionsText } from './session.ts';

/** The plan that goes with an audit, or why there is none. */
export type AuditPlan =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'none'; readonly why: string };

/** Somebody says what the host is for: then the plan is the one that `plan` would make. */
function hasWishes({ profile = [], ...load }: WishOptions): boolean {
  return profile.length > 0 || Object.keys(workloadOf(load)).length > 0;
}

/** Of another tree no kernel runs whose values could be set. */
function planOptionsOf(options: AuditOptions): PlanOptions {
  return options.root === undefined ? options : { ...options, live: false };
}

/**
 * What the findings require beyond what stands, or what the profiles require too. What keeps a plan from being made,
 * such as a journal that is damaged, does not keep the findings back.
 */
export async function planOfAudit(
  report: AuditReport,
  given: Wishes,
  options: AuditOptions,
): Promise<AuditPlan> {
  try {
    const planning = planOptionsOf(options);
    return {
      kind: 'plan',
      plan: planOn(report, await journalOf(planning), given, planning, hasWishes(options)),
    };
  } catch (thrown) {
    if (!isUserError(thrown)) throw thrown;
    const { at, message } = thrown;
    return { kind: 'none', why: at === undefined ? message : `${positionText(at)}: ${message}` };
  }
}

/** What to type for the same plan, on the same facts. */
export function planCommands({ profiles }: Plan, options: AuditOptions): PlanCommands {
  const { root, snapshot } = options;
  const wanted = [
    ...profiles.flatMap((profile) => ['--profile', profile]),
    ...loadOptions(workloadOf(options)),
  ]
    .map(shellQuote)
    .join(' ');
  const image = root === undefined ? '' : '--no-live';
  const typed = (...words: readonly string[]) =>
    ['backlogctl', ...words].filter((word) => word !== '').join(' ');
  return {
    see: typed('plan', wanted, sourceOptionsText(options), image),
    // A snapshot may be of another host, and is of another time.
    apply:
      snapshot === undefined
        ? typed('apply', wanted, sourceOptionsText(options), image)
        : typed('apply', wanted),
    applyThere: snapshot !== undefined,
    undo: typed('rollback', root === undefined ? '' : `--root ${shellQuote(root)}`),
  };
}
