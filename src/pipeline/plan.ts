import { makePlan, standingOf } from '../plan/make-plan.ts';
import { manualSteps } from '../plan/manual.ts';
import type { OtherFiles } from '../plan/other-file.ts';
import type { Ours } from '../plan/ours.ts';
import type { Plan, Skipped } from '../plan/plan.ts';
import type { ResolvedProfile } from '../profile/profile.ts';
import { type NotApplied, requirementsOf } from '../profile/requirements.ts';
import { profileOfLoad, STATED_LOAD } from '../profile/stated-load.ts';
import type { Finding } from '../rules/finding.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { SourcedRequirement } from '../sysctl/requirement.ts';
import { audit } from './audit.ts';
import type { AuditReport } from './audit-report.ts';
import { snapshotAfter } from './predict.ts';
import { shortBacklogs } from './short-backlogs.ts';

export type PlanRequest = {
  readonly report: AuditReport;
  readonly profiles: readonly ResolvedProfile[];
  /** The same, as they are typed: a name, or the absolute path of a file. */
  readonly named: readonly string[];
  readonly workload: Workload;
  readonly ours: Ours;
  /** What earlier plans of ours required for findings that they mended. */
  readonly standing: readonly SourcedRequirement[];
  readonly otherFiles: OtherFiles;
  readonly machineId: string | null;
  readonly live: boolean;
  readonly persist: boolean;
  readonly allowLower: boolean;
  readonly takeover: boolean;
  /** Whether earlier plans are taken back where nobody asks for them any more; as in PlanInput. */
  readonly withdraw: boolean;
};

function requiredByFindings(findings: readonly Finding[]): readonly SourcedRequirement[] {
  return findings.flatMap(({ id, rule, remedies }) =>
    remedies.flatMap((remedy): readonly SourcedRequirement[] =>
      remedy.kind === 'require'
        ? [{ ...remedy.requirement, by: { kind: 'rule', name: rule, finding: id }, unchecked: false }]
        : [],
    ),
  );
}

/**
 * What was required of this host in an earlier boot: the number of its network namespace may be another one now, as after
 * an upgrade of the kernel, and at every start of a container.
 */
function inNamespace(
  standing: readonly SourcedRequirement[],
  netns: string | undefined,
): readonly SourcedRequirement[] {
  return netns === undefined ? [] : standing.map((each) => ({ ...each, netns }));
}

/** What a rule requires now replaces what it required of the same key before. */
function withStanding(
  standing: readonly SourcedRequirement[],
  found: readonly SourcedRequirement[],
): readonly SourcedRequirement[] {
  const anew = new Set(found.map(({ key, by }) => `${by.name} ${key}`));
  return [...standing.filter(({ key, by }) => !anew.has(`${by.name} ${key}`)), ...found];
}

/** The stated load asks for nothing where its own facts are missing, and nobody asked for more. */
function skippedOf({ key, netns, profile, kind, why }: NotApplied): readonly Skipped[] {
  if (profile === STATED_LOAD && kind === 'no-facts') return [];
  return [
    {
      netns,
      key,
      why: kind,
      message: `${key} is left as it is, for profile ${profile}: ${why}`,
      because: [],
    },
  ];
}

/** Each once: two profiles with one parent say what it says twice. */
function distinct(requirements: readonly SourcedRequirement[]): readonly SourcedRequirement[] {
  return [...new Map(requirements.map((each) => [JSON.stringify(each), each])).values()];
}

/** The host as the plan would leave it: the one that was audited already, where it has no step. */
function auditAfter(report: AuditReport, made: Plan): AuditReport {
  if (made.steps.length === 0) return report;
  return audit({
    snapshot: snapshotAfter(report.assessment.snapshot, made),
    waivers: report.suppressed.map(({ waiver }) => waiver),
    loader: report.loader,
  });
}

/**
 * The exact change set that findings, profiles and the stated load require on this host, and what is left to a person
 * then, worked out by an audit of the host as the plan would leave it.
 */
export function plan(request: PlanRequest): Plan {
  const { report, profiles, named, workload, standing, ...rest } = request;
  const { assessment } = report;
  const wanted = [...profiles, profileOfLoad(workload)].map((profile) =>
    requirementsOf(profile, assessment, workload),
  );
  const found = requiredByFindings(report.findings);
  const [namespace] = assessment.namespaces;
  const ofRules = withStanding(inNamespace(standing, namespace?.namespace.id), found);
  const requirements = distinct([
    ...(request.withdraw ? ofRules : found),
    ...wanted.flatMap((each) => each.requirements),
  ]);
  const input = {
    ...rest,
    assessment,
    requirements,
    protections: wanted.flatMap((each) => each.protections),
    profiles: named,
  };
  const made = makePlan(input);
  const after = auditAfter(report, made);
  const notApplied = wanted.flatMap((each) => each.notApplied).flatMap(skippedOf);
  return {
    ...made,
    // What an earlier plan mended and this one does not look at still has to outlive it.
    standing: standingOf(distinct(ofRules)),
    skipped: [...made.skipped, ...notApplied],
    manual: [
      ...manualSteps(after.findings, after.assessment),
      ...shortBacklogs(namespace, workload, profiles, requirements),
    ],
  };
}
