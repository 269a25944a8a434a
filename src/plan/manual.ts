import type { Assessment, ListenerAssessment } from '../assess/assessment.ts';
import { list, name, plainText, type Text } from '../core/text.ts';
import type { Finding } from '../rules/finding.ts';
import type { Remedy } from '../rules/remedy.ts';
import type { Manual } from './plan.ts';

type ByHand = Exclude<Remedy, { readonly kind: 'require' }>;

function subjectsOf({ subjects, netns }: Finding, { namespaces }: Assessment): readonly ListenerAssessment[] {
  const ids = new Set(subjects.map(({ id }) => id));
  const listeners = namespaces.find(({ namespace }) => namespace.id === netns)?.listeners ?? [];
  return listeners.filter(({ id }) => ids.has(id));
}

const MOST_NAMED = 3;

/** `a, b, c and 2 more` */
export function named(labels: readonly string[]): string {
  return plainText(
    list(
      labels.map((label) => [name(label)]),
      MOST_NAMED,
    ),
  );
}

function instructionOf(remedy: ByHand): Text {
  if (remedy.kind !== 'set-in-container') return remedy.instruction;
  const { key, value } = remedy.requirement;
  return [{ kind: 'plain', text: `set ${key} to ${value} in the container's definition` }];
}

function placeOf(remedy: ByHand): Pick<Manual, 'at'> {
  return 'at' in remedy && remedy.at !== null ? { at: { ...remedy.at } } : {};
}

function manualOf(remedy: ByHand, finding: Finding, subjects: readonly ListenerAssessment[]): Manual {
  const server = 'server' in remedy ? remedy.server : null;
  const listeners = subjects.filter(({ who }) => server === null || who === server);
  const units = new Set(listeners.flatMap(({ listener: { unit } }) => (unit === undefined ? [] : [unit])));
  const [unit] = units;
  const on = listeners.length === 0 ? '' : ` on ${named(listeners.map(({ label }) => label))}`;
  return {
    kind: remedy.kind,
    subject: `${server ?? finding.subjects[0]?.id ?? finding.rule}${server === null ? '' : on}`,
    instruction: plainText(instructionOf(remedy)),
    command: 'command' in remedy ? remedy.command : null,
    unit: units.size === 1 && unit !== undefined ? unit : null,
    disruptive: remedy.kind === 'relisten' && remedy.disruptive,
    after: remedy.kind === 'relisten',
    ...placeOf(remedy),
  };
}

/**
 * What is left to a person, from the findings on the host as the plan leaves it: who must call listen() again, which
 * line to change. Each once.
 */
export function manualSteps(findings: readonly Finding[], assessment: Assessment): readonly Manual[] {
  const steps = findings.flatMap((finding) => {
    const subjects = subjectsOf(finding, assessment);
    return finding.remedies.flatMap((remedy) =>
      remedy.kind === 'require' ? [] : [manualOf(remedy, finding, subjects)],
    );
  });
  const distinct = new Map(
    steps.map((step) => [JSON.stringify([step.kind, step.command ?? step.instruction, step.at]), step]),
  );
  return [...distinct.values()];
}
