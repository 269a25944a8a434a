/**
 * Runs apply, rollback or recovery alone as the program does, and kills its own process at one call of the writer:
 * only the disk and the kernel know then how far it came. `kill-driver VERB CALL [PLAN]`; with call 0 it runs through and prints how
 * many calls it made.
 */
import { readFileSync } from 'node:fs';
import type { CallResult, HostWriter, WritableFile } from '../../src/core/ports.ts';
import { hostClock } from '../../src/host/clock.ts';
import { hostExec } from '../../src/host/exec.ts';
import { hostLocks } from '../../src/host/lock.ts';
import { hostReader } from '../../src/host/reader.ts';
import { hostWriter } from '../../src/host/writer.ts';
import { apply } from '../../src/pipeline/apply.ts';
import { type ChangePorts, underLock } from '../../src/pipeline/locked.ts';
import { rollback } from '../../src/pipeline/rollback.ts';
import { parsePlan } from '../../src/plan/read.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { NO_REVERTER } from './reverter.ts';

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

const ports: ChangePorts = {
  reader: hostReader(),
  exec: hostExec(),
  clock: hostClock(),
  identity: { uid: 0, pid: process.pid },
  writer: countedWriter(hostWriter()),
  locks: hostLocks(),
  log: { log: async () => true },
  reverter: NO_REVERTER,
  interrupted: () => null,
};

/** The least that a run has to know; the plan was made before. */
const look = async (): Promise<Snapshot> => ({
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: { kernel: { release: 'test' } },
  namespaces: [{ id: '1', name: 'host', sysctls: {} }],
  sysctlFiles: [],
});
const who = { uid: 0, loginUid: null, sudoUser: null };

if (verb === 'apply') {
  const plan = parsePlan(readFileSync(planFile, 'utf8'), planFile);
  const { outcome } = await apply(
    {
      look,
      plan: async () => ({ ...plan, host: { ...plan.host, machineId: null } }),
      consent: async () => true,
      onConflict: 'fail',
      live: true,
      why: null,
      window: null,
      who,
    },
    { ...ports, reader: { ...ports.reader } },
  );
  process.stdout.write(`${outcome.kind} ${calls}\n`);
} else if (verb === 'recover') {
  const recovered = await underLock(ports, { look, live: true, who }, async (locked) => locked.recovered);
  process.stdout.write(`${recovered.map(({ was }) => was).join()} ${calls}\n`);
} else {
  const { rolledBack } = await rollback(
    { look, howFar: { kind: 'newest' }, force: false, live: true, who },
    ports,
  );
  process.stdout.write(`${rolledBack.map(({ finished }) => finished).join()} ${calls}\n`);
}
