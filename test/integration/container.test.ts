import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditDocument, onPort } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

describeWith(SANDBOX_PROGRAMS, 'an audit inside a container', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox('container');
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sandbox.start(['node', '-e', "require('node:http').createServer().listen(3000, '127.0.0.1')"]);
    await sandbox.listening(3000);
  });
  afterAll(async () => sandbox?.close());

  test('leaves sysctls to the definition of the container', async () => {
    const document = auditDocument(await sandbox.backlogctl(['audit', '--json']));
    expect(document.host.environment).toBe('container');
    expect(onPort(document, 3000)).toMatchObject({ acceptQueue: { limit: 128 }, boundBy: 'somaxconn' });
    expect(document.actions).toContain('set-in-container');
    expect(document.actions).not.toContain('set-sysctl');
  });

  test('and prints no command that cannot work there', async () => {
    const { status, stdout } = await sandbox.backlogctl(['audit', '--verbose']);
    expect(status).toBe(0);
    expect(stdout).toContain('--sysctl net.core.somaxconn=');
    expect(stdout).not.toMatch(/sysctl -w|\/etc\/sysctl\.d/);
  });
});
