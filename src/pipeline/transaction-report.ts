import { byHand } from '../apply/by-hand.ts';
import { damageError, keptText } from '../apply/damage.ts';
import { examineJournal, type Journal, startedSteps, type Transaction } from '../apply/journal.ts';
import { directoryOf } from '../apply/journal-names.ts';
import { type Kept, keptFor } from '../apply/manifest.ts';
import type { Standing } from '../apply/observe.ts';
import { isUnfinished } from '../apply/recover.ts';
import { active } from '../apply/rollback.ts';
import { standingOf } from '../apply/steps.ts';
import { type Moment, waitingOf } from '../apply/waiting.ts';
import { ownNamespace } from '../collect/environment.ts';
import { UserError, unknownNameError, usageError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { valueOr } from '../core/fact.ts';
import { type HostReader, isHost, typedCommand } from '../core/ports.ts';
import type { Step } from '../plan/plan.ts';
import { checkPrivilege, momentHere } from './locked.ts';
import type { HostPorts } from './take-snapshot.ts';
import { type NameOfUser, userNames } from './user-names.ts';

/**
 * Where the world stands with respect to one step now. `by` is the transaction of ours that did it since; null where
 * somebody else did.
 */
export type StepNow =
  | { readonly kind: 'as-set'; readonly by: string | null }
  | { readonly kind: 'as-before'; readonly by: string | null }
  | { readonly kind: 'changed'; readonly found: string; readonly by: string | null }
  /** This kernel has no such key. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'not-seen'; readonly why: string };

export type StepReport = {
  readonly step: Step;
  /** False where the run ended before it. */
  readonly started: boolean;
  readonly now: StepNow;
};

/** Whether the kernel was started anew since; `none` for an image, of which no kernel runs. */
type Boot = 'this' | 'earlier' | 'none' | 'unknown';

type Undo = {
  /** `recover` where a run left it in the middle. */
  readonly command: 'rollback' | 'recover';
  readonly options: readonly string[];
  readonly before: readonly string[];
};

export type TransactionReport = {
  readonly transaction: Transaction;
  readonly nameOf: NameOfUser;
  readonly boot: Boot;
  readonly steps: readonly StepReport[];
  readonly directory: string;
  /** What in it restores by hand, and whether it is whole. */
  readonly kept: readonly Kept[];
  /** The same in a sentence. */
  readonly keptText: string;
  /** As it is typed in the directory, with the tree as the root. */
  readonly byHand: ReturnType<typeof byHand>;
  readonly root: string;
  /** What takes it back, and the transactions that are taken back before; null: nothing to. */
  readonly undo: Undo | null;
  /** Milliseconds until it goes back by itself; null where it does not wait to be confirmed. */
  readonly leftMs: number | null;
};

function bootOf({ intent }: Transaction, reader: HostReader): Boot {
  if (intent.bootId === null) return 'none';
  const now = valueOr(reader.readText('/proc/sys/kernel/random/boot_id'), '').trim();
  if (now === '') return 'unknown';
  return now === intent.bootId ? 'this' : 'earlier';
}

/** Why a live value of then cannot be looked at from here; null where it can. */
function outOfSight({ intent }: Transaction, boot: Boot, reader: HostReader): string | null {
  if (boot === 'none') return 'an image has no live values';
  if (boot === 'unknown') return 'no kernel runs here';
  const own = ownNamespace(reader);
  if (boot === 'this' && own !== '' && intent.netns !== own)
    return `it is of network namespace ${intent.netns}, and this is another`;
  return null;
}

function sameTarget(one: Step, other: Step): boolean {
  if (one.kind === 'live') return other.kind === 'live' && one.target.key === other.target.key;
  return other.kind === 'file' && one.target.path === other.target.path;
}

/** The transaction of ours that set the target last, if that is how it stands. */
function setSince(step: Step, later: readonly Transaction[], reader: HostReader): string | null {
  const writers = later.flatMap(({ intent }) =>
    intent.plan.steps.flatMap((each) => (sameTarget(each, step) ? [{ id: intent.id, step: each }] : [])),
  );
  const last = writers.at(-1);
  return last !== undefined && standingOf(last.step, { reader }).kind === 'to' ? last.id : null;
}

/** Of somebody else's file, in which lines alone are ours. */
function editedText({ undone, lost }: Extract<Standing, { kind: 'edited' }>): string {
  if (lost.length > 0) return 'different in those lines too';
  return undone === null ? 'as before in those lines, and different in others' : 'different in other lines';
}

