import { type SysctlKey, spelledKey, swapSeparators } from '../sysctl/key.ts';
import type { Candidate } from './expand.ts';
import { type KernelState, type SimulatedKernel, simulatedKernel, type WriteResult } from './kernel.ts';
import type { LineFailure, LoaderTraits, Reaction } from './loader-traits.ts';
import { type Opened, opener } from './open-variable.ts';
import type { Attempt, LoaderMessage, Resolution } from './resolution.ts';

/** What comes of one line, or of one key that a pattern stands for. */
type StepOutcome =
  | { readonly kind: 'written' }
  /** The value stood there already, and so nothing is written. */
  | { readonly kind: 'unchanged' }
  | Nothing;

/** The line comes to nothing. */
type Nothing =
  /** The loader never sets a key of that name. */
  { readonly kind: 'passed-over' } | { readonly kind: 'failed'; readonly failure: LineFailure };

export type Lost = {
  readonly candidate: Candidate;
  /** What the path leads to; null where that is no variable of this kernel. */
  readonly key: SysctlKey | null;
  readonly outcome: Nothing;
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
  /** What came to nothing. */
  readonly lost: readonly Lost[];
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

/** Whether the step's write reached the kernel, or would have if the value had been another one. */
function isAttempt(outcome: StepOutcome, { kind }: LoaderTraits): boolean {
  if (outcome.kind !== 'failed') return outcome.kind !== 'passed-over';
  // systemd speaks of a write before it opens the file; the others do not come to it.
  return kind === 'systemd' ? outcome.failure !== 'outside-proc-sys' : isWriteFailure(outcome.failure);
}

/** What stands in the variable is what the line says, to the letter: systemd compares texts, and not numbers. */
function stands(path: string, { line: { value } }: Candidate, kernel: SimulatedKernel): boolean {
  return kernel.value(path) === value;
}

/** What a step leaves of what was there before. */
type Passed = {
  readonly outcome: StepOutcome;
  readonly effects: WriteResult['effects'];
  /** Whether the variable holds what the line says, or else something that it did not hold before. */
  readonly isSet: boolean;
};

/** Nothing is written. */
function idle(outcome: StepOutcome): Passed {
  return { outcome, effects: [], isSet: outcome.kind === 'unchanged' };
}

const STANDS_ALREADY = idle(UNCHANGED);
const NEVER_SET = idle(PASSED_OVER);

function tryWrite(path: string, candidate: Candidate, traits: LoaderTraits, kernel: SimulatedKernel): Passed {
  if (traits.readsFirst && stands(path, candidate, kernel)) return STANDS_ALREADY;
  const { value } = candidate.line;
  const text = traits.longestWrite === null ? value : value.slice(0, traits.longestWrite);
  const { kind, changed, effects } = kernel.write(path, text);
  // What the kernel would not take is forgiven where it stands there all the same.
  const isRefused = kind === 'refused' && !(traits.readsFirst && stands(path, candidate, kernel));
  return { outcome: isRefused ? FAILED.refused : WRITTEN, effects, isSet: !isRefused || changed };
}

function pass(opened: Opened, candidate: Candidate, traits: LoaderTraits, kernel: SimulatedKernel): Passed {
  if ('failure' in opened) return idle(FAILED[opened.failure]);
  if (opened.isForgotten) return NEVER_SET;
  return tryWrite(opened.path, candidate, traits, kernel);
}

type Setter = Omit<Landed, 'value'>;

/** Notes who set each variable that the step set, or set along with its own. */
function land(
  { effects, isSet }: Passed,
  opened: Opened,
  by: Setter['by'],
  setters: Map<string, Setter>,
): void {
  if ('failure' in opened) return;
  if (isSet && opened.isReadable) setters.set(opened.path, { by, through: null });
  for (const { path } of effects) setters.set(path, { by, through: opened.key });
}

function landedBy(setters: ReadonlyMap<string, Setter>, kernel: SimulatedKernel): LoaderRun['landed'] {
  return new Map(
    [...setters].map(([path, setter]) => [swapSeparators(path), { value: kernel.value(path), ...setter }]),
  );
}

function messageOf({ outcome, candidate }: Lost, traits: LoaderTraits): LoaderMessage {
  const { path } = candidate;
  const { file, line, value } = candidate.line;
  if (outcome.kind === 'passed-over') {
    const message = `${swapSeparators(path)}: ${traits.name} never sets a key of that name`;
    return { file, line, severity: 'warning', message };
  }
  const severity = reactionTo(outcome.failure, candidate, traits);
  const message = `${spelledKey(path)} = ${value}: ${BEHIND_PROC_SYS[outcome.failure]}`;
  return { file, line, severity, message };
}

function exitStatusOf(worst: ReadonlySet<Reaction>, { failureStatus }: LoaderTraits): number {
  if (worst.has('abort')) return 1;
  return worst.has('error') ? failureStatus : 0;
}

function attemptOf(
  { path, line: { value, file, line, ignoreFailure } }: Candidate,
  key: SysctlKey | null,
  { keys }: LoaderTraits,
): Attempt {
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
  const outcomes: StepOutcome[] = [];
  const lost: Lost[] = [];
  const setters = new Map<string, Setter>();
  const reactions = new Set(whileReading.map(({ severity }) => severity));
  for (const candidate of candidates) {
    const opened = open(candidate.path);
    const passed = pass(opened, candidate, traits, kernel);
    const { outcome } = passed;
    outcomes.push(outcome);
    land(passed, opened, candidate.line, setters);
    if (outcome.kind === 'failed' || outcome.kind === 'passed-over') {
      lost.push({ candidate, key: opened.key, outcome });
    }
    if (outcome.kind !== 'failed') continue;
    reactions.add(reactionTo(outcome.failure, candidate, traits));
    if (reactions.has('abort')) break;
  }
  return {
    // Of a run over very many lines most callers want neither.
    get attempts() {
      return [...candidates].flatMap((candidate, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined || !isAttempt(outcome, traits)) return [];
        return [attemptOf(candidate, open(candidate.path).key, traits)];
      });
    },
    get messages() {
      return [...whileReading, ...lost.map((each) => messageOf(each, traits))];
    },
    lost,
    landed: landedBy(setters, kernel),
    exitStatus: exitStatusOf(reactions, traits),
    after: kernel.state,
  };
}
