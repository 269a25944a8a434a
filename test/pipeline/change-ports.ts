import type { ChangePorts } from '../../src/pipeline/locked.ts';
import type { Fault, MemoryDisk } from '../tools/memory-disk.ts';

export type PortOptions = {
  readonly fault?: Fault;
  readonly lock?: 'held' | 'busy';
  readonly isHeld?: () => boolean;
  readonly uid?: number;
};

/** What a run of `apply` or `rollback` by root takes, on a disk in memory. */
export function changePorts(
  disk: MemoryDisk,
  { fault, lock = 'held', isHeld = () => true, uid = 0 }: PortOptions = {},
): ChangePorts {
  return {
    reader: disk.reader,
    writer: disk.writer(fault),
    exec: { run: () => ({ kind: 'failed', why: 'absent' }) },
    clock: { now: () => '2026-11-20T10:00:00Z', sleep: async () => undefined, monotonicMs: () => 0 },
    identity: { uid, pid: 1 },
    locks: {
      acquire: async () =>
        lock === 'busy'
          ? { kind: 'busy' }
          : { kind: 'held', lock: { isHeld, release: async () => undefined } },
    },
    log: { log: async () => true },
    interrupted: () => null,
  };
}
