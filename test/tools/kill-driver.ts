/**
 * Runs one of the commands that change a host as the program does, and kills its own process at one call of the writer: only the
 * disk and the kernel know then how far it came. `kill-driver VERB CALL PLAN`; with call 0 it runs through and prints how
 * many calls it made. `apply-within` waits to be confirmed, for what `revert` and `recover-late` take for over. `cycle` applies and
 * takes back without end.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { release, totalmem } from 'node:os';
import { known, mapFact } from '../../src/core/fact.ts';
import type { CallResult, HostReader, HostWriter, WritableFile } from '../../src/core/ports.ts';
import { hostClock } from '../../src/host/clock.ts';
import { hostExec } from '../../src/host/exec.ts';
import { NO_LABELS } from '../../src/host/file-labels.ts';
import { hostLocks } from '../../src/host/lock.ts';
import { hostReader } from '../../src/host/reader.ts';
import { hostWriter } from '../../src/host/writer.ts';
import { apply, type ConfirmWindow } from '../../src/pipeline/apply.ts';
import { confirm } from '../../src/pipeline/confirm.ts';
import { type ChangePorts, type Looking, underLock } from '../../src/pipeline/locked.ts';
import { revertUnconfirmed } from '../../src/pipeline/revert.ts';
import { rollback } from '../../src/pipeline/rollback.ts';
import { parsePlan } from '../../src/plan/read.ts';
import { recordingReverter } from './reverter.ts';

const [verb = '', at = '0', planFile = ''] = process.argv.slice(2);
const killAt = Number(at);
let calls = 0;

function counted<T extends readonly unknown[], R>(
  act: (...given: T) => Promise<CallResult<R>>,
): (...given: T) => Promise<CallResult<R>> {
  return (...given) => {
    calls += 1;
    if (calls === killAt) process.kill(process.pid, 'SIGKILL');
    return act(...given);
  };
}

function countedFile(file: WritableFile): WritableFile {
  return {
    write: counted(file.write),
    sync: counted(file.sync),
    chmod: counted(file.chmod),
    chown: counted(file.chown),
    close: counted(file.close),
  };
}

function countedWriter(writer: HostWriter): HostWriter {
  const opened =
    (open: HostWriter['openAppend']): HostWriter['openAppend'] =>
    async (path) => {
      const result = await open(path);
      return result.ok ? { ok: true, value: countedFile(result.value) } : result;
    };
  return {
    createExclusive: counted(async (path: string, mode: number) =>
      opened((there) => writer.createExclusive(there, mode))(path),
    ),
    openAppend: counted(opened(writer.openAppend)),
    mkdir: counted(writer.mkdir),
    rename: counted(writer.rename),
    syncDir: counted(writer.syncDir),
    unlink: counted(writer.unlink),
    rmdir: counted(writer.rmdir),
    writeSysctl: counted(writer.writeSysctl),
  };
}

const WINDOW_MS = 600_000;
const LATER_SECONDS = 3_600;

const isLate = verb === 'revert' || verb === 'recover-late';

/** By whose clock an hour has gone by since the boot more than has. */
function later(reader: HostReader): HostReader {
  return {
    ...reader,
    readText: (path, maxBytes) =>
      mapFact(reader.readText(path, maxBytes), (text) =>
        path === '/proc/uptime'
          ? text.replace(/^\d+/, (seconds) => `${Number(seconds) + LATER_SECONDS}`)
          : text,
      ),
  };
}

const ports: ChangePorts = {
  reader: isLate ? later(hostReader()) : hostReader(),
  exec: hostExec(),
  clock: hostClock(),
  identity: { uid: 0, pid: process.pid },
  writer: countedWriter(hostWriter()),
  locks: hostLocks(),
  log: { log: async () => true },
  labels: NO_LABELS,
  reverter: recordingReverter(),
  interrupted: () => null,
};

function ownNetns(): string {
  return /\[(\d+)\]/.exec(readlinkSync('/proc/self/ns/net'))?.[1] ?? '';
}

/** The least that a run has to know; the plan was made before. */
const looking: Looking = {
  look: async () => ({
    kind: 'snapshot',
    schemaVersion: 0,
    takenAt: '2026-11-20T09:00:00Z',
    host: { kernel: { release: release() }, memoryBytes: known(totalmem()) },
    namespaces: [{ id: ownNetns(), name: 'host', sysctls: {} }],
    sysctlFiles: [],
  }),
  live: true,
  who: { uid: 0, loginUid: null, sudoUser: null },
};

async function applied(window: ConfirmWindow | null): Promise<string> {
  const plan = parsePlan(readFileSync(planFile, 'utf8'), planFile);
  const { outcome } = await apply(
    {
      ...looking,
      plan: async () => ({ ...plan, host: { ...plan.host, machineId: null } }),
      consent: async () => true,
      onConflict: 'fail',
      why: null,
      window,
    },
    ports,
  );
  return outcome.kind;
}

const VERBS: Readonly<Record<string, () => Promise<string>>> = {
  apply: () => applied(null),
  'apply-within': () => applied({ milliseconds: WINDOW_MS, check: null }),
  confirm: async () => (await confirm(looking, ports)).outcome.kind,
  revert: async () => {
    await revertUnconfirmed('000001', looking, ports);
    return 'reverted';
  },
  rollback: rolledBack,
  recover: recovered,
  'recover-late': recovered,
  cycle: async () => {
    for (;;) {
      await applied(null);
      await rolledBack();
    }
  },
};

async function rolledBack(): Promise<string> {
  const done = await rollback({ ...looking, howFar: { kind: 'newest' }, force: false }, ports);
  return done.rolledBack.map(({ finished }) => finished).join();
}

async function recovered(): Promise<string> {
  const recoveries = await underLock(ports, looking, async (locked) => locked.recovered);
  return recoveries.map(({ was }) => was).join();
}

const ended = await VERBS[verb]?.();
process.stdout.write(`${ended} ${calls}\n`);
// Behind its last call it may still have been about to say so.
if (killAt > calls) process.kill(process.pid, 'SIGKILL');
