import { linesTakenOver, rememberedDropIn, standingRequirements, writtenBy } from '../apply/baseline.ts';
import type { Transaction } from '../apply/journal.ts';
import { active } from '../apply/rollback.ts';
import type { HostFacts } from '../apply/transaction.ts';
import { contentOf, octalMode } from '../collect/sysctl-files.ts';
import { inputError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { HostReader } from '../core/ports.ts';
import { profilesInForce } from '../plan/drop-in.ts';
import { textOf } from '../plan/file-state.ts';
import { type Ours, type StandingDropIn, standingDropIn } from '../plan/ours.ts';
import type { FileState } from '../plan/plan.ts';
import { STATED_LOAD } from '../profile/stated-load.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { dropInPath, isMarked, markedDropIn, ownDropIn } from '../sysctl/own-drop-in.ts';
import type { SourcedRequirement } from '../sysctl/requirement.ts';
import { obstacleOf } from './obstacle.ts';
import { isElsewhere } from './reach.ts';

function refused(file: string, message: string, hint: string): UserError {
  return new UserError({ code: 'refused', status: EXIT.refused, at: { file }, message, hint });
}

function notReplaced(file: string, kind: string): UserError {
  return refused(file, `not a regular file but a ${kind}, and so not replaced`, 'move it out of the way');
}

/**
 * A file that a plan may replace, as it stands; null where nothing does.
 * @throws UserError where something else than a regular file stands there, or it cannot be read
 */
function readFileState(reader: HostReader, path: string): FileState | null {
  const stat = reader.lstat(path);
  if (!stat.ok && stat.why === 'absent') return null;
  const bytes = reader.readBytes(path);
  if (stat.ok && stat.value.kind !== 'file') {
    throw notReplaced(path, stat.value.kind);
  }
  if (!stat.ok || !bytes.ok) {
    const why = !stat.ok ? stat : bytes;
    throw inputError(
      'unreadable',
      { file: path },
      `cannot be read: ${why.ok ? '' : (why.detail ?? why.why)}`,
    );
  }
  const { mode, uid, gid } = stat.value;
  return { ...contentOf(bytes.value), mode: octalMode(mode & 0o777), uid, gid };
}

/**
 * Where our drop-in stands, or is to be made. The journal knows what it is called; without one, or where somebody has
 * given the file another name by hand, the file that says that it is ours does.
 */
function standingPath(files: readonly SysctlFile[], transactions: readonly Transaction[]): string {
  const remembered = rememberedDropIn(transactions);
  const isThere = files.some(({ path }) => path === remembered);
  if (remembered !== null && (isThere || markedDropIn(files) === null)) return remembered;
  return ownDropIn(files);
}

/** @throws UserError where the file would replace another one, or keep another one from being read */
function checkFree(fileName: string, files: readonly SysctlFile[]): void {
  const path = dropInPath(fileName);
  const standing = files.find((file) => file.path === path);
  if (standing?.kind === 'file' && !isMarked(standing.text)) {
    throw refused(
      path,
      'not written by backlogctl, and so not replaced',
      'give --file-name another name, or move that file out of the way',
    );
  }
  const hidden = files.find((file) => file.path !== path && file.path.endsWith(`/sysctl.d/${fileName}`));
  if (hidden === undefined) return;
  throw refused(
    hidden.path,
    `would no longer be read: of files called ${fileName} only the one in the first directory is`,
    'give --file-name another name',
  );
}

/** null where nothing stands there, or something that is no regular file and so not ours. */
function regularFileState(reader: HostReader, path: string): FileState | null {
  const stat = reader.lstat(path);
  return stat.ok && stat.value.kind !== 'file' ? null : readFileState(reader, path);
}

type StateOf = (path: string) => FileState | null;

/** @param fileName null: it keeps the name that it has */
function dropInOf(
  files: readonly SysctlFile[],
  transactions: readonly Transaction[],
  fileName: string | null,
  stateOf: StateOf,
): StandingDropIn & { readonly movedFrom?: StandingDropIn } {
  const standing = standingPath(files, transactions);
  const path = fileName === null ? standing : dropInPath(fileName);
  if (fileName !== null && path !== standing) checkFree(fileName, files);
  const state = stateOf(path);
  const before = path === standing ? null : stateOf(standing);
  return { path, state, ...(before === null ? {} : { movedFrom: { path: standing, state: before } }) };
}

/** What this host tells of earlier runs, and what our drop-in is to be called. */
type Past = {
  readonly snapshot: Snapshot;
  readonly transactions: readonly Transaction[];
  /** As it was typed; null where the name stays. */
  readonly fileName: string | null;
};

/** Those that another network namespace, which is still there, does not keep to itself. */
function ofHere(transactions: readonly Transaction[], facts: HostFacts, reader: HostReader) {
  return transactions.filter((each) => !isElsewhere(each, facts, reader));
}

/**
 * What earlier runs left on this host, as far as the journal and the drop-in tell.
 * @throws UserError where something else than a regular file stands in the drop-in's place, or somebody else's file
 */
export function oursOf(
  reader: HostReader,
  { snapshot, transactions, fileName }: Past,
  facts: HostFacts,
): Ours {
  const stateOf = (path: string) => readFileState(reader, path);
  const dropIn = dropInOf(snapshot.sysctlFiles ?? [], transactions, fileName, stateOf);
  return {
    dropIn: { ...dropIn, obstacle: () => obstacleOf(reader) },
    written: writtenBy(ofHere(transactions, facts, reader), facts),
    takenOver: linesTakenOver(transactions),
  };
}

/** The same for whoever only looks: something else in the drop-in's place is no drop-in. */
export function oursToLookAt(
  reader: HostReader,
  { snapshot, transactions }: Omit<Past, 'fileName'>,
  facts: HostFacts,
): Ours {
  const stateAt = (path: string) => regularFileState(reader, path);
  const dropIn = dropInOf(snapshot.sysctlFiles ?? [], transactions, null, stateAt);
  return { dropIn, written: writtenBy(ofHere(transactions, facts, reader), facts) };
}

function collectedState(files: readonly SysctlFile[], path: string): FileState | null {
  const file = files.find((each) => each.path === path);
  return file?.kind === 'file' ? stateOf(file) : null;
}

/** The same, as far as a snapshot tells: its drop-in, and nothing of a journal. */
export function oursInSnapshotToLookAt({ sysctlFiles = [] }: Snapshot): Ours {
  const stateAt = (path: string) => collectedState(sysctlFiles, path);
  return { dropIn: dropInOf(sysctlFiles, [], null, stateAt), written: new Map() };
}

/**
 * The same for a plan.
 * @throws UserError like oursOf
 */
export function oursInSnapshot({ sysctlFiles = [] }: Snapshot, fileName: string | null = null): Ours {
  const stateAt = (path: string) => {
    const kind = sysctlFiles.find((each) => each.path === path)?.kind ?? 'file';
    if (kind !== 'file') throw notReplaced(path, kind);
    return collectedState(sysctlFiles, path);
  };
  return { dropIn: dropInOf(sysctlFiles, [], fileName, stateAt), written: new Map() };
}

/** Whose the file is was not collected: sysctl files are root's. */
export function stateOf({ mode = '0644', text, base64 }: SysctlFile): FileState {
  const content = base64 === undefined ? { text: text ?? '' } : { base64 };
  return { ...content, mode: `0${mode.slice(-3)}`, uid: 0, gid: 0 };
}

/**
 * The profiles that the host stands under: those of the newest transaction that was not taken back, or without a
 * journal those that the drop-in names.
 */
export function profilesThatStand(transactions: readonly Transaction[], ours: Ours): readonly string[] {
  const newest = active(transactions).at(-1);
  return newest?.intent.plan.profiles ?? profilesInForce(textOf(standingDropIn(ours).state) ?? '');
}

/** Whether a load was stated to the newest run that stands: to whoever repeats it that has to be said again. */
export function stoodForLoad(transactions: readonly Transaction[]): boolean {
  const plan = active(transactions).at(-1)?.intent.plan;
  const asked = [...(plan?.steps ?? []), ...(plan?.noOps ?? [])];
  return asked.some(({ because }) => because.some(({ name }) => name === STATED_LOAD));
}

/** What rules required of earlier plans that still stand. */
export function standingOf(transactions: readonly Transaction[]): readonly SourcedRequirement[] {
  return standingRequirements(transactions).map(({ netns, key, relation, value, rule, finding, text }) => ({
    netns,
    key,
    relation,
    value,
    because: [{ kind: 'plain', text }],
    by: { kind: 'rule', name: rule, finding },
    unchecked: false,
  }));
}
