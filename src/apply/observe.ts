import { type Fact, mapFact, thenFact } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import { spaced } from '../core/text.ts';
import { bytesOf, contentOf } from '../plan/file-state.ts';
import type { FileState, FileStep, LiveStep, TakenLine } from '../plan/plan.ts';
import { undoneIn } from '../plan/taken-lines.ts';
import { sameSetting } from '../sysctl/catalogue.ts';
import { parseNumbers } from '../sysctl/codec.ts';
import { keyToProcPath, type SysctlKey } from '../sysctl/key.ts';

/** Where the world stands with respect to one step. `partial`: a vector that was written by half, one way or the other. */
export type Standing =
  | { readonly kind: 'from' }
  | { readonly kind: 'to' }
  | { readonly kind: 'partial'; readonly found: string }
  | { readonly kind: 'foreign'; readonly found: string }
  /**
   * A file that is somebody else's and that they changed since. What undoing leaves of it: their changes stay. null where
   * there is nothing to undo.
   */
  | { readonly kind: 'edited'; readonly undone: FileState | null; readonly lost: readonly TakenLine[] }
  /** The key is not there: another kernel, or a module that is not loaded. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string };

export function readLive(reader: HostReader, key: SysctlKey): Fact<string> {
  return mapFact(reader.readText(keyToProcPath(key)), (text) => text.replace(/\n$/, ''));
}

type Numbers = readonly number[];

/** The first numbers of one and the others of the other. */
function isSplice(now: Numbers, first: Numbers, rest: Numbers): boolean {
  const taken = now.findIndex((number, index) => number !== first[index]);
  return taken > 0 && now.slice(taken).every((number, index) => number === rest[taken + index]);
}

/**
 * The kernel keeps the members of a vector that it read before the one that it refuses: of what was to be set, or of
 * what was to be put back.
 */
function isPartial(found: string, { from, to }: LiveStep): boolean {
  const [now, before, after] = [found, from, to].map((text) => parseNumbers(text) ?? []);
  if (now === undefined || before === undefined || after === undefined) return false;
  if (now.length < 2 || now.length !== before.length || now.length !== after.length) return false;
  return isSplice(now, after, before) || isSplice(now, before, after);
}

/**
 * Where a live value stands. Where `from` and `to` say the same it counts as `to`: there is nothing to do and nothing
 * to undo.
 */
export function standingOfLive(reader: HostReader, step: LiveStep): Standing {
  const { key } = step.target;
  const live = readLive(reader, key);
  if (!live.ok && live.why === 'absent') return { kind: 'absent' };
  if (!live.ok) return { kind: 'unreadable', why: live.detail ?? live.why };
  if (sameSetting(key, live.value, step.to)) return { kind: 'to' };
  if (sameSetting(key, live.value, step.from)) return { kind: 'from' };
  return { kind: isPartial(live.value, step) ? 'partial' : 'foreign', found: spaced(live.value) };
}

export function modeAndOwner({ mode, uid, gid }: FileState) {
  return { mode: Number.parseInt(mode, 8), owner: { uid, gid } };
}

type Observed = {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

/** null where nothing stands there; a link, a directory and the like by its kind: it is not followed. */
function observe(reader: HostReader, path: string): Fact<Observed | string | null> {
  const stat = reader.lstat(path);
  if (!stat.ok) return stat.why === 'absent' ? { ok: true, value: null } : stat;
  const { kind, mode, uid, gid } = stat.value;
  if (kind !== 'file') return { ok: true, value: kind };
  return thenFact(reader.readBytes(path), (bytes) => ({
    ok: true,
    value: { bytes, mode: mode & 0o777, uid, gid },
  }));
}

function isState(observed: Observed | null, state: FileState | null): boolean {
  if (observed === null || state === null) return observed === null && state === null;
  return (
    Buffer.compare(observed.bytes, bytesOf(state)) === 0 &&
    observed.mode === Number.parseInt(state.mode, 8) &&
    observed.uid === state.uid &&
    observed.gid === state.gid
  );
}

function editedSince({ bytes, mode, uid, gid }: Observed, step: FileStep): Standing {
  const { bytes: after, lost } = undoneIn(bytes, step);
  const state = { ...contentOf(after), mode: `0${mode.toString(8).padStart(3, '0')}`, uid, gid };
  return { kind: 'edited', undone: after.equals(bytes) ? null : state, lost };
}

export function standingOfFile(reader: HostReader, step: FileStep): Standing {
  const { target, from, to, takeover } = step;
  const observed = observe(reader, target.path);
  if (!observed.ok) return { kind: 'unreadable', why: observed.detail ?? observed.why };
  if (typeof observed.value === 'string') return { kind: 'foreign', found: `a ${observed.value}` };
  if (isState(observed.value, to)) return { kind: 'to' };
  if (isState(observed.value, from)) return { kind: 'from' };
  if (takeover !== undefined && observed.value !== null) return editedSince(observed.value, step);
  return { kind: 'foreign', found: observed.value === null ? 'gone' : 'of another content or mode' };
}
