import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const APPLY = ['apply', '--profile', 'web-frontend', '--loader', 'procps', '--yes'];
const CALLS = '/run/restorecon.calls';

/** Stands in for the system's own, and notes for what it was called, and whether that was there. */
const restorecon = (status: number) => `#!/bin/sh
printf '%s %s %s\\n' "$(stat -c %a "$2")" "$*" "$(env | grep -c SECRET)" >>${CALLS}
exit ${status}
`;

describeWith(SANDBOX_PROGRAMS, 'a host with SELinux', () => {
  let sandbox: Sandbox;
  const sh = (script: string) => sandbox.output(['sh', '-euc', script]);
  beforeEach(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sh('mount -t tmpfs tmpfs /sys/fs; mkdir /sys/fs/selinux; echo 1 >/sys/fs/selinux/enforce');
    // This machine's programs, and one more.
    await sh(`mkdir /run/overlay/sbin /run/overlay/sbin-work; mount -t overlay overlay \\
-o lowerdir=/usr/sbin,upperdir=/run/overlay/sbin,workdir=/run/overlay/sbin-work /usr/sbin`);
  });
  afterEach(async () => sandbox?.close());

  test('restorecon gives each file that was written the label of its path', async () => {
    await sandbox.writeFile('/usr/sbin/restorecon', restorecon(0), '0755');
    await sandbox.writeFile('/etc/sysctl.conf', 'net.core.somaxconn = 512\n');
    const applied = await sandbox.backlogctl([...APPLY, '--takeover'], { env: { SECRET: 'of-the-caller' } });
    expect([applied.status, applied.stderr]).toEqual([0, '']);
    expect(await sh(`cat ${CALLS}`)).toBe(`644 -- ${DROP_IN} 0\n644 -- /etc/sysctl.conf 0\n`);
    await sandbox.backlogctl(['rollback']);
    expect(await sh(`tail -n +3 ${CALLS}`)).toBe('644 -- /etc/sysctl.conf 0\n');
  });

  test('a host without it, or on which it fails, is changed all the same', async () => {
    expect((await sandbox.backlogctl(APPLY)).status).toBe(0);
    await sandbox.backlogctl(['rollback']);
    await sandbox.writeFile('/usr/sbin/restorecon', restorecon(1), '0755');
    expect((await sandbox.backlogctl(APPLY)).status).toBe(0);
    expect(await sh(`cat ${CALLS}`)).toBe(`644 -- ${DROP_IN} 0\n`);
  });

  test('of an image it knows nothing', async () => {
    await sandbox.writeFile('/usr/sbin/restorecon', restorecon(0), '0755');
    await sh('mkdir -p /run/tree/etc; echo NAME=x >/run/tree/etc/os-release');
    const image = ['--root', '/run/tree', '--no-live'];
    expect((await sandbox.backlogctl([...APPLY, ...image])).status).toBe(0);
    expect(await sh(`ls ${CALLS} 2>&1 || true`)).toContain('No such file');
  });
});
