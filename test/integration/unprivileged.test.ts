import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditDocument, onPort } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';
import { redisWith } from '../tools/servers.ts';

describeWith([...SANDBOX_PROGRAMS, 'redis-server'], 'an audit by nobody', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sandbox.start(redisWith('--port', '6379'));
    await sandbox.listening(6379);
  });
  afterAll(async () => sandbox?.close());

  test('works, and says what it could not see', async () => {
    const outcome = await sandbox.backlogctl(['audit', '--json'], { as: 'nobody' });
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    const document = auditDocument(outcome);
    expect(document.complete).toBe(false);
    expect(document.unseen.length).toBeGreaterThan(0);
    for (const { what, why } of document.unseen) expect([what, why]).not.toContain('');
    expect(onPort(document, 6379).acceptQueue).toMatchObject({ limit: 128, capacity: 129 });
  });

  test('names the blind spot in the text', async () => {
    const { status, stdout, stderr } = await sandbox.backlogctl(['audit'], { as: 'nobody' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('127.0.0.1:6379');
    const document = auditDocument(await sandbox.backlogctl(['audit', '--json'], { as: 'nobody' }));
    const flat = stdout.replace(/\s+/g, ' ');
    for (const { what } of document.unseen) expect(flat).toContain(what);
  });

  test('fails with --require-complete', async () => {
    const outcome = await sandbox.backlogctl(['audit', '--json', '--require-complete'], { as: 'nobody' });
    expect(outcome.status).toBe(1);
    expect(auditDocument(outcome).complete).toBe(false);
  });

  test('sees everything as root, and passes with --require-complete', async () => {
    const outcome = await sandbox.backlogctl(['audit', '--json', '--require-complete']);
    expect(auditDocument(outcome).unseen).toEqual([]);
    expect(outcome.status).toBe(0);
    expect(onPort(auditDocument(outcome), 6379).processes.map(({ name }) => name)).toEqual(['redis-server']);
  });
});
