import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { schemaFaults } from '../tools/published-schema.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox, until } from '../tools/sandbox.ts';

const KEY = '/proc/sys/net/core/somaxconn';
const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const APPLY = ['apply', '--profile', 'web-frontend', '--yes'];

describeWith(SANDBOX_PROGRAMS, 'a change that waits to be confirmed, without systemd', () => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(async () => sandbox?.close());
  beforeEach(async () => {
    await sandbox.backlogctl(['rollback', '--all']);
    await sandbox.setSysctl('net.core.somaxconn', 128);
  });

  async function live(): Promise<string> {
    return (await sandbox.output(['cat', KEY])).trim();
  }

  async function hasDropIn(): Promise<boolean> {
    return (await sandbox.run(['test', '-e', DROP_IN])).status === 0;
  }

  async function json(...args: readonly string[]) {
    const { stdout } = await sandbox.backlogctl([...args, '--json']);
    const document = JSON.parse(stdout);
    expect(schemaFaults(document.kind, document)).toEqual([]);
    return document;
  }

  /** Processes that would revert something. */
  async function reverters(): Promise<readonly string[]> {
    const { stdout } = await sandbox.run(['pgrep', '-f', 'revert-unconfirmed']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('goes back by itself, though the run and its session are long gone', async () => {
    // A session of its own, whose leader is killed with everything in it.
    const script = `node /run/product/bin/backlogctl.js "$@" >/run/out 2>&1; kill -KILL 0`;
    await sandbox.run(['setsid', '--wait', 'sh', '-c', script, 'sh', ...APPLY, '--confirm-within', '8s']);
    expect(await sandbox.output(['cat', '/run/out'])).toContain('goes back by itself in');
    expect(await live()).toBe('8192');
    expect(await hasDropIn()).toBe(false);
    await until(async () => (await live()) === '128', 'the old value', 300);
    expect(await hasDropIn()).toBe(false);
    await until(async () => (await reverters()).length === 0, 'the end of what reverted');
    expect((await json('history')).transactions.at(-1)).toMatchObject({ state: 'undone' });
  });

  test('is refused where what takes it back would end with the session', async () => {
    await sandbox.output(['mkdir', '-p', '/run/systemd/sessions/1']);
    const refused = await sandbox.backlogctl([...APPLY, '--confirm-within', '8s']);
    await sandbox.output(['rm', '-r', '/run/systemd']);
    expect(refused.status).toBe(3);
    expect(refused.stdout).toMatch(/the end of this\s+session would end it too/);
    expect(await live()).toBe('128');
  });

  test('stays once it is confirmed', async () => {
    await json(...APPLY, '--confirm-within', '15s');
    expect(await json('status')).toMatchObject({ waiting: { id: expect.stringMatching(/^\d{6}$/) } });
    const second = await sandbox.backlogctl(APPLY);
    expect(second).toMatchObject({ status: 5, stderr: expect.stringContaining('waits to be confirmed') });
    expect(await json('confirm')).toMatchObject({ kind: 'confirm', outcome: 'applied' });
    // It notices by itself that there is nothing left to do.
    await until(async () => (await reverters()).length === 0, 'the end of what would have reverted', 300);
    expect(await live()).toBe('8192');
    expect(await hasDropIn()).toBe(true);
    expect(await sandbox.backlogctl(['confirm'])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('is confirmed already'),
    });
  });

  test('a program decides, with arguments that look like ours', async () => {
    const script = `test "$1" = --yes && test "$(cat ${KEY})" = 8192`;
    const argv = [...APPLY, '--json', '--confirm-if', '/bin/sh', '-c', script, 'sh', '--yes'];
    const { stdout } = await sandbox.backlogctl(argv);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'applied' });
    expect(await hasDropIn()).toBe(true);
  });

  test('that says no has it taken back at once', async () => {
    const argv = [
      ...APPLY,
      '--confirm-within',
      '60s',
      '--confirm-if',
      '/bin/sh',
      '-c',
      'echo too slow; exit 7',
    ];
    const { status, stdout } = await sandbox.backlogctl(argv);
    expect(status).toBe(3);
    expect(stdout).toContain('/bin/sh ended with 7: too slow. Everything was put back.');
    expect(await live()).toBe('128');
    expect(await hasDropIn()).toBe(false);
  });

  test('that does not answer in time counts as a no', async () => {
    const argv = [...APPLY, '--confirm-within', '6s', '--confirm-if', '/bin/sleep', '100'];
    const { status, stdout } = await sandbox.backlogctl(argv);
    expect(status).toBe(3);
    expect(stdout).toContain('/bin/sleep was not done in time');
    expect(await live()).toBe('128');
  });

  test('that leaves something running does not hold the answer up', async () => {
    const script = 'sleep 100 & exit 1';
    const argv = [...APPLY, '--confirm-within', '15s', '--confirm-if', '/bin/sh', '-c', script];
    const { status, stdout } = await sandbox.backlogctl(argv);
    expect(status).toBe(3);
    expect(stdout).toContain('/bin/sh ended with 1. Everything was put back.');
    expect(await live()).toBe('128');
  });

  test('is ended by the signal that ends the run, which puts everything back', async () => {
    const script = `
      node /run/product/bin/backlogctl.js "$@" --confirm-within 60s \\
        --confirm-if /bin/sh -c ': >/run/checking; exec sleep 100' &
      until [ -e /run/checking ] || ! kill -0 $!; do sleep 0.1; done
      kill -TERM $!
      wait $!`;
    const { status, stdout, stderr } = await sandbox.run(['bash', '-c', script, 'bash', ...APPLY]);
    expect(stderr).toBe('');
    expect(stdout).toContain('/bin/sh was ended by SIGTERM. Everything was put back.');
    expect(status).toBe(143);
    expect(await live()).toBe('128');
  });

  test.each([
    ['that others may write', '0777', 2, 'writable by nobody else'],
    ['that is not there', null, 2, 'it cannot be looked at'],
  ])('a program %s is not run', async (_what, mode, status, message) => {
    await sandbox.run(['rm', '-f', '/etc/healthy']);
    if (mode !== null) await sandbox.writeFile('/etc/healthy', '#!/bin/sh\n', mode);
    const outcome = await sandbox.backlogctl([...APPLY, '--confirm-if', '/etc/healthy']);
    expect(outcome).toMatchObject({ status, stderr: expect.stringContaining(message) });
    expect(await live()).toBe('128');
  });

  test('what runs is what was looked at, though a link to it leads elsewhere by then', async () => {
    await sandbox.writeFile('/run/nobodys/evil', '#!/bin/sh\nid -u >/run/ran-as\n', '0755');
    await sandbox.output(['ln', '-sfn', '/usr/bin/true', '/run/nobodys/healthy']);
    await sandbox.output(['chown', '-hR', '65534:65534', '/run/nobodys']);
    await sandbox.output(['rm', '-f', '/run/backlogctl/lock', '/run/ran-as']);
    // The program was looked at before the lock is taken.
    const waits =
      'until [ -e /run/lock-seen ]; do sleep 0.05; done; ln -sfn /run/nobodys/evil /run/nobodys/healthy';
    const sees = 'until [ -e /run/backlogctl/lock ]; do sleep 0.05; done; : >/run/lock-seen';
    const [applied] = await Promise.all([
      sandbox.backlogctl([...APPLY, '--confirm-if', '/run/nobodys/healthy']),
      sandbox.output(['sh', '-c', sees]),
      sandbox.output(['sh', '-c', waits], { as: 'nobody' }),
    ]);
    expect(applied).toMatchObject({ status: 0 });
    expect(await sandbox.output(['readlink', '/run/nobodys/healthy'])).toBe('/run/nobodys/evil\n');
    expect((await sandbox.run(['test', '-e', '/run/ran-as'])).status).toBe(1);
  });

  test.each([
    [['--confirm-within', '1s'], 'at least 5s'],
    [['--confirm-within', '2h'], 'at most an hour'],
    [['--confirm-if'], 'expects a program'],
    [['--confirm-if', 'healthy'], 'whole path'],
    [['--root', '/run', '--no-live', '--confirm-within', '10s'], '--no-live'],
  ])('%j is bad usage', async (options, message) => {
    const outcome = await sandbox.backlogctl([...APPLY, ...options]);
    expect(outcome).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
  });
});
