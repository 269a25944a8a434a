import type { Who } from '../apply/transaction.ts';
import { hostLocks } from '../host/lock.ts';
import { hostSystemLog } from '../host/system-log.ts';
import { hostWriter } from '../host/writer.ts';
import { readWho } from '../pipeline/host-facts.ts';
import type { ChangePorts } from '../pipeline/locked.ts';
import type { SourceOptions } from './options.ts';
import { hostPorts } from './session.ts';

type Signal = 'SIGINT' | 'SIGTERM';

/**
 * While the host is being changed a signal is only noted: the run ends between two steps, after putting everything
 * back. @returns what was noted, and how to stop noting
 */
export function deferSignals(): { readonly interrupted: () => Signal | null; readonly stop: () => void } {
  let noted: Signal | null = null;
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((signal) => {
    const listener = () => {
      noted ??= signal;
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  return {
    interrupted: () => noted,
    stop: () => {
      for (const { signal, listener } of listeners) process.off(signal, listener);
    },
  };
}

export function changePorts({ root }: SourceOptions, interrupted: () => Signal | null): ChangePorts {
  return {
    ...hostPorts(root),
    writer: hostWriter(root ?? '/'),
    locks: hostLocks(),
    // What an image is built with is none of this host's affairs.
    log: root === undefined ? hostSystemLog() : { log: async () => true },
    interrupted,
  };
}

export function whoRuns(ports: ChangePorts): Who {
  return readWho(ports.reader, ports.identity.uid, process.env.SUDO_USER ?? null);
}
