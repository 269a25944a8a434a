import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const CONF = '/etc/sysctl.conf';
const ZZ = '/etc/sysctl.d/zz.conf';
const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const NOBODY = 65534;

/** CRLF, a byte that is no UTF-8, and no newline at the end. */
const CONF_TEXT = '# caf\\351\\r\\nnet/core/somaxconn = 256\\r\\nnet.ipv4.tcp_fin_timeout = 55';
const ZZ_TEXT = 'net.core.somaxconn = 300\n# between\nnet.core.somaxconn=301\n';

const LOADERS = [
  ['procps', ['sysctl', '--system']],
  ['systemd', ['/usr/lib/systemd/systemd-sysctl']],
] as const;

/** What procps reads last no name of ours is read after. */
const APPLY = ['apply', '--profile', 'web-frontend', '--loader', 'procps'];

describeWith(SANDBOX_PROGRAMS, 'a host on which lines of other files win', () => {
  let sandbox: Sandbox;
  const world = () =>
    sandbox.output(['sh', '-c', `stat -c '%n %a %u:%g' ${CONF} ${ZZ}; od -c ${CONF}; cat ${ZZ}`]);
  const somaxconn = () => sandbox.output(['cat', '/proc/sys/net/core/somaxconn']);
  const apply = (...more: readonly string[]) => sandbox.backlogctl([...APPLY, ...more]);
  const words = (text: string) => text.replace(/\s+/g, ' ');

  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 256);
    await sandbox.writeFile(ZZ, ZZ_TEXT);
    const make = `printf '${CONF_TEXT}' >${CONF}; chmod 640 ${CONF}; chown ${NOBODY} ${CONF}; ln -s ../sysctl.conf /etc/sysctl.d/99-sysctl.conf`;
    await sandbox.output(['sh', '-c', make]);
  });
  afterAll(async () => sandbox?.close());

  test('without --takeover nothing is touched, and what to type is said', async () => {
    const before = await world();
    const { status, stdout } = await apply('--yes');
    expect(status).toBe(5);
    expect(words(stdout)).toContain(
      `have ${CONF}:2, ${ZZ}:3 and ${ZZ}:1 commented out, until a rollback brings them back: --takeover`,
    );
    expect(words(stdout)).toContain(
      'Do it all backlogctl apply --profile web-frontend --loader procps --takeover --yes # with the lines that beat ours commented out',
    );
    expect(await world()).toBe(before);
  });

  test('a dry run shows the edit and makes none', async () => {
    const before = await world();
    const { status, stdout } = await apply('--takeover', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain(`At boot: ${CONF} (not ours)`);
    expect(stdout).toContain('  +# net.core.somaxconn = 300');
    expect(stdout).toContain('  -net/core/somaxconn = 256');
    expect(words(stdout)).toContain('the drop-in changes, and 3 lines of other files are commented out.');
    expect(await world()).toBe(before);
  });

  test('with it they are commented out, and everything else stays to the byte', async () => {
    const before = await world();
    const { status, stdout } = await apply('--takeover', '--yes', '--json');
    expect(status).toBe(0);
    const { changed, plan } = JSON.parse(stdout);
    expect(changed).toBe(true);
    const takeover = plan.steps.flatMap((step: { takeover?: unknown[] }) => step.takeover ?? []);
    expect(takeover).toMatchObject([
      {
        file: CONF,
        line: 2,
        text: 'net/core/somaxconn = 256',
        key: 'net.core.somaxconn',
        change: 'comment-out',
      },
      { file: ZZ, line: 1, text: 'net.core.somaxconn = 300' },
      { file: ZZ, line: 3, text: 'net.core.somaxconn=301' },
    ]);
    const notes = `sed '/^# Commented out by backlogctl/d; s/^# \\(net.core.somaxconn\\)/\\1/'`;
    const script = `stat -c '%n %a %u:%g' ${CONF} ${ZZ}; LC_ALL=C ${notes} ${CONF} | od -c; ${notes} ${ZZ}`;
    expect(await sandbox.output(['sh', '-c', script])).toBe(before);
  });

  test.each(LOADERS)('%s lets our file win', async (_name, loader) => {
    await sandbox.setSysctl('net.core.somaxconn', 77);
    await sandbox.setSysctl('net.ipv4.tcp_fin_timeout', 60);
    await sandbox.run(loader);
    expect(await somaxconn()).toBe('8192\n');
    // The line that nobody asked about still counts.
    expect(await sandbox.output(['cat', '/proc/sys/net/ipv4/tcp_fin_timeout'])).toBe('55\n');
  });

  test.each([[['--takeover']], [[]]])('a second time %j there is nothing to do', async (more) => {
    const before = await world();
    expect(JSON.parse((await apply(...more, '--yes', '--json')).stdout)).toMatchObject({
      outcome: 'unchanged',
      plan: { conflicts: [] },
    });
    expect(await world()).toBe(before);
    expect((await sandbox.backlogctl(['status', '--loader', 'procps'])).status).toBe(0);
  });

  test('history and the old files say what was commented out', async () => {
    const { stdout } = await sandbox.backlogctl(['history']);
    expect(words(stdout)).toMatch(/ web-frontend; 1 value, 1 file, 3 lines /);
    const shown = await sandbox.backlogctl(['history', 'show', '1']);
    expect(words(shown.stdout)).toContain(
      `${CONF} (not ours) line 2 commented out (net/core/somaxconn = 256)`,
    );
    const kept = `/var/lib/backlogctl/transactions/000001/before${ZZ}`;
    expect(await sandbox.output(['cat', kept])).toBe(ZZ_TEXT);
  });

  test('rollback gives the lines back and keeps what was changed beside them', async () => {
    await sandbox.output(['sh', '-c', `sed -i '1i vm.swappiness = 5' ${ZZ}`]);
    const { status, stdout } = await sandbox.backlogctl(['rollback']);
    expect(words(stdout)).toContain(
      `${ZZ} has its lines back, and keeps what somebody else changed in it since`,
    );
    expect(status).toBe(0);
    expect(await sandbox.output(['cat', ZZ])).toBe(`vm.swappiness = 5\n${ZZ_TEXT}`);
    await sandbox.writeFile(ZZ, ZZ_TEXT);
    expect(await somaxconn()).toBe('256\n');
    expect((await sandbox.run(['test', '-e', DROP_IN])).status).toBe(1);
  });

  test('a plan that was saved does the same, and a profile that is taken back gives the lines back', async () => {
    const before = await world();
    const planned = [
      'plan',
      '--profile',
      'web-frontend',
      '--loader',
      'procps',
      '--takeover',
      '--out',
      '/run/p.json',
    ];
    expect((await sandbox.backlogctl(planned)).status).toBe(0);
    expect((await sandbox.backlogctl(['apply', '/run/p.json', '--yes'])).status).toBe(0);
    expect(await world()).not.toBe(before);
    const away = await sandbox.backlogctl(['apply', '--without-profiles', '--loader', 'procps', '--yes']);
    expect(away.status).toBe(0);
    expect(words(away.stdout)).toContain(`${CONF}: line 3 given back (net/core/somaxconn = 256)`);
    expect(await world()).toBe(before);
  });

  test('a line that somebody changed is left alone, and named with what it was', async () => {
    await sandbox.output(['rm', '-rf', '/var/lib/backlogctl']);
    await sandbox.setSysctl('net.core.somaxconn', 256);
    expect((await apply('--takeover', '--yes')).status).toBe(0);
    await sandbox.output(['sh', '-c', `sed -i 's/= 300/= 400/' ${ZZ}`]);
    const { status, stdout } = await sandbox.backlogctl(['rollback']);
    expect(status).toBe(1);
    expect(words(stdout)).toContain(
      'line 1 (net.core.somaxconn = 300) was commented out and is not there as it was left',
    );
    expect(await sandbox.output(['cat', ZZ])).toMatch(
      /^# Commented out.*\n# net.core.somaxconn = 400\n# between\nnet.core.somaxconn=301\n$/,
    );
    expect((await sandbox.backlogctl(['rollback', '--force'])).status).toBe(0);
    expect(await sandbox.output(['cat', ZZ])).toBe(ZZ_TEXT);
  });
});
