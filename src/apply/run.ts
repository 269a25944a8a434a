import type { Clock, FileLabels, HeldLock, HostReader, HostWriter, SystemLog } from '../core/ports.ts';
import type { Signal } from '../core/signals.ts';
import type { Transaction } from './journal.ts';
import { append, withRecord } from './journal-writing.ts';
import type { LogRecord } from './records.ts';
import type { RunFacts } from './transaction.ts';

/** What carrying out and taking back need of the host. */
export type ApplyPorts = {
  readonly reader: HostReader;
  readonly writer: HostWriter;
  readonly lock: HeldLock;
  readonly labels: FileLabels;
  readonly log: SystemLog;
  readonly clock: Clock;
  /** A signal that asks us to end; looked at between steps, so that nothing is left half done. */
  interrupted(): Signal | null;
};

export type ApplyContext = {
  readonly ports: ApplyPorts;
  readonly facts: RunFacts;
  /** While the host comes up, before the sysctl files are applied: an earlier boot's live values are theirs to set. */
  readonly beforeFiles?: boolean;
};

/** A transaction while we work on it: what was said of it last is what its log holds. */
export type Running = {
  readonly transaction: () => Transaction;
  /** Puts the record on the disk; false where that failed, or where the lock is no longer ours. */
  readonly note: (record: LogRecord) => Promise<boolean>;
};

export function running(start: Transaction, { writer, lock }: ApplyPorts): Running {
  let transaction = start;
  return {
    transaction: () => transaction,
    note: async (record) => {
      if (!lock.isHeld()) return false;
      const written = await append(writer, transaction, record);
      // A write that failed may have left a part of its line.
      transaction = written.ok ? withRecord(transaction, record) : { ...transaction, torn: true };
      return written.ok;
    },
  };
}
