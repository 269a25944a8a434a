import { errnoText } from '../core/errno-text.ts';
import { baseName } from '../core/paths.ts';
import type {
  CallFailure,
  CallResult,
  FileLabels,
  HostReader,
  HostWriter,
  SystemLog,
} from '../core/ports.ts';
import { spaced } from '../core/text.ts';
import { bytesOf } from '../plan/file-state.ts';
import type { FileState, FileStep, LiveStep, Step } from '../plan/plan.ts';
import { sameSetting } from '../sysctl/catalogue.ts';
import { keyToProcPath } from '../sysctl/key.ts';
import { inOrder, unless } from './calls.ts';
import { modeAndOwner, readLive, type Standing, standingOfFile, standingOfLive } from './observe.ts';
import { parentOf, removeFile, replaceFile } from './write-file.ts';

/** Why a step could not be done, or not be undone. */
export type StepFailure =
  | { readonly kind: 'call'; readonly failure: CallFailure }
  /** The kernel took the value and holds another one. */
  | { readonly kind: 'read-back'; readonly wanted: string; readonly found: string };

export type StepResult = { readonly ok: true } | { readonly ok: false; readonly failure: StepFailure };

const OK: StepResult = { ok: true };

export type World = {
  readonly reader: HostReader;
  readonly writer: HostWriter;
  readonly labels: FileLabels;
  readonly log: SystemLog;
};

export function standingOf(step: Step, { reader }: Pick<World, 'reader'>): Standing {
  return step.kind === 'live' ? standingOfLive(reader, step) : standingOfFile(reader, step);
}

function ofCall(result: CallResult): StepResult {
  return result.ok ? OK : { ok: false, failure: { kind: 'call', failure: result } };
}

/** Writes a live value as a whole and reads it back: a write that succeeds need not have set what was written. */
export async function writeLive(
  key: string,
  value: string,
  { reader, writer }: Pick<World, 'reader' | 'writer'>,
): Promise<StepResult> {
  const written = await writer.writeSysctl(keyToProcPath(key), spaced(value));
  if (!written.ok) return ofCall(written);
  const live = readLive(reader, key);
  if (live.ok && sameSetting(key, live.value, value)) return OK;
  const found = live.ok ? live.value.trim() : (live.detail ?? live.why);
  return { ok: false, failure: { kind: 'read-back', wanted: value, found } };
}

/** Beside the file, hidden, and without an ending that a loader reads; the same for every try of one transaction. */
function temporaryOf(path: string, id: string): string {
  const name = baseName(path);
  return `${parentOf(path)}/.${name}.${id}.new`;
}

async function putFile(
  { path }: FileStep['target'],
  state: FileState | null,
  id: string,
  { writer, labels, log }: World,
): Promise<CallResult> {
  if (state === null) return removeFile(writer, path);
  const file = { path, bytes: bytesOf(state), ...modeAndOwner(state) };
  const parent = parentOf(path);
  const put = await inOrder(
    async () => unless('EEXIST', await writer.mkdir(parent, 0o755)),
    () => writer.syncDir(parentOf(parent)),
    () => replaceFile(writer, file, temporaryOf(path, id)),
  );
  // The file is there and is read, whatever its label.
  if (put.ok && !(await labels.restore(path))) await log.log(`${id}: restorecon ${path} failed`);
  return put;
}

/** Takes one step. Its old value is on the disk. */
export async function takeStep(step: Step, id: string, world: World): Promise<StepResult> {
  return step.kind === 'live'
    ? writeLive(step.target.key, step.to, world)
    : ofCall(await putFile(step.target, step.to, id, world));
}

/** Puts back what stood there before the step, or what somebody else has made of it without us. */
export async function putFileBack(
  step: FileStep,
  state: FileState | null,
  id: string,
  world: World,
): Promise<StepResult> {
  return ofCall(await putFile(step.target, state, id, world));
}

/** What a run that was killed may have left beside the file. */
export async function clearTemporary(
  step: Step,
  id: string,
  { reader, writer }: Pick<World, 'reader' | 'writer'>,
): Promise<CallResult> {
  if (step.kind === 'live') return { ok: true, value: undefined };
  const temporary = temporaryOf(step.target.path, id);
  const stat = reader.lstat(temporary);
  // We never make a directory of that name.
  if (!stat.ok || stat.value.kind === 'directory') return { ok: true, value: undefined };
  return inOrder(
    async () => unless('ENOENT', await writer.unlink(temporary)),
    () => writer.syncDir(parentOf(temporary)),
  );
}

export function callText({ call, path, errno }: CallFailure): string {
  return `${call} of ${path} failed: ${errnoText(errno)}`;
}

export function failureText(failure: StepFailure): string {
  return failure.kind === 'call'
    ? callText(failure.failure)
    : `the kernel holds '${failure.found}' and not '${failure.wanted}'`;
}

export function nameOf(step: LiveStep | FileStep): string {
  return step.kind === 'live' ? step.target.key : step.target.path;
}
