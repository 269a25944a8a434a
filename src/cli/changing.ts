import type { Who } from '../apply/transaction.ts';
import { movedWriter } from '../core/moved-paths.ts';
import type { SystemLog } from '../core/ports.ts';
import { ENDING_SIGNALS, endingSignal, type Signal } from '../core/signals.ts';
import { hostFileLabels, NO_LABELS } from '../host/file-labels.ts';
import { hostLocks } from '../host/lock.ts';
import { inodeOf, kernelName } from '../host/namespace-journal.ts';
import { writerInside } from '../host/network-namespace.ts';
import { ownProgram } from '../host/own-program.ts';
import { hostReverter } from '../host/reverter.ts';
import { hostSystemLog } from '../host/system-log.ts';
import { hostWriter } from '../host/writer.ts';
import { readWho } from '../pipeline/host-facts.ts';
import type { ChangePorts, Looking } from '../pipeline/locked.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { CommonOptions, PlaceOptions } from './options.ts';
import { hostPorts, journalMove, snapshotOf, textOptions } from './session.ts';
import type { Terminal } from './terminal.ts';

type DeferredSignals = {
  readonly interrupted: () => Signal | null;
  /** Signals end us as usual while it runs: nothing has been begun. */
  readonly undeferred: <T>(act: () => Promise<T>) => Promise<T>;
  readonly stop: () => void;
};

/**
 * While the host is being changed a signal is only noted: the run ends between two steps, after putting everything
 * back.
 */
export function deferSignals(): DeferredSignals {
  let noted: Signal | null = null;
  const note = (signal: NodeJS.Signals) => {
    noted ??= endingSignal(signal);
  };
  const start = () => {
    for (const signal of ENDING_SIGNALS) process.on(signal, note);
  };
  const stop = () => {
    for (const signal of ENDING_SIGNALS) process.off(signal, note);
  };
  start();
  return {
    interrupted: () => noted,
    undeferred: async (act) => {
      stop();
      try {
        return await act();
      } finally {
        start();
      }
    },
    stop,
  };
}

/** Numbers of transactions are each network namespace's own. */
function systemLogOf(inside: string | undefined): SystemLog {
  return hostSystemLog(inside === undefined ? '' : `${kernelName(inside)} `);
}

export function changePorts(options: PlaceOptions, interrupted: () => Signal | null): ChangePorts {
  const { root, inside } = options;
  const ports = hostPorts(options);
  const writer = hostWriter(ports.reader.root);
  // A directory that we make for the drop-in has to be one that everybody can read.
  process.umask(0o022);
  return {
    ...ports,
    writer:
      inside === undefined ? writer : movedWriter(writerInside(writer, inodeOf(inside)), journalMove(inside)),
    locks: hostLocks(),
    // What an image is built with is none of this host's affairs.
    log: root === undefined ? systemLogOf(inside) : { log: async () => true },
    labels: root === undefined ? hostFileLabels() : NO_LABELS,
    reverter: hostReverter([...ownProgram(), ...(inside === undefined ? [] : ['--inside', inside])]),
    interrupted,
  };
}

function whoRuns(ports: ChangePorts): Who {
  return readWho(ports.reader, ports.identity.uid, process.env.SUDO_USER ?? null);
}

/** The host, image or network namespace that the options lead to, for whoever changes it. */
export function lookingAt(
  options: CommonOptions & PlaceOptions,
  terminal: Terminal,
  ports: ChangePorts,
): Looking {
  return {
    look: (keys: readonly SysctlKey[]) => snapshotOf(options, terminal, keys),
    live: options.root === undefined,
    who: whoRuns(ports),
    failedBehind: noteEnded(options, terminal),
  };
}

/** Says what was ended of earlier runs, where what is printed in the end says nothing of it. */
function noteEnded(
  options: CommonOptions & PlaceOptions,
  terminal: Terminal,
): NonNullable<Looking['failedBehind']> {
  return async (recovered) => {
    const { renderRecovery } = await import('../report/text/change-text.ts');
    terminal.note(renderRecovery({ recovered, barrier: null }, textOptions(options, terminal)));
  };
}

/** Has a command change it, while signals are only noted. */
export async function whileChanging<T>(
  options: CommonOptions & PlaceOptions,
  terminal: Terminal,
  act: (looking: Looking, ports: ChangePorts) => Promise<T>,
): Promise<T> {
  const signals = deferSignals();
  try {
    const ports = changePorts(options, signals.interrupted);
    return await act(lookingAt(options, terminal, ports), ports);
  } finally {
    signals.stop();
  }
}
