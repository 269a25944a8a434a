import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditDocument } from '../../src/report/audit-document.ts';
import { auditDocument, findingsAbout, onPort } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Running, type Sandbox } from '../tools/sandbox.ts';
import { SERVERS, SOCKET_ACTIVATED_PORT, startServers, writeConfigs } from '../tools/servers.ts';
import { ssRows } from '../tools/ss.ts';

const PORTS = [...SERVERS.map(({ port }) => port), SOCKET_ACTIVATED_PORT];

/** The listener's own numbers and origin, in one value. */
function about(document: AuditDocument, port: number) {
  const { server, backlog, acceptQueue, boundBy, relisten } = onPort(document, port);
  return {
    port,
    server,
    requested: backlog.requested,
    source: backlog.source,
    file: backlog.file,
    line: backlog.line,
    limit: acceptQueue?.limit,
    capacity: acceptQueue?.capacity,
    boundBy,
    relistenNeeded: relisten.needed,
  };
}

describeWith(
  [...SANDBOX_PROGRAMS, 'nginx', 'redis-server', 'systemd-socket-activate'],
  'real servers',
  () => {
    let sandbox: Sandbox;
    let servers: Pick<Running, 'stop'>;
    let document: AuditDocument;

    async function audit(): Promise<AuditDocument> {
      const outcome = await sandbox.backlogctl(['audit', '--json']);
      expect(outcome).toMatchObject({ status: 0, stderr: '' });
      return auditDocument(outcome);
    }

    async function expectLimitsAsSsSaysThem(): Promise<void> {
      const rows = await ssRows(sandbox);
      const limits = PORTS.map((port) => [port, onPort(document, port).acceptQueue?.limit]);
      expect(limits).toEqual(PORTS.map((port) => [port, rows.get(port)?.limit]));
    }

    beforeAll(async () => {
      sandbox = await openSandbox();
      await writeConfigs(sandbox);
    });
    afterAll(async () => sandbox?.close());

    describe('with somaxconn 128', () => {
      beforeAll(async () => {
        await sandbox.setSysctl('net.core.somaxconn', 128);
        servers = await startServers(sandbox);
        document = await audit();
      });

      test.each(SERVERS)('$server on $port asks for $requested and gets 128', (expected) => {
        expect(about(document, expected.port)).toEqual({
          ...expected,
          limit: 128,
          capacity: 129,
          boundBy: 'somaxconn',
          relistenNeeded: false,
        });
      });

      test('a systemd-activated server asks for everything and gets 128', () => {
        const listener = onPort(document, SOCKET_ACTIVATED_PORT);
        expect(listener).toMatchObject({
          server: 'systemd-socket',
          backlog: { source: 'default', followsSomaxconn: true },
          acceptQueue: { limit: 128, capacity: 129 },
          boundBy: 'somaxconn',
        });
      });

      test('the limits are those of ss', expectLimitsAsSsSaysThem);

      test.each(SERVERS)(
        'the remedy for $port raises somaxconn to $requested at least',
        ({ port, requested }) => {
          const remedies = findingsAbout(document, onPort(document, port)).flatMap(
            (finding) => finding.remedies,
          );
          const values = remedies.flatMap((remedy) =>
            remedy.kind === 'require' && remedy.requirement.key === 'net.core.somaxconn'
              ? [Number(remedy.requirement.value)]
              : [],
          );
          expect(values.length).toBeGreaterThan(0);
          expect(Math.max(...values)).toBeGreaterThanOrEqual(requested);
          expect(remedies.map(({ kind }) => kind)).toContain('relisten');
        },
      );

      test('the actions are to set a sysctl and to listen again', () => {
        expect(document.actions).toEqual(expect.arrayContaining(['set-sysctl', 'relisten']));
        expect(document.actions).not.toContain('change-server');
      });

      test('the text names each with its numbers, and what to type', async () => {
        const { status, stdout } = await sandbox.backlogctl(['audit']);
        expect(status).toBe(0);
        for (const port of PORTS) expect(stdout).toContain(`127.0.0.1:${port}`);
        expect(stdout).toMatch(/At boot +nothing to write: 4096 is what this kernel starts with/);
        expect(stdout).toContain('net.core.somaxconn to 4096 now (it is 128)');
        expect(stdout).toMatch(
          /The plan changes 1 value\.\n +See it +backlogctl plan\n +Do it +backlogctl apply\n/,
        );
        expect(stdout).not.toContain('sysctl -w');
      });
    });

    describe('then with somaxconn 4096', () => {
      beforeAll(async () => {
        await sandbox.setSysctl('net.core.somaxconn', 4096);
        document = await audit();
      });

      test.each(PORTS)('the listener on %d is stale: it has to listen again', (port) => {
        expect(about(document, port)).toMatchObject({
          limit: 128,
          capacity: 129,
          boundBy: 'somaxconn-at-listen',
          relistenNeeded: true,
        });
        const remedies = findingsAbout(document, onPort(document, port)).flatMap(
          (finding) => finding.remedies,
        );
        expect(remedies.map(({ kind }) => kind)).toContain('relisten');
        expect(remedies.map(({ kind }) => kind)).not.toContain('require');
      });

      test('the limits are those of ss', expectLimitsAsSsSaysThem);
    });

    describe('then with the servers restarted', () => {
      beforeAll(async () => {
        await servers.stop();
        servers = await startServers(sandbox);
        document = await audit();
      });

      test.each(SERVERS)('$server on $port has what it asked for', (expected) => {
        expect(about(document, expected.port)).toEqual({
          ...expected,
          limit: expected.requested,
          capacity: expected.requested + 1,
          boundBy: 'backlog',
          relistenNeeded: false,
        });
      });

      test('the systemd-activated server has the whole of somaxconn', () => {
        expect(about(document, SOCKET_ACTIVATED_PORT)).toMatchObject({
          limit: 4096,
          capacity: 4097,
          boundBy: 'somaxconn',
          relistenNeeded: false,
        });
      });

      test('the limits are those of ss', expectLimitsAsSsSaysThem);

      test('there is nothing to do about any of them', () => {
        expect(document.actions).not.toContain('relisten');
        expect(document.actions).not.toContain('set-sysctl');
      });
    });
  },
);
