import { baseName } from '../core/paths.ts';
import { type SysctlKey, spelledKey, swapSeparators } from '../sysctl/key.ts';
import type { Candidate } from './expand.ts';
import { type KernelState, type SimulatedKernel, simulatedKernel, type WriteResult } from './kernel.ts';
import type { LineFailure, LoaderTraits, Reaction } from './loader-traits.ts';
import { isReadable, type Open, opener } from './open-variable.ts';
import type { Attempt, LoaderMessage, Resolution } from './resolution.ts';

/** What comes of one line, or of one key that a pattern stands for. */
type StepOutcome =
  | { readonly kind: 'written' }
  /** The value stood there already, and so nothing is written. */
  | { readonly kind: 'unchanged' }
  /** The loader never sets a key of that name. */
  | { readonly kind: 'passed-over' }
  | { readonly kind: 'failed'; readonly failure: LineFailure };

export type Step = {
  readonly candidate: Candidate;
  /** What the path leads to; null where that is no variable of this kernel. */
  readonly key: SysctlKey | null;
  readonly outcome: StepOutcome;
};

/** What a variable is after the run, and the step that made it so. */
export type Landed = {
  readonly value: string | null;
  readonly by: Candidate['line'];
  /** The key whose write changed this one; null where it was written itself. */
  readonly through: SysctlKey | null;
};

/** A run of the loader, as it would go on a kernel that is only thought of. */
export type LoaderRun = {
  /** The writes that it tries, in its own order. */
  readonly attempts: readonly Attempt[];
  readonly steps: readonly Step[];
  readonly landed: ReadonlyMap<SysctlKey, Landed>;
  readonly messages: readonly LoaderMessage[];
  readonly exitStatus: number;
  /** The kernel as the run leaves it. */
  readonly after: KernelState;
};

const WRITTEN: StepOutcome = { kind: 'written' };
const UNCHANGED: StepOutcome = { kind: 'unchanged' };
const PASSED_OVER: StepOutcome = { kind: 'passed-over' };

const FAILED: Readonly<Record<LineFailure, StepOutcome>> = {
  'unknown-key': { kind: 'failed', failure: 'unknown-key' },
  'outside-proc-sys': { kind: 'failed', failure: 'outside-proc-sys' },
  directory: { kind: 'failed', failure: 'directory' },
  'read-only': { kind: 'failed', failure: 'read-only' },
  refused: { kind: 'failed', failure: 'refused' },
  'not-found': { kind: 'failed', failure: 'not-found' },
};

const BEHIND_PROC_SYS: Readonly<Record<LineFailure, string>> = {
  'unknown-key': 'the kernel has no such key then, and the line does nothing',
  'outside-proc-sys': 'it names no variable below /proc/sys, and nothing is written',
  directory: 'it is a directory of keys and no key, and nothing is written',
  'read-only': 'the key cannot be written, and the line does nothing',
  refused: 'the kernel refuses the value, and the key keeps what it has',
  'not-found': 'the kernel does not have what the value names',
};

function isWriteFailure(failure: LineFailure): boolean {
  return failure === 'refused' || failure === 'not-found';
}

/** What the loader makes of a failure; `-` before the key may keep it quiet. */
function reactionTo(
  failure: LineFailure,
  { line: { ignoreFailure } }: Candidate,
  traits: LoaderTraits,
): Reaction {
  const { reactions, dashSilences } = traits;
  const isSilenced =
    ignoreFailure && (dashSilences === 'all' || (dashSilences === 'writes' && isWriteFailure(failure)));
  const reaction = reactions[failure];
  return isSilenced && reaction !== 'silent' ? 'info' : reaction;
}

function failureMessage({ candidate }: Step, failure: LineFailure, traits: LoaderTraits): LoaderMessage {
  const { path } = candidate;
  const { file, line, value } = candidate.line;
  const severity = reactionTo(failure, candidate, traits);
  return { file, line, severity, message: `${spelledKey(path)} = ${value}: ${BEHIND_PROC_SYS[failure]}` };
}

function isForgotten(path: string, { forgets }: LoaderTraits): boolean {
  return forgets.includes(baseName(path));
}

/** Whether the step's write reached the kernel, or would have if the value had been another one. */
function isAttempt({ outcome }: Step, { kind }: LoaderTraits): boolean {
  if (outcome.kind !== 'failed') return outcome.kind !== 'passed-over';
  // systemd speaks of a write before it opens the file; the others do not come to it.
  return kind === 'systemd' ? outcome.failure !== 'outside-proc-sys' : isWriteFailure(outcome.failure);
}

/** What stands in the variable is what the line says, to the letter: systemd compares texts, and not numbers. */
function stands(path: string, { line: { value } }: Candidate, kernel: SimulatedKernel): boolean {
  return kernel.value(path) === value;
}

