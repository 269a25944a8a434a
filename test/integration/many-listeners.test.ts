import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditDocument, listeners } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox, until } from '../tools/sandbox.ts';

const TCP = 2000;
const UNIX = 100;
const LISTEN = `
const net = require('node:net');
for (let i = 0; i < ${TCP}; i += 1) net.createServer().listen(10000 + i, '127.0.0.1');
for (let i = 0; i < ${UNIX}; i += 1) net.createServer().listen('/run/many-' + i + '.sock');
`;

describeWith(SANDBOX_PROGRAMS, 'two thousand listeners', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sandbox.start(['node', '-e', LISTEN]);
    await until(async () => {
      const tcp = await sandbox.output(['ss', '-Htln']);
      const unix = await sandbox.output(['ss', '-Hxln']);
      return tcp.split('\n').length > TCP && unix.split('\n').length > UNIX;
    }, 'all listeners');
  });
  afterAll(async () => sandbox?.close());

  test('are all in the JSON, with one finding for their one cause', async () => {
    const outcome = await sandbox.backlogctl(['audit', '--json']);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    const document = auditDocument(outcome);
    const all = listeners(document);
    expect(all.filter(({ protocol }) => protocol === 'tcp')).toHaveLength(TCP);
    expect(all.filter(({ protocol }) => protocol === 'unix')).toHaveLength(UNIX);
    expect(new Set(all.map(({ id }) => id)).size).toBe(TCP + UNIX);
    expect(all.every(({ acceptQueue }) => acceptQueue?.limit === 128)).toBe(true);
    const about = document.findings.filter(({ subjects }) => subjects.length >= TCP);
    expect(about).toHaveLength(1);
    expect(document.complete).toBe(true);
  });

  test('make a text that a person can still read', async () => {
    const { status, stdout } = await sandbox.backlogctl(['audit']);
    expect(status).toBe(0);
    expect(stdout.split('\n').length).toBeLessThan(200);
  });
});
