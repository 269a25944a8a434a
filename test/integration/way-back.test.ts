import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const SOMAXCONN = '/proc/sys/net/core/somaxconn';
const APPLY = ['apply', '--profile', 'web-frontend', '--yes'];

describeWith(SANDBOX_PROGRAMS, 'the way back', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
  });
  afterEach(() => sandbox.close());

  async function live(): Promise<string> {
    return (await sandbox.output(['cat', SOMAXCONN])).trim();
  }

  test('that failed is told in the exit status, and is still there', async () => {
    await sandbox.backlogctl([...APPLY, '--confirm-within', '10m']);
    await sandbox.output(['mount', '-o', 'remount,bind,ro', '/proc/sys/net']);
    const failed = await sandbox.backlogctl(['rollback']);
    expect([failed.status, failed.stdout]).toEqual([4, expect.stringContaining('could not be put back')]);
    expect(await live()).toBe('8192');
    await sandbox.output(['mount', '-o', 'remount,bind,rw', '/proc/sys/net']);
    expect((await sandbox.backlogctl(['recover'])).status).toBe(0);
    expect(await live()).toBe('128');
  }, 60_000);

  test('is told in the exit status where it leaves something to somebody else', async () => {
    await sandbox.backlogctl([...APPLY, '--confirm-within', '10m']);
    await sandbox.setSysctl('net.core.somaxconn', 5000);
    const outcome = await sandbox.backlogctl(['rollback']);
    expect([outcome.status, outcome.stdout]).toEqual([
      1,
      expect.stringContaining('changed by somebody else'),
    ]);
    expect(await live()).toBe('5000');
  }, 60_000);

  test('the unit of the boot, started by hand, leaves what waits to wait', async () => {
    await sandbox.backlogctl([...APPLY, '--confirm-within', '10m']);
    expect((await sandbox.backlogctl(['recover', '--at-boot'])).status).toBe(0);
    expect(await live()).toBe('8192');
    expect((await sandbox.backlogctl(['confirm'])).status).toBe(0);
  }, 60_000);

  test('what was set in a network namespace that has ended is gone, and hinders nobody', async () => {
    await sandbox.output(['ip', 'netns', 'add', 'blue']);
    const there = ['ip', 'netns', 'exec', 'blue', 'node', '/run/product/bin/backlogctl.js'];
    await sandbox.output([...there, ...APPLY, '--no-persist']);
    const refused = await sandbox.backlogctl([...APPLY, '--no-persist']);
    expect([refused.status, refused.stderr]).toEqual([
      5,
      expect.stringContaining('in the network namespace'),
    ]);
    await sandbox.output(['ip', 'netns', 'del', 'blue']);
    expect((await sandbox.backlogctl([...APPLY, '--no-persist'])).status).toBe(0);
    const back = await sandbox.backlogctl(['rollback', '--all']);
    expect([back.status, back.stdout]).toEqual([
      1,
      expect.stringContaining('went with its network namespace'),
    ]);
    expect(await live()).toBe('128');
  }, 60_000);

  test('what a file has set again in the next network namespace of a container goes back there', async () => {
    const inside = (name: string, ...command: readonly string[]) => ['ip', 'netns', 'exec', name, ...command];
    const ours = (name: string, ...args: readonly string[]) =>
      inside(name, 'node', '/run/product/bin/backlogctl.js', ...args);
    await sandbox.output(['ip', 'netns', 'add', 'first']);
    const before = await sandbox.output(inside('first', 'cat', SOMAXCONN));
    await sandbox.output(ours('first', ...APPLY));
    await sandbox.output(['ip', 'netns', 'del', 'first']);
    await sandbox.output(['ip', 'netns', 'add', 'again']);
    await sandbox.output(inside('again', 'sysctl', '-p', '/etc/sysctl.d/90-backlogctl.conf'));
    expect((await sandbox.output(inside('again', 'cat', SOMAXCONN))).trim()).toBe('8192');
    const container = [
      'unshare',
      '--pid',
      '--fork',
      '--mount-proc',
      'node',
      '/run/product/bin/backlogctl.js',
    ];
    const back = await sandbox.run(inside('again', ...container, 'rollback'));
    expect([back.status, await sandbox.output(inside('again', 'cat', SOMAXCONN))]).toEqual([0, before]);
    await sandbox.output(['ip', 'netns', 'del', 'again']);
  }, 60_000);

  test('of the root of this kernel, mounted elsewhere, nothing is taken back, and it is said', async () => {
    await sandbox.backlogctl([...APPLY, '--no-persist']);
    await sandbox.output(['sh', '-c', 'mkdir -p /run/host && mount --rbind / /run/host']);
    const refused = await sandbox.backlogctl(['rollback', '--root', '/run/host']);
    expect([refused.status, refused.stderr]).toEqual([
      5,
      expect.stringContaining('is the root of what runs here'),
    ]);
    expect(await live()).toBe('8192');
    expect((await sandbox.backlogctl(['rollback', '--root', '/'])).status).toBe(0);
    expect(await live()).toBe('128');
  }, 60_000);

  test('with the first process of before, another network namespace is no container, and its value is its own', async () => {
    await sandbox.output(['ip', 'netns', 'add', 'first']);
    const inside = ['ip', 'netns', 'exec', 'first', 'node', '/run/product/bin/backlogctl.js'];
    await sandbox.output([...inside, ...APPLY]);
    await sandbox.output(['ip', 'netns', 'del', 'first']);
    await sandbox.setSysctl('net.core.somaxconn', 8192);
    const back = await sandbox.backlogctl(['rollback']);
    expect([back.status, await live()]).toEqual([1, '8192']);
    await sandbox.setSysctl('net.core.somaxconn', 128);
  }, 60_000);

  test('the root of another process is its own, though it reads as /', async () => {
    await sandbox.backlogctl(APPLY);
    const script = 'mount -t tmpfs none /etc/sysctl.d && touch /run/there && exec sleep 60';
    const other = await sandbox.start(['unshare', '--mount', 'sh', '-c', script]);
    await sandbox.output(['sh', '-c', 'until [ -e /run/there ]; do sleep 0.1; done']);
    const there = ['--root', `/proc/${other.pid}/root`];
    const { stdout } = await sandbox.backlogctl(['sysctl', 'resolve', 'net.core.somaxconn', ...there]);
    expect(stdout).not.toContain('90-backlogctl.conf');
    const refused = await sandbox.backlogctl(['rollback', ...there]);
    expect([refused.status, await live()]).toEqual([5, '8192']);
    await other.stop();
    await sandbox.backlogctl(['rollback']);
  }, 60_000);

  test('what a mount alone keeps has not ended', async () => {
    await sandbox.output(['sh', '-c', 'mkdir -p /run/ns && touch /run/ns/x && unshare --net=/run/ns/x true']);
    const there = ['nsenter', '--net=/run/ns/x', 'node', '/run/product/bin/backlogctl.js'];
    await sandbox.output([...there, ...APPLY, '--no-persist']);
    const refused = await sandbox.backlogctl(['rollback']);
    expect([refused.status, refused.stderr]).toEqual([
      5,
      expect.stringContaining('in the network namespace'),
    ]);
    await sandbox.output(['umount', '/run/ns/x']);
    const gone = await sandbox.backlogctl(['rollback']);
    expect([gone.status, gone.stdout]).toEqual([
      1,
      expect.stringContaining('went with its network namespace'),
    ]);
  }, 60_000);

  test('the old value of another network namespace is none of ours', async () => {
    await sandbox.output(['ip', 'netns', 'add', 'blue']);
    const inBlue = ['ip', 'netns', 'exec', 'blue'];
    await sandbox.output([...inBlue, 'sh', '-c', `echo 1000 >${SOMAXCONN}`]);
    const there = [...inBlue, 'node', '/run/product/bin/backlogctl.js'];
    await sandbox.output([...there, ...APPLY, '--no-persist']);
    await sandbox.output(['ip', 'netns', 'del', 'blue']);
    await sandbox.setSysctl('net.core.somaxconn', 8192);
    await sandbox.backlogctl([...APPLY, '--no-persist']);
    const { status } = await sandbox.backlogctl(['apply', '--without-profiles', '--no-persist', '--yes']);
    expect([status, await live()]).toEqual([0, '8192']);
  }, 60_000);

  test('a program behind an equals sign is bad usage', async () => {
    const outcome = await sandbox.backlogctl([...APPLY, '--confirm-if=/bin/true']);
    expect(outcome).toMatchObject({ status: 2, stderr: expect.stringContaining("without '='") });
    expect(await live()).toBe('128');
  }, 60_000);
});
