import { valueOr } from '../core/fact.ts';
import { groupBy } from '../core/group-by.ts';
import { plainText } from '../core/text.ts';
import { catalogueEntry, catalogueOrder } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { SourcedRequirement } from '../sysctl/requirement.ts';
import { type BaseFiles, baseFiles, filesTaken, type Taking } from './base-files.ts';
import { decide, withdraw } from './decide.ts';
import type { Decision, DecisionContext } from './decision.ts';
import { type DropInLine, dropInValues, renderDropIn, saysTheSame, standingLines } from './drop-in.ts';
import { textFile, textOf } from './file-state.ts';
import { standingDropIn } from './ours.ts';
import type {
  Conflict,
  FileState,
  FileStep,
  Kept,
  LiveStep,
  Plan,
  Reason,
  Skipped,
  Standing,
} from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { WITHDRAWN } from './reasons.ts';
import { distinctTakings } from './takeover.ts';
import { isGivingBack, type TakeoverSteps, takeoverSteps } from './takeover-steps.ts';
import { warningsOf } from './warnings.ts';
import { type AtBoot, atBoot } from './wins-at-boot.ts';
import { mayBeWonBack, wonBack } from './won-back.ts';

type Decided = Extract<Decision, { kind: 'decided' }>;

function byKey(
  requirements: readonly SourcedRequirement[],
  netns: string,
): ReadonlyMap<SysctlKey, readonly SourcedRequirement[]> {
  return groupBy(requirements, (each) => (each.netns === netns ? each.key : null));
}

function decisionsOf({ requirements }: PlanInput, context: DecisionContext): readonly Decision[] {
  const asked = byKey(requirements, context.netns);
  const decisions = [...asked].map(([key, wanted]) => decide(key, wanted, context));
  const standing = new Set(
    decisions.flatMap((each) => {
      if (each.kind === 'skipped') return [];
      return [each.kind === 'decided' ? each.key : each.conflict.key];
    }),
  );
  const ours = new Set([...context.dropInValues.keys(), ...context.ours.written.keys()]);
  const isProtected = (key: SysctlKey) => context.protections.some((each) => each.key === key);
  const withdrawn = [...ours].filter((key) => !standing.has(key) && !isProtected(key));
  return [...decisions, ...withdrawn.map((key) => withdraw(key, context))];
}

function liveSteps(decided: readonly Decided[], netns: string): readonly LiveStep[] {
  return decided
    .flatMap(({ key, live, because }): readonly LiveStep[] =>
      live === null
        ? []
        : [
            {
              id: `live:${key}`,
              kind: 'live',
              target: { netns, key },
              ...live,
              ...(catalogueEntry(key) === undefined ? { unchecked: true as const } : {}),
              because: [...because],
            },
          ],
    )
    .sort((a, b) => catalogueOrder(a.target.key) - catalogueOrder(b.target.key));
}

/**
 * Without it a later plan could not tell a value that the drop-in brought at boot from one that stood there before
 * the drop-in did.
 */
function keptValues(decided: readonly Decided[], { netns, namespace, live }: DecisionContext): Kept[] {
  return decided.flatMap(({ key, live: change, line }) => {
    const now = namespace.live(key);
    return live && line !== null && change === null && now.ok ? [{ netns, key, value: now.value }] : [];
  });
}

function fileStep(path: string, from: FileState | null, to: FileState | null, because: Reason[]): FileStep {
  return { id: `file:${path}`, kind: 'file', target: { path }, from, to, because };
}

/** The file under its new name comes first: at no time is there none. */
function dropInSteps(
  lines: readonly DropInLine[],
  { assessment, ours, profiles }: PlanInput,
): readonly FileStep[] {
  const { path, state, movedFrom } = ours.dropIn;
  const { kernel, memoryBytes } = assessment.snapshot.host;
  const workedOutFor = {
    kernel: kernel.release,
    memoryBytes: memoryBytes?.ok ? memoryBytes.value : null,
    profiles,
  };
  const text = renderDropIn(lines, workedOutFor);
  const standing = textOf(state);
  const isSame = text === null ? state === null : standing !== null && saysTheSame(standing, text);
  const because = lines.length === 0 ? [WITHDRAWN] : [];
  return [
    ...(isSame ? [] : [fileStep(path, state, text === null ? null : textFile(text), because)]),
    ...(movedFrom === undefined ? [] : [fileStep(movedFrom.path, movedFrom.state, null, because)]),
  ];
}

