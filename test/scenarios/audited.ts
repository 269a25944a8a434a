import { assess } from '../../src/assess/assess.ts';
import type { Assessment, ListenerAssessment } from '../../src/assess/assessment.ts';
import { actionsOf, runRules } from '../../src/rules/engine.ts';
import type { Finding, NotChecked } from '../../src/rules/finding.ts';
import type { Action, Remedy } from '../../src/rules/remedy.ts';
import type { Requirement } from '../../src/sysctl/requirement.ts';
import type { Facts } from '../fixtures/scenarios/scenario.ts';
import { snapshotOf } from './snapshot-of.ts';

type PlacedRequirement = {
  readonly requirement: Requirement;
  readonly kind: 'require' | 'set-in-container';
  readonly finding: Finding;
};

/** What the audit said of a scenario, in the form that the predicates ask for. */
export type Audited = {
  readonly facts: Facts;
  readonly assessment: Assessment;
  readonly findings: readonly Finding[];
  /** Those that ask for something: info is worth knowing and no more. */
  readonly asking: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
  readonly actions: readonly Action[];
  readonly remedies: readonly Remedy[];
  readonly requirements: readonly PlacedRequirement[];
  /** Ids of the network namespaces in the order of the facts. */
  readonly namespaceIds: readonly string[];
  listener(local: string): ListenerAssessment;
  live(key: string, netns: string): string | null;
};

export function requirementsOf(finding: Finding): readonly PlacedRequirement[] {
  return finding.remedies.flatMap((remedy) =>
    remedy.kind === 'require' || remedy.kind === 'set-in-container'
      ? [{ requirement: remedy.requirement, kind: remedy.kind, finding }]
      : [],
  );
}

export function audit(facts: Facts): Audited {
  const { snapshot, positions, namespaceIds } = snapshotOf(facts);
  const assessment = assess(snapshot);
  const { findings, notChecked } = runRules(assessment, { waivers: [], today: '2026-11-20' });
  return {
    facts,
    assessment,
    findings,
    asking: findings.filter(({ severity }) => severity !== 'info'),
    notChecked,
    actions: actionsOf(findings),
    remedies: findings.flatMap(({ remedies }) => remedies),
    requirements: findings.flatMap(requirementsOf),
    namespaceIds,
    listener(local) {
      const position = positions.get(local);
      const namespace = position && snapshot.namespaces[position.namespace];
      const wanted = namespace?.listeners?.[position?.listener ?? -1];
      const assessed = assessment.namespaces
        .find((each) => each.namespace.id === namespace?.id)
        ?.listeners.find(({ listener }) => listener === wanted);
      if (assessed === undefined) throw new Error(`the assessment has no listener ${local}`);
      return assessed;
    },
    live(key, netns) {
      const fact = snapshot.namespaces.find(({ id }) => id === netns)?.sysctls[key];
      return fact?.ok ? fact.value : null;
    },
  };
}
