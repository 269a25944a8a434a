import type { Reverter } from '../../src/core/ports.ts';
import { NO_LABELS } from '../../src/host/file-labels.ts';
import type { ChangePorts } from '../../src/pipeline/locked.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { applying, DROP_IN, FACTS } from '../apply/host.ts';
import { type Fault, type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { NO_REVERTER } from '../tools/reverter.ts';

export type PortOptions = {
  readonly fault?: Fault;
  readonly lock?: 'held' | 'busy';
  readonly isHeld?: () => boolean;
  readonly uid?: number;
  readonly reverter?: Reverter;
};

/** What a run of `apply` or `rollback` by root takes, on a disk in memory. */
export function changePorts(
  disk: MemoryDisk,
  { fault, lock = 'held', isHeld = () => true, uid = 0, reverter = NO_REVERTER }: PortOptions = {},
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
    labels: NO_LABELS,
    reverter,
    interrupted: () => null,
  };
}

/** The host of FACTS, on which nothing has been changed. */
export function freshDisk(somaxconn = '128'): MemoryDisk {
  return memoryDisk(
    {
      '/etc/sysctl.d/50-site.conf': '',
      '/run/backlogctl/lock': '',
      '/etc/machine-id': `${FACTS.machineId}\n`,
      '/proc/uptime': '1000.00 900.00\n',
    },
    { 'net/core/somaxconn': somaxconn, 'kernel/random/boot_id': FACTS.bootId ?? '' },
  );
}

/** The same after a run that was killed once it had written the drop-in. */
export async function interruptedDisk(plan: Plan): Promise<MemoryDisk> {
  for (let at = 1; ; at += 1) {
    const disk = freshDisk();
    const { kind } = await applying(disk, plan, { fault: { at, what: 'kill-after' } });
    if (kind !== 'killed') throw new Error('the drop-in is never there before the end');
    if (disk.world()[DROP_IN] !== undefined) return disk;
  }
}