type Seen = Pick<DecisionContext, 'foreign' | 'dropInValues' | 'ours'>;

/** What there is besides us; where nothing is taken back, what we left counts as if it were somebody else's. */
function seenBy({ assessment, ours, withdraw: takesBack }: PlanInput, base: BaseFiles): Seen {
  const { path, state } = standingDropIn(ours);
  if (!takesBack) {
    return { foreign: assessment.resolution, dropInValues: new Map(), ours: { ...ours, written: new Map() } };
  }
  return {
    foreign: assessment.resolutionOf(base.files),
    dropInValues: dropInValues(textOf(state) ?? '', path),
    ours,
  };
}

function contextOf(input: PlanInput, base: BaseFiles): DecisionContext | null {
  const { assessment, protections, allowLower, live } = input;
  const { memoryBytes, pageBytes } = assessment.snapshot.host;
  const [namespace] = assessment.namespaces;
  if (namespace === undefined) return null;
  return {
    ...seenBy(input, base),
    live,
    namespace,
    netns: namespace.namespace.id,
    traits: assessment.traits,
    memory: { memoryBytes: valueOr(memoryBytes, null), pageBytes: valueOr(pageBytes, null) },
    protections,
    allowLower,
  };
}

/**
 * Lines of the drop-in that are written again as they stand: those in dispute, for nobody has decided that they should
 * go, those of protected keys, and where nothing is taken back all that no line of this plan replaces.
 */
function standingAsTheyAre(
  lines: readonly DropInLine[],
  conflicts: readonly Conflict[],
  { ours, protections, withdraw: takesBack }: PlanInput,
): readonly DropInLine[] {
  const { path, state } = standingDropIn(ours);
  const replaced = new Set(lines.map(({ key }) => key));
  const held = new Set<SysctlKey | null>([...conflicts, ...protections].map(({ key }) => key));
  // A conflict without a key is one about the file as a whole.
  const isAllHeld = !takesBack || held.has(null);
  return standingLines(textOf(state) ?? '', path).filter(
    ({ key }) => !replaced.has(key) && (isAllHeld || held.has(key)),
  );
}

/** What of other files goes with lines that stay as they stand: lines that were commented out for them. */
function takingsFor(lines: readonly DropInLine[], { standing }: BaseFiles): readonly Taking[] {
  const keys = new Set(lines.map(({ key }) => key));
  return standing.filter(({ key }) => keys.has(key));
}

/**
 * A file that gets no line of this plan is left alone as well, where nothing is taken back. What another file loses it
 * loses once ours sets it, and has back before: a boot in between finds the key set by one of them.
 */
function fileSteps(
  lines: readonly DropInLine[],
  { conflicts, takings }: AtBoot,
  base: BaseFiles,
  input: PlanInput,
): TakeoverSteps {
  if (!input.persist || (lines.length === 0 && !input.withdraw)) return { steps: [], warnings: [] };
  const kept = standingAsTheyAre(lines, conflicts, input);
  const isOpen = conflicts.some(({ key }) => key === null);
  const all = distinctTakings([...takings, ...(isOpen ? base.standing : takingsFor(kept, base))]);
  const { steps, warnings } = takeoverSteps(all, lines, base, input);
  return {
    steps: [
      ...steps.filter(isGivingBack),
      ...dropInSteps([...lines, ...kept], input),
      ...steps.filter((step) => !isGivingBack(step)),
    ],
    warnings,
  };
}

function obstructions({ ours }: PlanInput, { netns }: DecisionContext): readonly Conflict[] {
  const obstacle = ours.dropIn.obstacle?.() ?? null;
  if (obstacle === null) return [];
  const { message, ways } = obstacle;
  return [{ kind: 'not-kept', netns, key: null, message, ways: [...ways], because: [] }];
}

