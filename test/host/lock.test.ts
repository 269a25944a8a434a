import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hostLocks } from '../../src/host/lock.ts';
import { describeWith } from '../tools/requirements.ts';
import { until } from '../tools/sandbox.ts';

/** Processes that this one started. */
function childrenNamed(name: string): readonly number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const [, comm, parent] =
        /^\d+ \((.*)\) \S (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
      return comm === name && Number(parent) === process.pid ? [Number(entry)] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

describeWith(['flock'], 'the lock', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-lock-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const acquire = () => hostLocks().acquire(path.join(directory, 'lock'));

  test("is one run's at a time, and free again once it is released", async () => {
    const first = await acquire();
    if (first.kind !== 'held') throw new Error(first.kind);
    expect(await acquire()).toEqual({ kind: 'busy' });
    await first.lock.release();
    const second = await acquire();
    expect(second.kind).toBe('held');
    if (second.kind === 'held') await second.lock.release();
  });

  test('is known to be lost when the process that holds it is ended', async () => {
    const held = await acquire();
    if (held.kind !== 'held') throw new Error(held.kind);
    expect(held.lock.isHeld()).toBe(true);
    for (const pid of childrenNamed('cat')) process.kill(pid, 'SIGKILL');
    await until(async () => !held.lock.isHeld(), 'the loss to be seen');
  });

  test('that cannot be taken says why', async () => {
    expect(await hostLocks().acquire(path.join(directory, 'no/lock'))).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('No such file'),
    });
  });
});
