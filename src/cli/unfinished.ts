import { examineJournal, type Transaction } from '../apply/journal.ts';
import { outlooks } from '../apply/outlook.ts';
import { waitingOf } from '../apply/waiting.ts';
import { durationText } from '../core/duration.ts';
import { typedCommand } from '../core/ports.ts';
import { escapeControls } from '../core/text.ts';
import { momentHere } from '../pipeline/locked.ts';
import type { SourceOptions } from './options.ts';
import { hostPorts, recoverCommand } from './session.ts';
import type { Terminal } from './terminal.ts';

/** Says what waits, and what a run left in the middle, to whoever looks at the host meanwhile: it is about to change. */
export async function noteUnfinished(
  transactions: readonly Transaction[],
  options: SourceOptions,
  terminal: Terminal,
): Promise<void> {
  const { reader } = hostPorts(options);
  const now = momentHere(reader);
  const waiting = waitingOf(transactions, now);
  if (waiting !== null) {
    terminal.note(
      `backlogctl: transaction ${waiting.id} waits to be confirmed, and goes back in ${durationText(waiting.leftMs)}: nothing is applied until then, and the live values are its own\n`,
    );
  }
  const unfinished = outlooks(transactions, reader, now);
  if (unfinished.length === 0) return;
  const { unfinishedText } = await import('../report/text/unfinished-text.ts');
  for (const each of unfinished)
    terminal.note(`backlogctl: ${escapeControls(unfinishedText(each, recoverCommand(options)))}\n`);
}

/** The same for a command that has no use for the journal, and so is not hindered by one that is damaged. */
export async function lookForUnfinished(options: SourceOptions, terminal: Terminal): Promise<void> {
  const { reader, identity } = hostPorts(options);
  if (options.snapshot !== undefined || identity.uid !== 0) return;
  const { transactions, damaged } = await examineJournal(reader, identity.uid);
  await noteUnfinished(transactions, options, terminal);
  if (damaged.length > 0)
    terminal.note(
      `backlogctl: the journal is damaged: ${typedCommand('history', reader)} says where, and what to do\n`,
    );
}
