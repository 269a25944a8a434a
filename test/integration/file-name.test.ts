import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const SITE = '/etc/sysctl.d/99-site.conf';
const RENAMED = '99-zz-backlogctl.conf';

describeWith(SANDBOX_PROGRAMS, 'a host on which another file is read after ours', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 256);
    await sandbox.writeFile(SITE, 'net.core.somaxconn = 256\n');
  });
  afterAll(async () => sandbox?.close());

  const names = () => sandbox.output(['ls', '/etc/sysctl.d']);
  const somaxconn = () => sandbox.output(['cat', '/proc/sys/net/core/somaxconn']);

  test('the conflict says what to type, and that is taken', async () => {
    const { status, stdout } = await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
    expect(status).toBe(5);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      `Do it all backlogctl apply --profile web-frontend --file-name ${RENAMED} --yes # with our file`,
    );
    expect(await names()).toBe('99-site.conf\n');
    const args = ['apply', '--profile', 'web-frontend', '--file-name', RENAMED, '--yes'];
    expect((await sandbox.backlogctl(args)).status).toBe(0);
    expect(await names()).toBe(`99-site.conf\n${RENAMED}\n`);
  });

  test.each([
    ['procps', ['sysctl', '--system']],
    ['systemd', ['/usr/lib/systemd/systemd-sysctl']],
  ])('%s lets our file win', async (_name, loader) => {
    await sandbox.setSysctl('net.core.somaxconn', 77);
    await sandbox.run(loader);
    expect(await somaxconn()).toBe('8192\n');
  });

  test('the name is kept by whoever does not give one, with the journal and without', async () => {
    const again = ['apply', '--profile', 'web-frontend', '--yes', '--json'];
    expect(JSON.parse((await sandbox.backlogctl(again)).stdout)).toMatchObject({ outcome: 'unchanged' });
    const { status, stdout } = await sandbox.backlogctl(['status'], { as: 'nobody' });
    expect(status).toBe(0);
    expect(stdout).toContain(`boot 8192, by /etc/sysctl.d/${RENAMED}:`);
    const audit = await sandbox.backlogctl(['audit'], { as: 'nobody' });
    expect(audit.stdout).not.toContain('99-site.conf:1');
  });

  test('another name moves the file, and rollback moves it back', async () => {
    const move = ['apply', '--profile', 'web-frontend', '--file-name', 'zz.conf', '--yes'];
    const { status, stdout } = await sandbox.backlogctl(move);
    expect({ status, names: await names() }).toEqual({ status: 0, names: '99-site.conf\nzz.conf\n' });
    expect(stdout).toContain(`/etc/sysctl.d/${RENAMED} is removed`);
    expect((await sandbox.backlogctl(['rollback'])).status).toBe(0);
    expect(await names()).toBe(`99-site.conf\n${RENAMED}\n`);
    expect((await sandbox.backlogctl(['rollback'])).status).toBe(0);
    expect(await names()).toBe('99-site.conf\n');
    expect(await somaxconn()).toBe('256\n');
  });

  test.each([
    ['x', 2, "--file-name 'x' does not do: it does not end in .conf"],
    ['99-site.conf', 5, '/etc/sysctl.d/99-site.conf: not written by backlogctl, and so not replaced'],
  ])('--file-name %s ends with %i', async (name, expected, said) => {
    const { status, stderr } = await sandbox.backlogctl(['apply', '--file-name', name, '--yes']);
    expect(status).toBe(expected);
    expect(stderr.replace(/\s+/g, ' ')).toContain(said);
    expect(await names()).toBe('99-site.conf\n');
  });

  test('of an image, status judges the next boot alone', async () => {
    await sandbox.output(['mkdir', '-p', '/run/image/etc/sysctl.d', '/run/image/run/systemd/system']);
    const image = ['--root', '/run/image'];
    const apply = [
      'apply',
      ...image,
      '--no-live',
      '--profile',
      'web-frontend',
      '--file-name',
      'zz.conf',
      '--yes',
    ];
    expect((await sandbox.backlogctl(apply)).status).toBe(0);
    const fine = await sandbox.backlogctl(['status', ...image]);
    expect(fine.status).toBe(0);
    expect(fine.stdout).toMatch(
      /net\.core\.somaxconn: set at boot\n +plan 8192 +boot 8192, by \/etc\/sysctl\.d\/zz\.conf:/,
    );
    expect(fine.stdout).toContain('There are no live values here');
    await sandbox.writeFile('/run/image/etc/sysctl.d/zzz.conf', 'net.core.somaxconn = 1\n');
    const shadowed = await sandbox.backlogctl(['status', ...image]);
    expect(shadowed.status).toBe(1);
    expect(shadowed.stdout.replace(/\s+/g, ' ')).toContain(
      'backlogctl apply --profile web-frontend --root /run/image --no-live --file-name zzz_backlogctl.conf',
    );
  });
});
