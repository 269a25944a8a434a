import { audit } from '../../src/pipeline/audit.ts';
import { otherFilesIn } from '../../src/pipeline/other-files.ts';
import { oursInSnapshot } from '../../src/pipeline/ours.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { profilesInForce } from '../../src/plan/drop-in.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';

/** What an audit of the snapshot plans. */
export function auditPlan(snapshot: Snapshot): Plan {
  const ours = oursInSnapshot(snapshot);
  return plan({
    report: audit({ snapshot, waivers: [], loader: null }),
    profiles: [],
    named: profilesInForce(ours.dropIn.state?.text ?? ''),
    workload: {},
    ours,
    standing: [],
    otherFiles: otherFilesIn(snapshot),
    machineId: null,
    live: true,
    persist: true,
    allowLower: false,
    takeover: false,
    withdraw: false,
  });
}
