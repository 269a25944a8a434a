import { assess } from '../../src/assess/assess.ts';
import { text } from '../../src/core/text.ts';
import { otherFilesIn } from '../../src/pipeline/other-files.ts';
import { snapshotAfter } from '../../src/pipeline/predict.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { type Ours, standingDropIn, type TakenOver, type Written } from '../../src/plan/ours.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { PlanInput } from '../../src/plan/plan-input.ts';
import { pairsOf } from '../../src/plan/taken-lines.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { sameValue } from '../../src/sysctl/codec.ts';
import { dropInPath } from '../../src/sysctl/own-drop-in.ts';
import type { SourcedRequirement } from '../../src/sysctl/requirement.ts';
import { NETNS } from '../rules/host.ts';

export const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';

/** A host, and what earlier plans of ours left on it. */
export type Managed = { readonly snapshot: Snapshot; readonly ours: Ours };

export function untouched(snapshot: Snapshot): Managed {
  return { snapshot, ours: { dropIn: { path: DROP_IN, state: null }, written: new Map() } };
}

type Wanted = readonly [key: string, relation: SourcedRequirement['relation'], value: string | number];

export function profile(name: string, ...wanted: readonly Wanted[]): readonly SourcedRequirement[] {
  return wanted.map(([key, relation, value]) => ({
    key,
    netns: NETNS,
    relation,
    value: String(value),
    because: text`it is wanted`,
    by: { kind: 'profile', name, at: null, source: null },
    unchecked: false,
  }));
}

export function rule(name: string, ...wanted: readonly Wanted[]): readonly SourcedRequirement[] {
  return profile(name, ...wanted).map((each) => ({
    ...each,
    by: { kind: 'rule', name, finding: `${name}-1` },
  }));
}

export function planFor(
  { snapshot, ours }: Managed,
  requirements: readonly SourcedRequirement[],
  options: Partial<PlanInput> = {},
): Plan {
  return makePlan({
    assessment: assess(snapshot),
    requirements,
    protections: [],
    profiles: [],
    ours,
    otherFiles: otherFilesIn(snapshot),
    machineId: null,
    live: true,
    persist: true,
    allowLower: false,
    takeover: false,
    withdraw: true,
    ...options,
  });
}

function writtenAfter(written: Ours['written'], { steps, kept }: Plan): Ours['written'] {
  const after = new Map<string, Written>(written);
  const note = (key: string, from: string, to: string) => {
    const standing = after.get(key);
    const baseline = standing !== undefined && sameValue(standing.value, from) ? standing.baseline : from;
    after.set(key, { baseline, value: to, sameBoot: true, sameKernelAndMemory: true });
  };
  for (const { key, value } of kept) note(key, value, value);
  for (const step of steps) if (step.kind === 'live') note(step.target.key, step.from, step.to);
  return after;
}

function takenOverAfter(before: readonly TakenOver[], { steps }: Plan): readonly TakenOver[] {
  const after = new Map(before.map((each) => [each.path, each]));
  for (const step of steps) {
    if (step.kind !== 'file' || step.takeover === undefined) continue;
    const { path } = step.target;
    after.set(path, { path, lines: pairsOf(step.takeover, ['comment-out', 'keep']) });
  }
  return [...after.values()];
}

/** The host once the plan is carried out, as a journal would then tell. */
export function carriedOut({ snapshot, ours }: Managed, plan: Plan): Managed {
  const files = plan.steps
    .filter((step) => step.kind === 'file')
    .filter(({ takeover }) => takeover === undefined);
  const made = files.find(({ to }) => to !== null);
  const { path, state } =
    made === undefined ? standingDropIn(ours) : { path: made.target.path, state: made.to };
  return {
    snapshot: snapshotAfter(snapshot, plan),
    ours: {
      dropIn: { path, state: made === undefined && files.length > 0 ? null : state },
      written: writtenAfter(ours.written, plan),
      takenOver: takenOverAfter(ours.takenOver ?? [], plan),
    },
  };
}

/** The same host, whose drop-in is to have another name. */
export function toBeCalled(name: string, { snapshot, ours }: Managed): Managed {
  const path = dropInPath(name);
  const standing = standingDropIn(ours);
  if (standing.path === path) return { snapshot, ours };
  const movedFrom = standing.state === null ? {} : { movedFrom: standing };
  return { snapshot, ours: { ...ours, dropIn: { path, state: null, ...movedFrom } } };
}

/** What of a host a plan may change: its values, and the bytes of the drop-in. */
export function stateOf({ snapshot, ours }: Managed) {
  const sysctls = Object.entries(snapshot.namespaces[0]?.sysctls ?? {}).map(([key, fact]) => [
    key,
    fact.ok ? fact.value.split(/\s+/).join(' ') : null,
  ]);
  return { sysctls: Object.fromEntries(sysctls), dropIn: ours.dropIn.state?.text ?? null };
}

export function liveChanges({ steps }: Plan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    steps.flatMap((step) => (step.kind === 'live' ? [[step.target.key, step.to] as const] : [])),
  );
}

/** The lines of the drop-in without its comments; null where the plan leaves it alone. */
export function dropInLines({ steps }: Plan): readonly string[] | null {
  const step = steps.find((each) => each.kind === 'file');
  if (step === undefined) return null;
  return (step.to?.text ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