/** A line that another line beats need not be told who else would take it back. */
function lostLines(
  lines: readonly DropInLine[],
  base: BaseFiles,
  input: PlanInput,
  context: DecisionContext,
): AtBoot {
  const { conflicts, takings } = atBoot(lines, base, input, context.netns);
  const standing = lines.filter(
    ({ key }) => !conflicts.some((each) => each.key === key || each.key === null),
  );
  const back = wonBack(standing, filesTaken(takings, base), input, context);
  // Nothing is commented out for the sake of a line that is not written.
  const isBack = ({ key }: Taking) => back.some((each) => each.key === key);
  return { conflicts: [...conflicts, ...back], takings: takings.filter((each) => !isBack(each)) };
}

type Draft = Pick<Plan, 'steps' | 'kept' | 'noOps' | 'conflicts' | 'skipped' | 'warnings'>;

const NOTHING: Draft = { steps: [], kept: [], noOps: [], conflicts: [], skipped: [], warnings: [] };

const NOT_LOST: AtBoot = { conflicts: [], takings: [] };

function draft(input: PlanInput, base: BaseFiles, context: DecisionContext): Draft {
  const decisions = decisionsOf(input, context);
  const all = decisions.filter((each) => each.kind === 'decided');
  const undecided = decisions.flatMap((each) => (each.kind === 'conflict' ? [each.conflict] : []));
  const lines = all.flatMap(({ line }) => (line === null ? [] : [line]));
  const lost = input.persist ? lostLines(lines, base, input, context) : NOT_LOST;
  const isLost = (key: SysctlKey) => lost.conflicts.some((each) => each.key === key || each.key === null);
  const decided = all.filter(({ key, line }) => line === null || !isLost(key));
  const lasting = decided.flatMap(({ line }) => (line === null ? [] : [line]));
  const open = { ...lost, conflicts: [...undecided, ...lost.conflicts] };
  const files = fileSteps(lasting, open, base, input);
  const obstructed = files.steps.length === 0 ? [] : obstructions(input, context);
  // Nothing is set for now that was to be kept and cannot be.
  const steps =
    obstructed.length > 0 ? [] : [...(input.live ? liveSteps(decided, context.netns) : []), ...files.steps];
  const skipped = decisions.flatMap((each): readonly Skipped[] =>
    each.kind === 'skipped' ? [each.skipped] : [],
  );
  return {
    steps,
    kept: input.persist ? keptValues(decided, context) : [],
    noOps: decided.flatMap(({ noOp }) => (noOp === null ? [] : [noOp])),
    conflicts: [...open.conflicts, ...obstructed],
    skipped: [...skipped],
    warnings: [
      ...decided.flatMap(warningsOf),
      ...(obstructed.length > 0 ? [] : files.warnings),
      ...mayBeWonBack(decided, input),
    ],
  };
}

/** What rules require, as the next plan reads it. */
export function standingOf(requirements: readonly SourcedRequirement[]): Standing[] {
  return requirements.flatMap(({ by, because, netns, key, relation, value }) =>
    by.kind === 'rule'
      ? [{ netns, key, relation, value, rule: by.name, finding: by.finding, text: plainText(because) }]
      : [],
  );
}

/**
 * The exact change set that meets the requirements on this host, and takes back what earlier plans set and nobody
 * asks for any more. A pure function of the facts: it reads and writes nothing.
 * What a person has to do besides is worked out on the host as it would leave it, and so by whoever can audit that.
 */
export function makePlan(input: PlanInput): Plan {
  const { assessment, profiles, machineId } = input;
  const { takenAt, host } = assessment.snapshot;
  const base = baseFiles(input);
  const context = contextOf(input, base);
  return {
    kind: 'plan',
    schemaVersion: 0,
    madeAt: takenAt,
    host: {
      machineId,
      kernel: host.kernel.release,
      memoryBytes: host.memoryBytes?.ok ? host.memoryBytes.value : null,
    },
    profiles: [...profiles],
    standing: standingOf(input.requirements),
    ...(context === null ? NOTHING : draft(input, base, context)),
    manual: [],
  };
}
