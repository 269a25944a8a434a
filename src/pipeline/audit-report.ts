import type { Assessment } from '../assess/assessment.ts';
import type { RuleResults, Waiver } from '../rules/finding.ts';
import type { Action } from '../rules/remedy.ts';
import type { LoaderKind } from '../snapshot/host.ts';
import type { Unseen } from '../snapshot/snapshot.ts';

/** Everything that an audit found out: what the reporters of src/report lay out. */
export type AuditReport = RuleResults & {
  /** The loader that was named, instead of the one in use. */
  readonly loader: { readonly kind: LoaderKind; readonly version: string | null } | null;
  readonly assessment: Assessment;
  readonly complete: boolean;
  readonly unseen: readonly Unseen[];
  /** Waivers that held until a day before the facts were taken. */
  readonly lapsed: readonly Waiver[];
  /** Empty means: change nothing. */
  readonly actions: readonly Action[];
};
