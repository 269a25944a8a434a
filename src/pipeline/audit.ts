import { assess } from '../assess/assess.ts';
import type { Assessment } from '../assess/assessment.ts';
import { actionsOf, runRules } from '../rules/engine.ts';
import type { Waiver } from '../rules/finding.ts';
import type { LoaderKind } from '../snapshot/host.ts';
import type { Snapshot, Unseen } from '../snapshot/snapshot.ts';
import type { AuditReport } from './audit-report.ts';

export type AuditInput = {
  readonly snapshot: Snapshot;
  readonly waivers: readonly Waiver[];
  /** What could not be seen besides the snapshot's own. */
  readonly unseen?: readonly Unseen[];
  /** Resolve the sysctl files as this loader would; null for the one in use. */
  readonly loader: { readonly kind: LoaderKind; readonly version: string | null } | null;
};

/** Files whose order nobody knows say nothing of the next boot, unless somebody names the loader. */
function withoutLoader({ snapshot, resolution }: Assessment): readonly Unseen[] {
  const files = snapshot.sysctlFiles ?? [];
  return resolution === null && files.length > 0
    ? [{ what: 'which loader reads the sysctl files', why: 'none was found; name it with --loader' }]
    : [];
}

/**
 * What limits every listener in the snapshot and what would mend it. A pure function of its input: the same
 * snapshot and waivers give the same report on any day, so waivers lapse by the day on which it was taken.
 */
export function audit({ snapshot, waivers, loader, unseen: besides = [] }: AuditInput): AuditReport {
  const assessment = assess(snapshot, loader === null ? {} : { loader });
  const today = snapshot.takenAt.slice(0, 10);
  const results = runRules(assessment, { waivers, today });
  const unseen = [...(snapshot.unseen ?? []), ...besides, ...withoutLoader(assessment)];
  return {
    ...results,
    loader,
    assessment,
    unseen,
    lapsed: waivers.filter(({ until }) => until !== null && until < today),
    complete: unseen.length === 0 && results.notChecked.every(({ outcome }) => outcome !== 'errored'),
    actions: actionsOf(results.findings),
  };
}
