import { expect, test } from '@jest/globals';
import { applyPlan } from '../../src/apply/apply.ts';
import { readJournal } from '../../src/apply/journal.ts';
import { rollback } from '../../src/apply/rollback.ts';
import type { ApplyContext } from '../../src/apply/run.ts';
import { NO_LABELS } from '../../src/host/file-labels.ts';
import { memoryDisk } from '../tools/memory-disk.ts';
import { syncTracker, type Unsynced } from '../tools/sync-tracker.ts';
import { DROP_IN, FACTS, file, live, planOf } from './host.ts';

const OLD = '# old\n';
const NEW = '# new\nnet.core.somaxconn = 8192\n';
const FIRST = 'net.core.somaxconn';
const SECOND = 'net.ipv4.tcp_fin_timeout';
const PLAN = planOf([live(FIRST, '128', '8192'), live(SECOND, '60', '30'), file(DROP_IN, OLD, NEW)]);
const NOTHING: Unsynced = { files: [], directories: [] };
const JOURNAL = '/var/lib/backlogctl/transactions/000001';

function start() {
  const disk = memoryDisk(
    { [DROP_IN]: OLD, '/var/lib/x': '' },
    { 'net/core/somaxconn': '128', 'net/ipv4/tcp_fin_timeout': '60' },
  );
  /** What a power cut would lose at the moment of each live write, and what the journal says then. */
  const seen: { readonly unsynced: Unsynced; readonly log: string; readonly kept: boolean }[] = [];
  const writer = syncTracker(disk.writer(), () => {
    const log = disk.reader.readText(`${JOURNAL}/log.ndjson`);
    seen.push({
      unsynced: writer.unsynced(),
      log: log.ok ? log.value : 'none',
      kept: disk.reader.lstat(`${JOURNAL}/before${DROP_IN}`).ok,
    });
  });
  const context: ApplyContext = {
    facts: FACTS,
    ports: {
      reader: disk.reader,
      writer,
      lock: { isHeld: () => true, release: async () => undefined },
      log: { log: async () => true },
      labels: NO_LABELS,
      clock: { now: () => '2026-11-20T10:00:00Z', sleep: async () => undefined, monotonicMs: () => 0 },
      interrupted: () => null,
    },
  };
  return { disk, seen, writer, context };
}

test('before each value is written the journal is on the disk as a whole, and says which', async () => {
  const { seen, writer, context } = start();
  await applyPlan({ plan: PLAN, why: null, transactions: [], window: null }, context);
  expect(seen.map(({ unsynced, kept }) => [unsynced, kept])).toEqual([
    [NOTHING, true],
    [NOTHING, true],
  ]);
  expect(seen[0]?.log).toContain(`live:${FIRST}`);
  expect(seen[1]?.log).toContain(`live:${SECOND}`);
  expect(writer.unsynced()).toEqual(NOTHING);
});

test('a rollback leaves nothing to a power cut either', async () => {
  const { disk, seen, writer, context } = start();
  await applyPlan({ plan: PLAN, why: null, transactions: [], window: null }, context);
  seen.length = 0;
  const transactions = await readJournal(disk.reader, 0);
  await rollback({ transactions, force: false, targets: () => () => null }, context);
  expect(seen.map(({ unsynced }) => unsynced)).toEqual([NOTHING, NOTHING]);
  expect(seen[0]?.log).toContain('rolling-back');
  expect(writer.unsynced()).toEqual(NOTHING);
});

test('the drop-in is written after the values, and taken away before them', async () => {
  const { disk, context } = start();
  const order: string[] = [];
  const note = (name: string) => order.push(name);
  const watched: ApplyContext = {
    ...context,
    ports: {
      ...context.ports,
      writer: {
        ...context.ports.writer,
        writeSysctl: (path, value) => {
          note(path.slice(path.lastIndexOf('/') + 1));
          return context.ports.writer.writeSysctl(path, value);
        },
        rename: (from, to) => {
          if (to === DROP_IN) note('file');
          return context.ports.writer.rename(from, to);
        },
      },
    },
  };
  await applyPlan({ plan: PLAN, why: null, transactions: [], window: null }, watched);
  const transactions = await readJournal(disk.reader, 0);
  await rollback({ transactions, force: false, targets: () => () => null }, watched);
  expect(order).toEqual([
    ...['somaxconn', 'tcp_fin_timeout', 'file'],
    ...['file', 'tcp_fin_timeout', 'somaxconn'],
  ]);
});
