import { expect, test } from '@jest/globals';
import type { Recovery } from '../../src/apply/recover.ts';
import { reportError } from '../../src/cli/boundary.ts';
import { usageError } from '../../src/core/errors.ts';
import type { HostReader } from '../../src/core/ports.ts';
import { type ChangePorts, type Looking, underLock } from '../../src/pipeline/locked.ts';
import { applying, DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { memoryTerminal } from '../cli/memory-terminal.ts';
import { hostOf } from '../rules/host.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { changePorts, freshDisk, interruptedDisk, type PortOptions } from './change-ports.ts';

const KEY = 'net.core.somaxconn';
const PATH = '/proc/sys/net/core/somaxconn';
const PLAN = planOf([live(KEY, '128', '8192'), file(DROP_IN, null, `${KEY} = 8192\n`)]);

const LOOKING: Looking = {
  look: async () => hostOf({ kernel: FACTS.kernel, files: {} }),
  live: true,
  who: FACTS.who,
};

async function printed(disk: MemoryDisk, options: PortOptions = {}, more: Partial<Looking> = {}) {
  const terminal = memoryTerminal();
  const looking = { ...LOOKING, ...more };
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

test('a run that put back what another had left does not say that it changed nothing, but tells of it', async () => {
  const disk = await interruptedDisk(PLAN);
  const told: Recovery[] = [];
  const failedBehind = async (recovered: readonly Recovery[]) => void told.push(...recovered);
  expect(await printed(disk, {}, { failedBehind })).toEqual({ status: 2, code: 'usage', changed: null });
  expect(told).toMatchObject([{ id: '000001', was: 'applying' }]);
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

test('a run that is to set no live value puts back those of an earlier one all the same', async () => {
  const disk = await interruptedDisk(PLAN);
  await printed(disk, {}, { live: false });
  expect(disk.world()[PATH]).toBe('644 128');
  expect(disk.world()[DROP_IN]).toBeUndefined();
});

/** The same tree, as it is mounted for somebody else on the same kernel, or on another one, who sees these files. */
function mounted(
  disk: MemoryDisk,
  bootId: string,
  files: Readonly<Record<string, string>> = {},
): ChangePorts {
  const running = memoryDisk(files, { 'kernel/random/boot_id': bootId }).reader;
  const readLink: HostReader['readLink'] = (path) =>
    path === '/proc/self/ns/pid' ? { ok: true, value: 'pid:[4026531836]' } : running.readLink(path);
  return {
    ...changePorts(disk),
    reader: {
      ...disk.reader,
      root: '/host',
      typed: { ...disk.reader.typed, path: (path) => `/host${path}` },
    },
    running: { ...running, readLink },
  };
}

test('the root of a container that has ended, seen by whoever sees all processes, is a tree like any other', async () => {
  const disk = freshDisk();
  await applying(disk, PLAN);
  const files = { '/proc/1/stat': '', '/proc/self/mountinfo': '', '/proc/1/mountinfo': '' };
  const ports = mounted(disk, FACTS.bootId ?? '', files);
  const act = async () => 'acted';
  await expect(underLock(ports, { ...LOOKING, live: false }, act)).resolves.toBe('acted');
});

test.each<readonly [string, () => Promise<MemoryDisk>]>([
  ['a run left in the middle', () => interruptedDisk(PLAN)],
  [
    'stands',
    async () => {
      const disk = freshDisk();
      await applying(disk, PLAN);
      return disk;
    },
  ],
])(
  'through another root what %s here is not taken back: its live values are out of reach',
  async (_, made) => {
    const disk = await made();
    const before = disk.world();
    const act = async () => 'acted';
    const run = underLock(mounted(disk, FACTS.bootId ?? ''), { ...LOOKING, live: false }, act);
    await expect(run).rejects.toMatchObject({
      status: 5,
      message:
        '/host/ is the root of what runs here, or a copy of it: transaction 000001 has set values of this kernel, which --root does not reach',
      hint: 'run it without --root, where that is /; of a copy, remove /host/var/lib/backlogctl',
    });
    expect(disk.world()).toEqual(before);
    const elsewhere = underLock(mounted(disk, 'boot-2'), { ...LOOKING, live: false }, act);
    await expect(elsewhere).resolves.toBe('acted');
  },
);
