import { standingRequirements, writtenBy } from '../apply/baseline.ts';
import type { Transaction } from '../apply/journal.ts';
import { active } from '../apply/rollback.ts';
import type { HostFacts } from '../apply/transaction.ts';
import { contentOf, octalMode } from '../collect/sysctl-files.ts';
import { inputError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import { DROP_IN_DIRECTORY, DROP_IN_NAME, profilesInForce } from '../plan/drop-in.ts';
import { textOf } from '../plan/file-state.ts';
import type { Ours } from '../plan/ours.ts';
import type { FileState } from '../plan/plan.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import type { SourcedRequirement } from '../sysctl/requirement.ts';
import { obstacleOf } from './obstacle.ts';

const DROP_IN = `${DROP_IN_DIRECTORY}/${DROP_IN_NAME}`;

function notReplaced(file: string, kind: string): UserError {
  return new UserError({
    code: 'refused',
    status: EXIT.refused,
    at: { file },
    message: `not a regular file but a ${kind}, and so not replaced`,
    hint: 'move it out of the way',
  });
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

/** What earlier runs left on this host, as far as the journal and the drop-in tell. */
export function oursOf(reader: HostReader, transactions: readonly Transaction[], facts: HostFacts): Ours {
  return {
    dropIn: { path: DROP_IN, state: readFileState(reader, DROP_IN), obstacle: () => obstacleOf(reader) },
    written: writtenBy(transactions, facts),
  };
}

/**
 * The same, as far as a snapshot tells: its drop-in, and nothing of a journal.
 * @throws UserError where something else than a regular file stands there
 */
export function oursInSnapshot({ sysctlFiles = [] }: Snapshot): Ours {
  const file = sysctlFiles.find(({ path }) => path === DROP_IN);
  if (file !== undefined && file.kind !== 'file') throw notReplaced(DROP_IN, file.kind);
  return { dropIn: { path: DROP_IN, state: file === undefined ? null : stateOf(file) }, written: new Map() };
}

/** Whose the file is was not collected: sysctl files are root's. */
function stateOf({ mode = '0644', text, base64 }: SysctlFile): FileState {
  const content = base64 === undefined ? { text: text ?? '' } : { base64 };
  return { ...content, mode: `0${mode.slice(-3)}`, uid: 0, gid: 0 };
}

/**
 * The profiles that the host stands under: those of the newest transaction that was not taken back, or without a
 * journal those that the drop-in names.
 */
export function profilesThatStand(transactions: readonly Transaction[], { dropIn }: Ours): readonly string[] {
  const newest = active(transactions).at(-1);
  return newest?.intent.plan.profiles ?? profilesInForce(textOf(dropIn.state) ?? '');
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

/** machine-id(5); null where there is none, as in an image. */
export function readMachineId(reader: HostReader): string | null {
  const text = valueOr(reader.readText('/etc/machine-id'), '').trim();
  return /^[0-9a-f]{32}$/.test(text) ? text : null;
}
