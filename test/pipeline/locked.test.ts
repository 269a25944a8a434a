import { expect, test } from '@jest/globals';
import { reportError } from '../../src/cli/boundary.ts';
import { usageError } from '../../src/core/errors.ts';
import { underLock } from '../../src/pipeline/locked.ts';
import { DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { memoryTerminal } from '../cli/memory-terminal.ts';
import { hostOf } from '../rules/host.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { changePorts, freshDisk, interruptedDisk, type PortOptions } from './change-ports.ts';

const KEY = 'net.core.somaxconn';
const PATH = '/proc/sys/net/core/somaxconn';
const PLAN = planOf([live(KEY, '128', '8192'), file(DROP_IN, null, `${KEY} = 8192\n`)]);

async function printed(disk: MemoryDisk, options: PortOptions = {}) {
  const terminal = memoryTerminal();
  const looking = {
    look: async () => hostOf({ kernel: FACTS.kernel, files: {} }),
    live: true,
    who: FACTS.who,
  };
  const act = async () => {
    throw usageError('no such transaction');
  };
  const run = underLock(changePorts(disk, options), looking, act);
  const status = await run.catch((thrown) => reportError(thrown, { json: true, verbose: false }, terminal));
  const document = JSON.parse(terminal.stdout());
  expect(schemaFaults('error', document)).toEqual([]);
  return { status, changed: document.changed, code: document.code };
}

test.each<readonly [string, PortOptions, object]>([
  ['a run that is refused', { uid: 1000 }, { status: 5, code: 'refused', changed: false }],
  ['a run beside another', { lock: 'busy' }, { status: 75, code: 'busy', changed: false }],
  ['a run that is asked for what is not there', {}, { status: 2, code: 'usage', changed: false }],
])('%s says that it changed nothing', async (_, options, expected) => {
  const disk = freshDisk();
  expect(await printed(disk, options)).toEqual(expected);
});

test('a run that put back what another had left does not say so, whatever ends it then', async () => {
  const disk = await interruptedDisk(PLAN);
  expect(await printed(disk)).toEqual({ status: 2, code: 'usage', changed: null });
  expect(disk.world()[PATH]).toBe('644 128');
  expect(disk.world()[DROP_IN]).toBeUndefined();
});

test('nor does one that could not put it back', async () => {
  const statuses = new Set<unknown>();
  for (let at = 1; at <= 12; at += 1) {
    const { status, changed } = await printed(await interruptedDisk(PLAN), { fault: { at, what: 'EIO' } });
    expect(changed).toBeNull();
    statuses.add(status);
  }
  expect([...statuses].sort()).toEqual([2, 4]);
});