function stepNow(step: Step, later: readonly Transaction[], reader: HostReader): StepNow {
  const standing = standingOf(step, { reader });
  switch (standing.kind) {
    case 'to':
      return { kind: 'as-set', by: setSince(step, later, reader) };
    case 'from':
      return { kind: 'as-before', by: setSince(step, later, reader) };
    case 'partial':
    case 'foreign':
      return { kind: 'changed', found: standing.found, by: setSince(step, later, reader) };
    case 'edited':
      return { kind: 'changed', found: editedText(standing), by: setSince(step, later, reader) };
    case 'absent':
      return { kind: 'gone' };
    case 'unreadable':
      return { kind: 'not-seen', why: standing.why };
  }
}

function stepsOf(
  transaction: Transaction,
  boot: Boot,
  { transactions }: Journal,
  reader: HostReader,
): readonly StepReport[] {
  const { id, plan } = transaction.intent;
  const later = active(transactions).filter(({ intent }) => intent.id > id);
  const started = startedSteps(transaction);
  const hidden = outOfSight(transaction, boot, reader);
  return plan.steps.map((step) => ({
    step,
    started: started.includes(step),
    now:
      step.kind === 'live' && hidden !== null
        ? { kind: 'not-seen', why: hidden }
        : stepNow(step, later, reader),
  }));
}

function undoOf(
  transaction: Transaction,
  { transactions, damaged }: Journal,
  now: Moment,
): TransactionReport['undo'] {
  const { id } = transaction.intent;
  const command = 'rollback';
  if (isUnfinished(transaction, now)) return { command: 'recover', options: [], before: [] };
  // It is the newest: nothing else is applied until it is over.
  if (transaction.state.kind === 'waiting') return { command, options: [], before: [] };
  if (transaction.state.kind !== 'committed' || damaged.some((each) => each.id > id)) return null;
  const newer = active(transactions).filter(({ intent }) => intent.id > id);
  const before = newer.map(({ intent }) => intent.id);
  if (newer.length === 0) return { command, options: [], before };
  const previous = transactions.findLast(({ intent }) => intent.id < id);
  return { command, options: previous === undefined ? ['--all'] : ['--to', previous.intent.id], before };
}

/** @throws UserError for one that is not in the journal, with the reason where it is known */
function found(given: string, journal: Journal, reader: HostReader): Transaction {
  const id = given.padStart(6, '0');
  const { transactions, damaged, setAside } = journal;
  const transaction = transactions.find(({ intent }) => intent.id === id);
  if (transaction !== undefined) return transaction;
  const damage = damaged.filter((each) => each.id <= id && id <= each.lastId);
  if (damage.length > 0) throw damageError({ ...journal, damaged: damage }, reader);
  const gone = setAside.find(({ first, last }) => first <= Number(id) && Number(id) <= last);
  if (gone !== undefined) {
    throw new UserError({
      code: 'unknown-name',
      status: EXIT.badInput,
      message:
        gone.how === 'pruned'
          ? `transaction ${id} is no longer kept: it was undone or rolled back, and many came after it`
          : `transaction ${id} was put aside by hand`,
      hint: `${typedCommand('history', reader)} lists what there is`,
    });
  }
  const ids = transactions.map(({ intent }) => intent.id);
  throw unknownNameError('transaction', given, ids, typedCommand('history', reader));
}

/**
 * One transaction, and what became of what it did.
 * @param given as typed: `12` or `000012`
 * @throws UserError where only root may look, and for one that is not in the journal or damaged
 */
export async function transactionReport(
  given: string,
  reader: HostReader,
  identity: HostPorts['identity'],
): Promise<TransactionReport> {
  if (!/^\d{1,6}$/.test(given))
    throw usageError(
      `'${given}' is not the number of a transaction`,
      `${typedCommand('history', reader)} lists what there is`,
    );
  checkPrivilege({ identity });
  const journal = await examineJournal(reader, identity.uid, 'against-manifest');
  const transaction = found(given, journal, reader);
  const boot = bootOf(transaction, reader);
  const directory = directoryOf(transaction.intent.id);
  const isTree = !isHost(reader);
  const now = momentHere(reader);
  const kept = keptFor(reader, transaction.intent.id);
  return {
    transaction,
    nameOf: userNames(reader),
    boot,
    steps: stepsOf(transaction, boot, journal, reader),
    directory: isTree ? directory : reader.typed.path(directory),
    kept,
    keptText: keptText(kept),
    byHand: byHand(transaction.intent.plan, reader.typed),
    root: reader.root,
    undo: undoOf(transaction, journal, now),
    leftMs: waitingOf([transaction], now)?.leftMs ?? null,
  };
}
