import { unreadKeysOfOurs } from '../../apply/baseline.ts';
import type { Transaction } from '../../apply/journal.ts';
import { outlooks } from '../../apply/outlook.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { transactionsToLookAt } from '../../pipeline/history.ts';
import { hostFacts } from '../../pipeline/host-facts.ts';
import { momentHere } from '../../pipeline/locked.ts';
import {
  oursInSnapshotToLookAt,
  oursToLookAt,
  profilesThatStand,
  stoodForLoad,
} from '../../pipeline/ours.ts';
import { isDrift, type Status, status } from '../../pipeline/status.ts';
import type { Ours } from '../../plan/ours.ts';
import { statusDocument } from '../../report/change-json.ts';
import { renderStatus } from '../../report/text/status-text.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { CommonOptions, SourceOptions } from '../options.ts';
import { planCommands } from '../plan-commands.ts';
import { hostPorts, snapshotOf, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type StatusOptions = SourceOptions & { readonly all?: true };

type Journal = readonly Transaction[] | null;

/** A snapshot holds none, and who is not root sees none. */
async function journalSeen(options: StatusOptions): Promise<Journal> {
  const { reader, identity } = hostPorts(options);
  return options.snapshot === undefined && identity.uid === 0 ? transactionsToLookAt(reader, identity) : null;
}

function oursFor(options: StatusOptions, snapshot: Snapshot, transactions: Journal): Ours {
  if (options.snapshot !== undefined) return oursInSnapshotToLookAt(snapshot);
  const { reader } = hostPorts(options);
  const facts = hostFacts(reader, snapshot, options.root === undefined);
  return oursToLookAt(reader, { snapshot, transactions: transactions ?? [] }, facts);
}

async function statusOf(options: StatusOptions & CommonOptions, terminal: Terminal): Promise<Status> {
  const transactions = await journalSeen(options);
  const snapshot = await snapshotOf(options, terminal, unreadKeysOfOurs(transactions ?? []));
  const ours = oursFor(options, snapshot, transactions);
  const profiles = profilesThatStand(transactions ?? [], ours);
  const { apply } = planCommands({ profiles: [...profiles], conflicts: [] }, options);
  const { reader } = hostPorts(options);
  const now = momentHere(reader);
  return status({
    snapshot,
    ours,
    transactions,
    unfinished: outlooks(transactions ?? [], reader, now),
    now,
    ...(options.loader === undefined ? {} : { loader: options.loader }),
    all: options.all === true,
    apply,
    forLoad: stoodForLoad(transactions ?? []),
  });
}

export async function runStatus(
  options: StatusOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const found = await statusOf(options, terminal);
  const isSnapshot = options.snapshot !== undefined;
  await writeResult(
    {
      json: () => statusDocument(found),
      text: (layout) => renderStatus(found, { ...layout, isSnapshot }),
    },
    options,
    terminal,
  );
  return found.keys.some(isDrift) || found.unfinished.length > 0 ? EXIT.findings : EXIT.done;
}
