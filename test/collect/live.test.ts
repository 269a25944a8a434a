import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { collectSnapshot } from '../../src/collect/collect.ts';
import { hostClock } from '../../src/host/clock.ts';
import { hostExec } from '../../src/host/exec.ts';
import { hostIdentity } from '../../src/host/identity.ts';
import { hostReader } from '../../src/host/reader.ts';
import type { Listener } from '../../src/snapshot/listener.ts';
import { Snapshot } from '../../src/snapshot/snapshot.ts';

/** The libuv of Node 20 pads abstract names with NULs, which `ss` prints as more `@`. */
const FORGED = `\0test-${process.pid} 5 * 0\nu_str 0      9      /run/forged 6 * 0\ntcp LISTEN 0 1 0.0.0.0:22 0.0.0.0:*`;
const PATH = join(tmpdir(), `größe and\nbreak-${process.pid}.sock`);

const servers: Server[] = [];
let ours: readonly Listener[] = [];
let snapshot: Snapshot | null = null;

function listen(options: {
  host?: string;
  path?: string;
  ipv6Only?: boolean;
  backlog: number;
}): Promise<void> {
  const server = createServer();
  servers.push(server);
  return new Promise((resolve) =>
    server.listen({ ...(options.path === undefined && { port: 0 }), ...options }, resolve),
  );
}

beforeAll(async () => {
  await listen({ host: '127.0.0.1', backlog: 7 });
  await listen({ host: '::', backlog: 8 });
  await listen({ host: '::1', ipv6Only: true, backlog: 9 });
  await listen({ path: PATH, backlog: 10 });
  await listen({ path: FORGED, backlog: 11 });
  const ports = { reader: hostReader(), exec: hostExec(), clock: hostClock(), identity: hostIdentity() };
  snapshot = await collectSnapshot(ports, { live: true, sampleSeconds: null });
  const all = snapshot.namespaces[0]?.listeners ?? [];
  ours = all.filter(({ processes }) => processes?.some(({ pid }) => pid === process.pid));
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(PATH, { force: true });
});

/** Against the real `ss` and /proc of the machine that runs the tests: only sockets of this very process are judged. */
describe('this host', () => {
  test('our own listeners are seen as they are', () => {
    const byLimit = [...ours].sort((a, b) => (a.limit ?? 0) - (b.limit ?? 0));
    const uid = process.geteuid?.();
    expect(byLimit).toMatchObject([
      { protocol: 'tcp', address: '127.0.0.1', limit: 7, length: 0, uid },
      { protocol: 'tcp', address: '*', limit: 8, v6only: false, uid },
      { protocol: 'tcp', address: '::1', limit: 9, v6only: true, uid },
      { protocol: 'unix', path: PATH, limit: 10, length: 0, uid },
      { protocol: 'unix', path: expect.stringContaining(FORGED.replace('\0', '@')), limit: 11, uid },
    ]);
  });

  test('no forged row became a listener of its own', () => {
    const text = JSON.stringify(
      (snapshot?.namespaces[0]?.listeners ?? []).filter((listener) => !ours.includes(listener)),
    );
    expect(text).not.toContain('/run/forged');
  });

  test('what was collected is what the schema describes', () => {
    expect(Snapshot.parse(snapshot)).toEqual(snapshot);
    expect(snapshot?.namespaces[0]?.sysctls['net.core.somaxconn']).toMatchObject({ ok: true });
    expect(snapshot?.namespaces[0]?.samples?.[0]?.counters).toHaveProperty('ListenOverflows');
    expect(snapshot?.host).toMatchObject({
      memoryBytes: { ok: true },
      pageBytes: { ok: true },
      cpus: { ok: true },
    });
  });
});