type Passed = Step & {
  readonly effects: WriteResult['effects'];
  /** Whether the variable holds something else than before, if only the first numbers of what was refused. */
  readonly changed: boolean;
};

const NO_EFFECTS: WriteResult['effects'] = [];

function tryWrite(
  path: string,
  candidate: Candidate,
  key: SysctlKey,
  traits: LoaderTraits,
  kernel: SimulatedKernel,
): Passed {
  if (traits.readsFirst && stands(path, candidate, kernel)) return idle(candidate, key, UNCHANGED);
  const { value } = candidate.line;
  const text = traits.longestWrite === null ? value : value.slice(0, traits.longestWrite);
  const { kind, changed, effects } = kernel.write(path, text);
  // What the kernel would not take is forgiven where it stands there all the same.
  const isRefused = kind === 'refused' && !(traits.readsFirst && stands(path, candidate, kernel));
  const outcome = isRefused ? FAILED.refused : WRITTEN;
  return { candidate, key, outcome, effects, changed };
}

function idle(candidate: Candidate, key: SysctlKey | null, outcome: StepOutcome): Passed {
  return { candidate, key, outcome, effects: NO_EFFECTS, changed: false };
}

function pass(candidate: Candidate, traits: LoaderTraits, open: Open, kernel: SimulatedKernel): Passed {
  const opened = open(candidate.path);
  if ('failure' in opened) return idle(candidate, opened.key, FAILED[opened.failure]);
  if (isForgotten(opened.path, traits)) return idle(candidate, opened.key, PASSED_OVER);
  return tryWrite(opened.path, candidate, opened.key, traits, kernel);
}

/** Notes what is known of each variable that the step set, or set along with its own. */
function land(
  { candidate, key, outcome, effects, changed }: Passed,
  kernel: SimulatedKernel,
  { inventory }: KernelState,
  landed: Map<SysctlKey, Landed>,
): void {
  if (key === null) return;
  const by = candidate.line;
  const path = swapSeparators(key);
  const isSet = outcome.kind === 'written' || outcome.kind === 'unchanged' || changed;
  if (isSet && isReadable(path, inventory)) landed.set(key, { value: kernel.value(path), by, through: null });
  for (const { path: other, value } of effects) {
    landed.set(swapSeparators(other), { value, by, through: key });
  }
}

function messageOf(step: Step, traits: LoaderTraits): readonly LoaderMessage[] {
  const { outcome, candidate } = step;
  if (outcome.kind === 'failed') return [failureMessage(step, outcome.failure, traits)];
  if (outcome.kind !== 'passed-over') return [];
  const { file, line } = candidate.line;
  const message = `${swapSeparators(candidate.path)}: ${traits.name} never sets a key of that name`;
  return [{ file, line, severity: 'warning', message }];
}

function exitStatusOf(worst: ReadonlySet<Reaction>, { failureStatus }: LoaderTraits): number {
  if (worst.has('abort')) return 1;
  return worst.has('error') ? failureStatus : 0;
}

function attemptOf({ candidate, key }: Step, { keys }: LoaderTraits): Attempt {
  const { path } = candidate;
  const { value, file, line, ignoreFailure } = candidate.line;
  // systemd names a variable as the line does, once cleaned.
  const named = keys.spelling === 'cleaned' || key === null ? swapSeparators(path) : key;
  return { key: named, value, file, line, ignoreFailure };
}

/**
 * A run of the loader over what it read: which writes it tries, what each leaves with the kernel's side effects, what
 * it says, and how it ends.
 */
export function runLoader(
  { candidates, messages: whileReading }: Pick<Resolution, 'candidates' | 'messages'>,
  traits: LoaderTraits,
  state: KernelState,
): LoaderRun {
  const kernel = simulatedKernel(state);
  const open = opener(traits, state);
  const steps: Step[] = [];
  const landed = new Map<SysctlKey, Landed>();
  const reactions = new Set(whileReading.map(({ severity }) => severity));
  for (const candidate of candidates) {
    const step = pass(candidate, traits, open, kernel);
    steps.push(step);
    land(step, kernel, state, landed);
    if (step.outcome.kind !== 'failed') continue;
    reactions.add(reactionTo(step.outcome.failure, candidate, traits));
    if (reactions.has('abort')) break;
  }
  return {
    // Of a run over very many lines most callers want neither.
    get attempts() {
      return steps.filter((step) => isAttempt(step, traits)).map((step) => attemptOf(step, traits));
    },
    get messages() {
      return [...whileReading, ...steps.flatMap((step) => messageOf(step, traits))];
    },
    steps,
    landed,
    exitStatus: exitStatusOf(reactions, traits),
    after: kernel.state,
  };
}
