import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditDocument, onPort } from '../tools/audit-result.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Running, type Sandbox } from '../tools/sandbox.ts';
import { startServers, writeConfigs } from '../tools/servers.ts';

const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const TRACE = '/run/trace';

describeWith(
  [...SANDBOX_PROGRAMS, 'strace', 'nginx', 'redis-server', 'systemd-socket-activate'],
  'a host that is changed and taken back',
  () => {
    let sandbox: Sandbox;
    let servers: Pick<Running, 'stop'>;
    let before: string;

    /** Values and files that a change may touch, with modes. */
    function world(): Promise<string> {
      const script =
        'sysctl net.core.somaxconn net.ipv4.tcp_rmem net.ipv4.tcp_abort_on_overflow; cd /etc/sysctl.d; stat -c "%n %a %U" * ; cat *';
      return sandbox.output(['sh', '-c', script]);
    }

    async function audit() {
      return auditDocument(await sandbox.backlogctl(['audit', '--json']));
    }

    async function json(...args: readonly string[]) {
      const { status, stdout, stderr } = await sandbox.backlogctl([...args, '--json']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const document = JSON.parse(stdout);
      expect(schemaFaults(document.kind, document)).toEqual([]);
      return document;
    }

    beforeAll(async () => {
      sandbox = await openSandbox();
      await writeConfigs(sandbox);
      await sandbox.writeFile('/etc/sysctl.d/50-site.conf', 'net.ipv4.tcp_abort_on_overflow = 1\n', '0640');
      await sandbox.setSysctl('net.core.somaxconn', 128);
      await sandbox.setSysctl('net.ipv4.tcp_abort_on_overflow', 1);
      servers = await startServers(sandbox);
      before = await world();
    });
    afterAll(async () => sandbox?.close());

    test('apply changes the values and the drop-in, and names who has to call listen() again', async () => {
      const receipt = await json('apply', '--profile', 'web-frontend', '--yes', '--reason', 'a test');
      expect(receipt).toMatchObject({
        kind: 'receipt',
        changed: true,
        outcome: 'applied',
        transaction: '000001',
      });
      const subjects: readonly string[] = receipt.restart.map(({ subject }: { subject: string }) => subject);
      expect(subjects.some((subject) => subject.startsWith('nginx on '))).toBe(true);
      expect(subjects.some((subject) => subject.startsWith('redis on '))).toBe(true);
      expect(await sandbox.output(['cat', '/proc/sys/net/core/somaxconn'])).toBe('8192\n');
      expect(await sandbox.output(['cat', '/proc/sys/net/ipv4/tcp_abort_on_overflow'])).toBe('0\n');
      const text = await sandbox.output(['cat', DROP_IN]);
      expect(text).toContain('\nnet.core.somaxconn = 8192\n');
      expect(text).toContain('\nnet.ipv4.tcp_abort_on_overflow = 0\n');
    });

    test('the audit lists both as stale then, and after a restart they have the new limit', async () => {
      const stale = await audit();
      for (const port of [8080, 6379])
        expect(onPort(stale, port)).toMatchObject({ relisten: { needed: true } });
      await servers.stop();
      servers = await startServers(sandbox);
      const fresh = await audit();
      expect(onPort(fresh, 8080).acceptQueue?.limit).toBe(1024);
      expect(onPort(fresh, 6379).acceptQueue?.limit).toBe(300);
    });

    test('a second apply says that nothing changed, and writes nothing', async () => {
      const calls =
        '?open,?openat,?creat,?unlink,?unlinkat,?rename,?renameat,?renameat2,?mkdir,?mkdirat,?rmdir';
      const { status, stdout } = await sandbox.run([
        ...['strace', '-f', '-qq', '-o', TRACE, '-e', `trace=${calls}`],
        ...['node', BIN, 'apply', '--profile', 'web-frontend', '--yes', '--json'],
      ]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ changed: false, outcome: 'unchanged', transaction: null });
      const lines = (await sandbox.output(['cat', TRACE]))
        .split('\n')
        .filter((line) => !line.includes(' = -1 '));
      const writing = lines.filter((line) =>
        /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|\b(?:unlink|rename|mkdir|rmdir)/.test(line),
      );
      expect(writing.filter((line) => !/"\/dev\/null"|"\/run\/backlogctl\/lock"/.test(line))).toEqual([]);
    });

    test.each(['root', 'nobody'] as const)(
      'an audit by %s then plans nothing: the profile stands',
      async (as) => {
        const { plan } = auditDocument(await sandbox.backlogctl(['audit', '--json'], { as }));
        expect(plan).toMatchObject({ profiles: ['web-frontend'], steps: [], conflicts: [] });
        const { stdout } = await sandbox.backlogctl(['audit'], { as });
        expect(stdout).not.toContain('The plan changes');
      },
    );

    test.each([
      ['procps', ['sysctl', '--system']],
      ['systemd', ['/usr/lib/systemd/systemd-sysctl']],
    ])('%s loads the drop-in to exactly those values', async (_name, loader) => {
      await sandbox.setSysctl('net.core.somaxconn', 77);
      await sandbox.setSysctl('net.ipv4.tcp_abort_on_overflow', 1);
      await sandbox.run(loader);
      expect(await sandbox.output(['cat', '/proc/sys/net/core/somaxconn'])).toBe('8192\n');
      expect(await sandbox.output(['cat', '/proc/sys/net/ipv4/tcp_abort_on_overflow'])).toBe('0\n');
    });

    test('status tells a value that somebody changed, and a line that would win at boot', async () => {
      expect((await json('status')).keys.map(({ verdict }: { verdict: string }) => verdict)).toEqual(
        expect.arrayContaining(['in-step']),
      );
      await sandbox.setSysctl('net.core.somaxconn', 99);
      const drifted = await sandbox.backlogctl(['status']);
      expect(drifted.status).toBe(1);
      expect(drifted.stdout).toMatch(
        /net\.core\.somaxconn: changed since\n +plan 8192 +live 99 +boot 8192, by /,
      );
      expect(drifted.stdout).toContain('set it again: backlogctl apply --profile web-frontend\n');
      await sandbox.setSysctl('net.core.somaxconn', 8192);
      await sandbox.writeFile('/etc/sysctl.d/99-late.conf', 'net.core.somaxconn = 256\n');
      const late = await sandbox.backlogctl(['status'], { as: 'nobody' });
      await sandbox.output(['rm', '/etc/sysctl.d/99-late.conf']);
      expect(late.status).toBe(1);
      expect(late.stdout.replace(/\s+/g, ' ')).toContain(
        'net.core.somaxconn: shadowed plan 8192 live 8192 boot 256, by /etc/sysctl.d/99-late.conf:1',
      );
      expect(late.stdout).toContain('The journal is for root to read');
      const fine = await sandbox.backlogctl(['status']);
      expect({ status: fine.status, stdout: fine.stdout.includes('somaxconn: in step') }).toEqual({
        status: 0,
        stdout: true,
      });
    });

    test('another profile leaves what it alone would', async () => {
      await json('apply', '--profile', 'base', '--yes');
      // What the findings required of the clamped servers still stands: the kernel's own value.
      expect(await sandbox.output(['cat', '/proc/sys/net/core/somaxconn'])).toBe('4096\n');
      expect(await sandbox.output(['cat', '/proc/sys/net/ipv4/tcp_abort_on_overflow'])).toBe('0\n');
      expect(await sandbox.output(['cat', DROP_IN])).not.toContain('somaxconn =');
    });

    test('rollback gives everything back, and a second one has nothing to do', async () => {
      expect(await json('rollback', '--all')).toMatchObject({ changed: true });
      expect(await world()).toBe(before);
      const { status, stdout } = await sandbox.backlogctl(['rollback']);
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'There is nothing to roll back.\n' });
      const history = await json('history');
      expect(history.transactions).toMatchObject([
        { id: '000001', state: 'rolled-back', why: 'a test', profiles: ['web-frontend'] },
        { id: '000002', state: 'rolled-back', profiles: ['base'] },
      ]);
    });

    test('rollback leaves alone what somebody changed since, and its status says so', async () => {
      await json('apply', '--profile', 'web-frontend', '--yes');
      await sandbox.setSysctl('net.core.somaxconn', 5000);
      const { status, stdout } = await sandbox.backlogctl(['rollback']);
      expect(status).toBe(1);
      expect(stdout.replace(/\s+/g, ' ')).toContain('net.core.somaxconn was changed by somebody else since');
      expect(await sandbox.output(['cat', '/proc/sys/net/core/somaxconn'])).toBe('5000\n');
      await sandbox.setSysctl('net.core.somaxconn', 128);
      expect(await world()).toBe(before);
    });

    test('what lies beside the journal restores the host without us', async () => {
      await json('apply', '--profile', 'web-frontend', '--yes');
      const script =
        'cd /var/lib/backlogctl/transactions/000004 && sysctl -q -p before.conf && eval "$(grep -E "^    (cp|rm) " README)"';
      await sandbox.output(['sh', '-c', script]);
      expect(await world()).toBe(before);
    });

    describe('puts everything back', () => {
      async function failing(prepare: readonly string[], repair: readonly string[]) {
        const start = await world();
        await sandbox.output(prepare);
        const outcome = await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
        await sandbox.output(repair);
        expect(await world()).toBe(start);
        return { status: outcome.status, said: outcome.stdout.replace(/\s+/g, ' ') };
      }

      test('where /etc is read-only', async () => {
        await sandbox.output(['mount', '--bind', '/etc', '/etc']);
        const { status, said } = await failing(
          ['mount', '-o', 'remount,bind,ro', '/etc'],
          ['umount', '/etc'],
        );
        expect(status).toBe(5);
        expect(said).toContain(
          '/etc/sysctl.d is read-only here (mounted at /etc), so no drop-in can be written',
        );
        expect(said).toContain('--no-persist');
      });

      test('where the drop-in cannot be written in the end', async () => {
        const full = ['mount', '-t', 'tmpfs', '-o', 'mode=755,size=4k,nr_inodes=1', 'tmpfs', '/etc/sysctl.d'];
        await sandbox.output(full);
        const { status, stdout } = await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
        await sandbox.output(['umount', '/etc/sysctl.d']);
        expect(status).toBe(3);
        expect(stdout.replace(/\s+/g, ' ')).toContain('the disk is full (ENOSPC). Everything was put back.');
        expect(await world()).toBe(before);
      });

      test('where /proc/sys is read-only', async () => {
        const { status, said } = await failing(
          ['mount', '-o', 'remount,bind,ro', '/proc/sys/net'],
          ['mount', '-o', 'remount,bind,rw', '/proc/sys/net'],
        );
        expect(status).toBe(3);
        expect(said).toContain('Everything was put back.');
      });

      test('where the old values cannot be saved first', async () => {
        await sandbox.output(['mv', '/var/lib/backlogctl', '/run/kept']);
        await sandbox.output(['mkdir', '-m', '700', '/var/lib/backlogctl']);
        const { status, said } = await failing(
          ['mount', '-t', 'tmpfs', '-o', 'size=8k,mode=700', 'tmpfs', '/var/lib/backlogctl'],
          ['umount', '/var/lib/backlogctl'],
        );
        await sandbox.output(['rmdir', '/var/lib/backlogctl']);
        await sandbox.output(['mv', '/run/kept', '/var/lib/backlogctl']);
        expect(status).toBe(3);
        expect(said).toContain('Nothing was changed: the old values could not be saved first');
        expect(said).toContain('the disk is full (ENOSPC)');
      });
    });

    describe.each([
      ['a key that a profile of root vouches for', 'net.ipv6.route.gc_timeout', ', unchecked: true'],
      ['a key that no audit reads', 'net.ipv4.tcp_pacing_ss_ratio', ''],
    ])('%s', (_, key, more) => {
      const value = () => sandbox.output(['cat', `/proc/sys/${key.replaceAll('.', '/')}`]);
      const profile = async () =>
        sandbox.writeFile(
          '/etc/backlogctl/profiles/own.yaml',
          `kind: profile\nschemaVersion: 0\nname: own\nsummary: of a test\nsettings:\n  ${key}: {exactly: 300, because: a test, source: a test${more}}\n`,
          '0600',
        );

      test('is set and put back like any other', async () => {
        await profile();
        const old = await value();
        await json('apply', '--profile', 'own', '--yes');
        expect(await value()).toBe('300\n');
        expect(await sandbox.output(['cat', DROP_IN])).toContain(`\n${key} = 300\n`);
        expect(await json('apply', '--profile', 'own', '--yes')).toMatchObject({ changed: false });
        await json('apply', '--without-profiles', '--yes');
        expect(await value()).toBe(old);
        await json('rollback', '--all');
        expect(await world()).toBe(before);
      });

      test('is set for now, compared by status, and given up where somebody else set it', async () => {
        await profile();
        await sandbox.backlogctl(['plan', '--profile', 'own', '--no-persist', '--out', '/run/own.json']);
        await json('apply', '/run/own.json', '--yes');
        expect(await value()).toBe('300\n');
        const { stdout } = await sandbox.backlogctl(['status', '--json']);
        expect(JSON.parse(stdout).keys).toContainEqual(
          expect.objectContaining({ key, live: '300', verdict: 'until-boot' }),
        );
        const drifted = await sandbox.backlogctl(['apply', '/run/own.json', '--yes', '--json']);
        expect(JSON.parse(drifted.stdout)).toMatchObject({ changed: false });
        await json('rollback', '--all');
        await sandbox.setSysctl(key, 222);
        expect((await sandbox.backlogctl(['apply', '/run/own.json', '--yes'])).status).toBe(5);
        expect(await value()).toBe('222\n');
        await json('apply', '--profile', 'own', '--no-persist', '--yes');
        await json('rollback', '--all');
        expect(await value()).toBe('222\n');
      });
    });

    test('what somebody wrote into the drop-in is taken back once, and not put back by the next run', async () => {
      await json('apply', '--profile', 'web-frontend', '--yes');
      await sandbox.output(['sh', '-c', `echo 'net.ipv4.tcp_fin_timeout = 30' >>${DROP_IN}`]);
      await sandbox.setSysctl('net.ipv4.tcp_fin_timeout', 30);
      await json('apply', '--profile', 'web-frontend', '--yes');
      expect(await json('apply', '--profile', 'web-frontend', '--yes')).toMatchObject({ changed: false });
      expect(await sandbox.output(['cat', '/proc/sys/net/ipv4/tcp_fin_timeout'])).toBe('60\n');
      await json('rollback', '--all', '--force');
      await sandbox.setSysctl('net.ipv4.tcp_fin_timeout', 60);
      expect(await world()).toBe(before);
    });

    describe('is refused', () => {
      test('without root', async () => {
        const { status, stderr } = await sandbox.backlogctl(['apply', '--yes'], { as: 'nobody' });
        expect(status).toBe(5);
        expect(stderr).toMatch(/^backlogctl: this takes root: .*sudo\n$/);
      });

      test('without a person to ask', async () => {
        const { status, stderr } = await sandbox.backlogctl(['apply']);
        expect(status).toBe(2);
        expect(stderr).toContain('--yes');
      });

      test('while another run holds the lock', async () => {
        const holder = await sandbox.start(['flock', '--no-fork', '/run/backlogctl/lock', 'sleep', '60']);
        const { status, stderr } = await sandbox.backlogctl(['apply', '--profile', 'base', '--yes']);
        await holder.stop();
        expect({ status, stderr }).toEqual({
          status: 75,
          stderr: 'backlogctl: another run of backlogctl is changing this host; try again when it is done\n',
        });
      });

      test('where a later file would take a value back: by file and line, and nothing is written', async () => {
        await sandbox.writeFile('/etc/sysctl.d/99-late.conf', '\nnet.core.somaxconn = 256\n');
        const start = await world();
        const { status, stdout } = await sandbox.backlogctl(['apply', '--profile', 'web-frontend', '--yes']);
        expect(status).toBe(5);
        expect(stdout).toContain('/etc/sysctl.d/99-late.conf:2');
        expect(stdout).toContain('Nothing was changed: a conflict is for a person to decide.');
        expect(await world()).toBe(start);
        await sandbox.output(['rm', '/etc/sysctl.d/99-late.conf']);
      });

      test('where profiles stand that a run does not name: a script may have lost its variable', async () => {
        await json('apply', '--profile', 'web-frontend', '--yes');
        const start = await world();
        for (const args of [['--yes'], ['--dry-run']]) {
          const { status, stderr } = await sandbox.backlogctl(['apply', ...args]);
          expect(status).toBe(5);
          expect(stderr).toContain(
            'profile web-frontend, which this run does not name and so would take back',
          );
          expect(stderr).toContain('--without-profiles');
        }
        expect(await world()).toBe(start);
        await json('rollback');
        expect(await world()).toBe(before);
      });

      test('an option that would change a saved plan', async () => {
        await sandbox.backlogctl(['plan', '--profile', 'web-frontend', '--out', '/run/plan.json']);
        const { status, stderr } = await sandbox.backlogctl([
          'apply',
          '/run/plan.json',
          '--yes',
          '--no-persist',
        ]);
        expect(status).toBe(2);
        expect(stderr).toContain('--no-persist would change it');
      });

      test('where others may write the saved plan', async () => {
        await sandbox.backlogctl(['plan', '--profile', 'web-frontend', '--out', '/run/open.json']);
        await sandbox.output(['chmod', '0666', '/run/open.json']);
        const start = await world();
        const { status, stderr } = await sandbox.backlogctl(['apply', '/run/open.json', '--yes']);
        expect(status).toBe(2);
        expect(stderr).toContain('/run/open.json: not trusted');
        expect(await world()).toBe(start);
      });

      test('where a saved plan is no longer about this host', async () => {
        await sandbox.backlogctl(['plan', '--profile', 'web-frontend', '--out', '/run/plan.json']);
        await sandbox.setSysctl('net.core.somaxconn', 4096);
        const { status, stdout } = await sandbox.backlogctl(['apply', '/run/plan.json', '--yes']);
        expect(status).toBe(5);
        expect(stdout).toContain('net.core.somaxconn was 128 when this was planned, and is 4096 now');
      });
    });
  },
);
