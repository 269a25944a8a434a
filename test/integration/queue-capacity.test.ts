import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditDocument, findingsAbout, onPort } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox, until } from '../tools/sandbox.ts';
import { connecting, neverAccepting } from '../tools/servers.ts';
import { establishedOn, ssRows, tcpExt } from '../tools/ss.ts';

/** Node asks for 511 unless it is told otherwise. */
const BACKLOG = 511;

const CASES = [
  { port: 9001, somaxconn: 4096, raisedTo: null, boundBy: 'backlog' },
  { port: 9002, somaxconn: 511, raisedTo: null, boundBy: 'both' },
  { port: 9003, somaxconn: 16, raisedTo: null, boundBy: 'somaxconn' },
  { port: 9004, somaxconn: 128, raisedTo: 4096, boundBy: 'somaxconn-at-listen' },
] as const;

describeWith(SANDBOX_PROGRAMS, 'what connecting sockets really get', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(async () => sandbox?.close());

  test.each(CASES)(
    'somaxconn $somaxconn, then $raisedTo: the queue holds what the audit says',
    async (each) => {
      await sandbox.setSysctl('net.core.somaxconn', each.somaxconn);
      const server = await sandbox.start(neverAccepting(each.port, BACKLOG));
      await sandbox.listening(each.port);
      if (each.raisedTo !== null) await sandbox.setSysctl('net.core.somaxconn', each.raisedTo);
      const listener = onPort(auditDocument(await sandbox.backlogctl(['audit', '--json'])), each.port);
      const capacity = Math.min(BACKLOG, each.somaxconn) + 1;
      expect(listener.acceptQueue).toMatchObject({ limit: capacity - 1, capacity, length: 0 });

      const overflowsBefore = await tcpExt(sandbox, 'ListenOverflows');
      const client = await sandbox.start(connecting(each.port, capacity + 10));
      await until(
        async () => (await tcpExt(sandbox, 'ListenOverflows')) >= overflowsBefore + 10,
        'ten connections that find no place',
      );
      expect(await establishedOn(sandbox, each.port)).toBe(capacity);

      const full = auditDocument(await sandbox.backlogctl(['audit', '--json']));
      const row = (await ssRows(sandbox)).get(each.port);
      expect(onPort(full, each.port).acceptQueue).toMatchObject({
        length: row?.length,
        limit: row?.limit,
        capacity,
      });
      expect(row?.length).toBe(capacity);
      expect(onPort(full, each.port).boundBy).toBe(each.boundBy);
      await client.stop();
      await server.stop();
    },
  );

  test('two samples show a queue that overflows now, with a finding about it', async () => {
    await sandbox.setSysctl('net.core.somaxconn', 128);
    const server = await sandbox.start(neverAccepting(9010, 4));
    await sandbox.listening(9010);
    const client = await sandbox.start(connecting(9010, 60));
    await until(async () => (await establishedOn(sandbox, 9010)) === 5, 'a full queue');
    const document = auditDocument(await sandbox.backlogctl(['audit', '--json', '--sample', '3s']));
    expect(document.findings.map(({ rule }) => rule)).toContain('accept-queue/overflowing');
    const about = findingsAbout(document, onPort(document, 9010));
    expect(about.map(({ severity }) => severity)).not.toEqual([]);
    await client.stop();
    await server.stop();
  });
});
