import { canonicalPath } from '../sysctl/inventory.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { Candidate } from './expand.ts';
import { type KernelState, type SimulatedKernel, simulatedKernel, type WriteResult } from './kernel.ts';
import type { Failure, LoaderTraits, Reaction } from './loader-traits.ts';
import type { Attempt, LoaderMessage, Resolution } from './resolution.ts';

/** What comes of one line, or of one key that a pattern stands for. */
type StepOutcome =
  /** `value`: what the variable shows then; null where that is not known. */
  | { readonly kind: 'written'; readonly value: string | null }
  /** The value stood there already, and so nothing is written. */
  | { readonly kind: 'unchanged' }
  /** The loader never sets a key of that name. */
  | { readonly kind: 'passed-over' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export type Step = {
  readonly candidate: Candidate;
  /** What the path leads to; null where that is no variable of this kernel. */
  readonly key: SysctlKey | null;
  readonly outcome: StepOutcome;
};

/** What a variable is after the run, and the step that made it so. */
export type Landed = {
  readonly value: string | null;
  readonly by: Candidate;
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

type Opened = { readonly path: string } | { readonly failure: Failure };

const OWNER_WRITE = 0o200;
const OWNER_READ = 0o400;

function leadsOut(path: string, { keys, kind }: LoaderTraits): boolean {
  if (path === '') return kind !== 'systemd';
  return !keys.climbs && path.split('/').includes('..');
}

/** What open(2) says to the path, as root: /proc/sys lets root do no more than the modes say. */
function open(path: string, traits: LoaderTraits, { inventory }: KernelState): Opened {
  if (leadsOut(path, traits)) return { failure: 'outside-proc-sys' };
  const found = canonicalPath(path, inventory);
  const entry = found === null ? undefined : inventory.entry(found);
  if (found === null || entry === undefined) return { failure: 'unknown-key' };
  if (entry.kind === 'directory') return { failure: 'directory' };
  const needed = traits.readsFirst ? OWNER_READ | OWNER_WRITE : OWNER_WRITE;
  return (entry.mode & needed) === needed ? { path: found } : { failure: 'read-only' };
}

const BEHIND_PROC_SYS: Readonly<Record<Failure, string>> = {
  'bad-line': 'is no assignment',
  'dangling-link': 'leads nowhere',
  'directory-as-file': 'is a directory',
  'unknown-key': 'this kernel has no such key, and the line does nothing',
  'outside-proc-sys': 'it names no variable below /proc/sys, and nothing is written',
  directory: 'it is a directory of keys and no key, and nothing is written',
  'read-only': 'the key cannot be written, and the line does nothing',
  refused: 'the kernel refuses the value, and the key keeps what it has',
  'not-found': 'the kernel does not have what the value names',
};

function isWriteFailure(failure: Failure): boolean {
  return failure === 'refused' || failure === 'not-found';
}

/** What the loader makes of a failure; `-` before the key may keep it quiet. */
function reactionTo(failure: Failure, { ignoreFailure }: Candidate, traits: LoaderTraits): Reaction {
  const { reactions, dashSilences } = traits;
  const isSilenced =
    ignoreFailure && (dashSilences === 'all' || (dashSilences === 'writes' && isWriteFailure(failure)));
  const reaction = reactions[failure];
  return isSilenced && reaction !== 'silent' ? 'info' : reaction;
}

function messageOf({ candidate }: Step, failure: Failure, traits: LoaderTraits): LoaderMessage {
  const { file, line, path, value } = candidate;
  const severity = reactionTo(failure, candidate, traits);
  return { file, line, severity, message: `${swapSeparators(path)} = ${value}: ${BEHIND_PROC_SYS[failure]}` };
}

function isForgotten(path: string, { forgets }: LoaderTraits): boolean {
  return forgets.includes(path.slice(path.lastIndexOf('/') + 1));
}

/** Whether the step's write reached the kernel, or would have if the value had been another one. */
function isAttempt({ outcome }: Step, { kind }: LoaderTraits): boolean {
  if (outcome.kind !== 'failed') return outcome.kind !== 'passed-over';
  // systemd speaks of a write before it opens the file; the others do not come to it.
  return kind === 'systemd' ? outcome.failure !== 'outside-proc-sys' : isWriteFailure(outcome.failure);
}

/** What stands in the variable is what the line says, to the letter: systemd compares texts, and not numbers. */
function stands(path: string, { value }: Candidate, kernel: SimulatedKernel): boolean {
  return kernel.value(path) === value;
}

type Written = { readonly outcome: StepOutcome; readonly effects: WriteResult['effects'] };

function tryWrite(
  path: string,
  candidate: Candidate,
  traits: LoaderTraits,
  kernel: SimulatedKernel,
): Written {
  if (traits.readsFirst && stands(path, candidate, kernel)) {
    return { outcome: { kind: 'unchanged' }, effects: [] };
  }
  const { value } = candidate;
  const text = traits.longestWrite === null ? value : value.slice(0, traits.longestWrite);
  const result = kernel.write(path, text);
  // What the kernel would not take is forgiven where it stands there all the same.
  const isRefused = result.kind === 'refused' && !(traits.readsFirst && stands(path, candidate, kernel));
  const outcome: StepOutcome = isRefused
    ? { kind: 'failed', failure: 'refused' }
    : { kind: 'written', value: result.value };
  return { outcome, effects: result.effects };
}

type Passed = Step & { readonly effects: WriteResult['effects'] };

function pass(
  candidate: Candidate,
  traits: LoaderTraits,
  state: KernelState,
  kernel: SimulatedKernel,
): Passed {
  const opened = open(candidate.path, traits, state);
  if ('failure' in opened) {
    const found = opened.failure === 'read-only' ? canonicalPath(candidate.path, state.inventory) : null;
    const outcome = { kind: 'failed', failure: opened.failure } as const;
    return { candidate, key: found === null ? null : swapSeparators(found), outcome, effects: [] };
  }
  const key = swapSeparators(opened.path);
  if (isForgotten(opened.path, traits))
    return { candidate, key, outcome: { kind: 'passed-over' }, effects: [] };
  return { candidate, key, ...tryWrite(opened.path, candidate, traits, kernel) };
}

/** What is known of each variable that the step set, or set along with its own. */
function landedBy(
  { candidate, key, outcome, effects }: Passed,
  kernel: SimulatedKernel,
  { inventory }: KernelState,
) {
  if (key === null) return [];
  const through = effects.map(
    ({ path, value }) => [swapSeparators(path), { value, by: candidate, through: key }] as const,
  );
  const path = swapSeparators(key);
  // What cannot be read holds no value: a write does something, such as emptying a cache.
  const isReadable = ((inventory.entry(path)?.mode ?? 0) & OWNER_READ) !== 0;
  if (outcome.kind === 'passed-over' || outcome.kind === 'failed' || !isReadable) return through;
  const value = kernel.value(path);
  return [[key, { value, by: candidate, through: null }] as const, ...through];
}

function stepMessage(step: Step, traits: LoaderTraits): readonly LoaderMessage[] {
  const { outcome, candidate } = step;
  if (outcome.kind === 'failed') return [messageOf(step, outcome.failure, traits)];
  if (outcome.kind !== 'passed-over') return [];
  const message = `${swapSeparators(candidate.path)}: ${traits.name} never sets a key of that name`;
  return [{ file: candidate.file, line: candidate.line, severity: 'warning', message }];
}

function exitStatusOf(messages: readonly LoaderMessage[], { failureStatus }: LoaderTraits): number {
  if (messages.some(({ severity }) => severity === 'abort')) return 1;
  return messages.some(({ severity }) => severity === 'error') ? failureStatus : 0;
}

function attemptOf({ candidate, key }: Step, { keys }: LoaderTraits): Attempt {
  const { path, value, file, line, ignoreFailure } = candidate;
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
  const steps: Step[] = [];
  const landed = new Map<SysctlKey, Landed>();
  const messages = [...whileReading];
  for (const candidate of candidates) {
    const passed = pass(candidate, traits, state, kernel);
    steps.push({ candidate: passed.candidate, key: passed.key, outcome: passed.outcome });
    for (const [key, each] of landedBy(passed, kernel, state)) landed.set(key, each);
    const said = stepMessage(passed, traits);
    messages.push(...said);
    if (said.some(({ severity }) => severity === 'abort')) break;
  }
  return {
    attempts: steps.filter((step) => isAttempt(step, traits)).map((step) => attemptOf(step, traits)),
    steps,
    landed,
    messages,
    exitStatus: exitStatusOf(messages, traits),
    after: kernel.state,
  };
}
