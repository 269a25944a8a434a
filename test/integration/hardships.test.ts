import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Sandbox } from '../tools/sandbox.ts';

const WEB = ['--profile', 'web-frontend', '--no-persist'];
const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';

describeWith(SANDBOX_PROGRAMS, 'hardships on a host', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
  });
  afterEach(async () => sandbox?.close());
  const sh = (script: string) => sandbox.run(['sh', '-uc', script]);
  const inOther = (...argv: readonly string[]) => sandbox.run(['ip', 'netns', 'exec', 'other', ...argv]);

  test('a terminal that is closed (SIGHUP) in the middle of apply puts everything back', async () => {
    // It ends after the signal has arrived: both come through the kernel's queue, in no order that is promised.
    await sandbox.writeFile('/run/logger', '#!/bin/sh\nkill -HUP $PPID\nsleep 1\n', '0755');
    await sh('mount --bind /run/logger "$(readlink -f /usr/bin/logger)"');
    const applied = await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
    const now = await sh(`cat /proc/sys/net/core/somaxconn; ls ${DROP_IN}`);
    expect([applied.status, now.stdout]).toEqual([expect.anything(), '128\n']);
  });

  test('a saved plan in a directory that everybody may write to is not obeyed', async () => {
    await sh('mkdir -m 777 /run/open');
    await sandbox.backlogctl(['plan', '--profile', 'web-frontend', '--out', '/run/open/plan.json']);
    const { status, stdout } = await sandbox.backlogctl(['apply', '/run/open/plan.json', '--yes']);
    expect([status, stdout.slice(0, 80)]).toEqual([2, '']);
  });

  test('rollback from another network namespace than the one that was changed says so', async () => {
    await sandbox.setSysctl('net.core.somaxconn', 4096);
    await sh('mkdir -p /run/netns; ip netns add other');
    const applied = await inOther('node', BIN, 'apply', ...WEB, '--yes');
    const there = async () => (await inOther('cat', '/proc/sys/net/core/somaxconn')).stdout;
    const was = await there();
    const rolled = await sandbox.backlogctl(['rollback']);
    expect([applied.status, was, await there()]).toEqual([0, '8192\n', '8192\n']);
    expect([rolled.status, rolled.stdout]).toEqual([5, expect.anything()]);
  });

  test('a plan made for one network namespace is not obeyed in another', async () => {
    await sh(
      'mkdir -p /run/netns; ip netns add other; ip netns exec other sysctl -qw net.core.somaxconn=128',
    );
    await inOther('node', BIN, 'plan', ...WEB, '--out', '/run/plan.json');
    const { status, stdout } = await sandbox.backlogctl(['apply', '/run/plan.json', '--yes']);
    expect([status, stdout.slice(0, 300)]).toEqual([5, expect.anything()]);
  });

  test('the lock of another tree stays in that tree', async () => {
    await sh(
      'mkdir -p /run/tree/etc /run/tree/run /run/outside; ln -s /run/outside /run/tree/run/backlogctl; echo NAME=x >/run/tree/etc/os-release',
    );
    const r = await sandbox.backlogctl([
      'apply',
      '--root',
      '/run/tree',
      '--no-live',
      '--profile',
      'base',
      '--yes',
    ]);
    expect([(await sh('ls -A /run/outside')).stdout, r.status]).toEqual(['', expect.anything()]);
  });
  test('a FIFO there does not hang', async () => {
    await sh('mkdir -p /run/tree/etc /run/tree/run/backlogctl; mkfifo /run/tree/run/backlogctl/lock');
    const r = await sandbox.backlogctl(
      ['apply', '--root', '/run/tree', '--no-live', '--profile', 'base', '--yes'],
      { timeoutMs: 10_000 },
    );
    expect(r.status).not.toBe(-1);
  });

  test('the drop-in masked with a link to /dev/null after apply: rollback, and later commands', async () => {
    await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
    await sh(`ln -sf /dev/null ${DROP_IN}`);
    const first = await sandbox.backlogctl(['rollback']);
    const later = await sandbox.backlogctl(['apply', '--profile', 'base', '--yes']);
    expect([first.status, first.stdout, later.status]).toEqual([1, expect.anything(), 5]);
  });

  test('rollback twice after a SIGINT before it began: not "nothing to roll back" and 0', async () => {
    await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
    // flock stands between the start and the first step.
    await sandbox.writeFile(
      '/run/flock.sh',
      '#!/bin/sh\nkill -INT $PPID\nsleep 1\nexec /run/flock.real "$@"\n',
      '0755',
    );
    await sh(
      'cp "$(readlink -f /usr/bin/flock)" /run/flock.real; mount --bind /run/flock.sh "$(readlink -f /usr/bin/flock)"',
    );
    const r = await sandbox.backlogctl(['rollback']);
    expect([r.status, r.stdout]).toEqual([130, expect.anything()]);
  });

  test('umask 077: the directory of the drop-in stays readable', async () => {
    await sh('rmdir /etc/sysctl.d');
    const r = await sh(`umask 077; node ${BIN} apply --profile web-frontend --yes >/dev/null`);
    expect([r.status, (await sh('stat -c %a /etc/sysctl.d')).stdout]).toEqual([0, '755\n']);
  });

  test('a torn transaction directory (no intent.json) and an empty one', async () => {
    await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
    await sh('mkdir /var/lib/backlogctl/transactions/000002');
    for (const command of [['status'], ['history'], ['plan'], ['rollback']]) {
      const r = await sandbox.backlogctl(command);
      expect([command, r.status]).toEqual([command, 5]);
    }
  });
});
