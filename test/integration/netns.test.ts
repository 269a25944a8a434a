import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Sandbox } from '../tools/sandbox.ts';

describeWith(SANDBOX_PROGRAMS, 'another network namespace', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
    await sandbox.output(['ip', 'netns', 'add', 'blue']);
    await sandbox.writeFile('/etc/backlogctl/profiles/listen.yaml', PROFILE);
  });
  afterEach(() => sandbox.close());

  const PROFILE = `kind: profile
schemaVersion: 0
name: listen
summary: A test's.
settings:
  net.core.somaxconn:
    at-least: 8192
    because: it is asked for
    source: a test
  net.core.netdev_max_backlog:
    at-least: 5000
    because: it is asked for
    source: a test
  vm.swappiness:
    exactly: 7
    because: it is asked for
    source: a test
`;

  async function run(line: string) {
    const { status, stdout, stderr } = await sandbox.backlogctl(line.split(' '));
    return { status, said: `${stdout}${stderr}`.replace(/\s+/g, ' ') };
  }

  const BLUE = ['ip', 'netns', 'exec', 'blue'];

  async function somaxconn(enter: readonly string[] = []): Promise<string> {
    return (await sandbox.output([...enter, 'cat', '/proc/sys/net/core/somaxconn'])).trim();
  }

  async function inodeOf(name: string): Promise<string> {
    return (await sandbox.output(['stat', '--format=%i', `/run/netns/${name}`])).trim();
  }

  async function holder(
    enter: readonly string[] = BLUE,
  ): Promise<{ readonly pid: number; stop(): Promise<void> }> {
    return sandbox.start([...enter, 'sleep', '600']);
  }

  test('what is asked for is set in the namespace alone, and is kept nowhere', async () => {
    const before = await somaxconn();
    const planned = await run('plan --netns blue --profile listen');
    expect(planned.said).toContain('backlogctl apply --profile listen --netns blue');
    expect(planned.said).toContain('values of the network namespace blue alone');

    const applied = await run('apply --netns blue --profile listen --yes');
    expect(applied.status).toBe(0);
    expect(applied.said).toContain('Nothing is written that would set them again: they go with it.');
    expect(applied.said).toContain('net.core.netdev_max_backlog belongs to the whole host');
    expect(applied.said).toContain('vm.swappiness belongs to the whole host');
    expect(applied.said).toContain('Undo it backlogctl rollback --netns blue');

    expect([await somaxconn(BLUE), await somaxconn()]).toEqual(['8192', before]);
    expect(await sandbox.output(['find', '/etc/sysctl.d', '-type', 'f'])).toBe('');
    expect((await sandbox.run(['ls', '/var/lib/backlogctl'])).status).not.toBe(0);
    const again = await run('apply --netns blue --profile listen --yes');
    expect([again.status, again.said]).toEqual([0, expect.stringContaining('Nothing to change')]);
  }, 60_000);

  test('an audit plans what would be done there, and no file', async () => {
    const { status, stdout } = await sandbox.backlogctl(
      'audit --netns blue --profile listen --json'.split(' '),
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ plan: { steps: [{ kind: 'live' }] } });
    const { said } = await run('audit --netns blue --profile listen');
    expect(said).toContain('The plan changes 1 value.');
    expect(said).toContain('backlogctl apply --profile listen --netns blue Undo');
  }, 60_000);

  test('each namespace has a history of its own, and rollback takes back what was done there', async () => {
    await run('apply --netns blue --profile listen --yes');
    const shown = await run('history show 1 --netns blue');
    expect(shown.said).toContain('backlogctl rollback --netns blue');
    expect(shown.said).toContain(`cd /run/backlogctl/netns/${await inodeOf('blue')}/transactions/000001`);
    expect((await run('history')).said).toContain('has not changed anything');
    const here = await run('apply --profile listen --no-persist --yes');
    expect([here.status, await somaxconn()]).toEqual([0, '8192']);
    const status = await run('status --netns blue');
    expect([status.status, status.said]).toEqual([0, expect.stringContaining('namespace blue alone')]);

    const back = await run('rollback --netns blue');
    expect([back.status, back.said]).toEqual([0, expect.stringContaining('somaxconn is 4096 again')]);
    expect([await somaxconn(BLUE), await somaxconn()]).toEqual(['4096', '8192']);
  }, 60_000);

  test('a namespace without a name is entered by a process in it', async () => {
    const { pid } = await holder(['unshare', '--net']);
    const enter = ['nsenter', '--net', `--target=${pid}`];
    expect((await run(`apply --netns ${pid} --profile listen --yes`)).said).toContain(
      `of process ${pid} alone`,
    );
    const there = (await sandbox.output(['readlink', `/proc/${pid}/ns/net`])).trim();
    const directory = `/run/backlogctl/netns/${there.replace(/\D/g, '')}/transactions/000001`;
    expect((await sandbox.output(['cat', `${directory}/README`])).replace(/\s+/g, ' ')).toContain(
      `readlink /proc/${pid}/ns/net ${enter.join(' ')} sysctl -p before.conf # only while process ${pid} is in ${there}`,
    );
    expect(await somaxconn(enter)).toBe('8192');
    expect((await run(`rollback --netns ${pid}`)).status).toBe(0);
    expect(await somaxconn(enter)).toBe('4096');
  }, 60_000);

  test('the files of the host say nothing there', async () => {
    await run('apply --profile listen --yes');
    await sandbox.output([...BLUE, 'sh', '-c', 'echo 16000 >/proc/sys/net/core/somaxconn']);
    const applied = await run('apply --netns blue --profile database --yes');
    expect(applied.status).toBe(0);
    expect(await somaxconn(BLUE)).toBe('16000');
    expect((await run('status --netns blue')).status).toBe(0);
  }, 60_000);

  test('its README and its history say how to get there', async () => {
    await run('apply --netns blue --profile listen --yes');
    const directory = `/run/backlogctl/netns/${await inodeOf('blue')}/transactions/000001`;
    const readme = await sandbox.output(['cat', `${directory}/README`]);
    expect(readme).toContain('backlogctl rollback --netns blue');
    expect(readme).toContain('ip netns exec blue sysctl -p before.conf');
    expect((await run('history show 1 --netns blue')).said).toContain(
      `ip netns exec blue readlink /proc/self/ns/net ip netns exec blue sysctl -p before.conf # only while blue is net:[${await inodeOf('blue')}]`,
    );
  }, 60_000);

  test('the system log says in which namespace it was done', async () => {
    await sandbox.writeFile('/run/logger', '#!/bin/sh\necho "$*" >>/run/logged\n', '0755');
    await sandbox.output(['sh', '-c', 'mount --bind /run/logger "$(readlink -f /usr/bin/logger)"']);
    await run('apply --netns blue --profile listen --yes');
    await run('apply --profile listen --no-persist --yes');
    const logged = await sandbox.output(['cat', '/run/logged']);
    expect(logged).toContain(`-- net:[${await inodeOf('blue')}] 000001: net.core.somaxconn set to 8192`);
    expect(logged).toContain('-- 000001: net.core.somaxconn set to 8192');
  }, 60_000);

  test('what waits is told by what takes it back, when all others have left', async () => {
    const first = await holder(['unshare', '--net']);
    await run(`apply --netns ${first.pid} --profile listen --yes --confirm-within 5m`);
    const second = await holder(['nsenter', '--net', `--target=${first.pid}`]);
    await first.stop();
    const again = await run(`apply --netns ${second.pid} --profile listen --yes`);
    expect([again.status, again.said]).toEqual([5, expect.stringContaining('waits to be confirmed')]);
    expect((await run(`rollback --netns ${second.pid}`)).status).toBe(0);
    expect(await somaxconn(['nsenter', '--net', `--target=${second.pid}`])).toBe('4096');
  }, 60_000);

  test('a later namespace with the same inode is not taken for the one that was changed', async () => {
    await run('apply --netns blue --profile listen --yes');
    const inode = await inodeOf('blue');
    await sandbox.output(['ip', 'netns', 'del', 'blue']);
    // The kernel gives the lowest free number out, so that it comes back by and by.
    for (let count = 0; ; count += 1) {
      await sandbox.output(['ip', 'netns', 'add', `n${count}`]);
      if ((await inodeOf(`n${count}`)) === inode) {
        expect((await run(`rollback --netns n${count}`)).said).toContain('othing');
        expect((await run(`history --netns n${count}`)).said).toContain('has not changed anything');
        const applied = await run(`apply --netns n${count} --profile listen --yes`);
        expect(applied.said).toContain('Applied as transaction 000001.');
        break;
      }
      if (count === 20) throw new Error(`the inode ${inode} did not come back`);
    }
  }, 60_000);

  test('by other processes or a name it stays the same namespace', async () => {
    const first = await holder();
    expect((await run(`apply --netns ${first.pid} --profile listen --yes`)).status).toBe(0);
    expect((await run('history --netns blue')).said).toContain('000001');
    const second = await holder();
    expect((await run(`rollback --netns ${second.pid}`)).said).toContain('somaxconn is 4096 again');
  }, 60_000);

  describe('what cannot be is refused, and changes nothing', () => {
    test.each([
      ['apply --netns blu --profile listen --yes', 2, "did you mean 'blue'?"],
      ['apply --netns ../blue --profile listen --yes', 2, 'neither a name as ip netns lists them nor a PID'],
      ['apply --netns 4194303 --profile listen --yes', 2, 'there is no process 4194303'],
      ['apply --netns 1 --profile listen --yes', 2, 'is the network namespace that we are in already'],
      ['apply --netns blue --profile listen --yes --takeover', 2, 'they reach no other network namespace'],
      ['apply --netns blue --profile listen --yes --file-name 90-x.conf', 2, 'they reach no other network'],
      ['apply --netns blue --profile listen --yes --no-live --root /', 2, 'neither --root nor --snapshot'],
      ['audit --netns blue --snapshot x.json', 2, 'neither --root nor --snapshot'],
      ['recover --netns blue --at-boot', 2, 'no network namespace is there again after a boot'],
      ['audit --inside 1', 5, 'and not 1'],
    ])(
      '%s',
      async (line, status, why) => {
        const { status: ended, said } = await run(line);
        expect([ended, said]).toEqual([status, expect.stringContaining(why)]);
        expect(await somaxconn(BLUE)).toBe('4096');
      },
      60_000,
    );

    test('a plan of files, and one of another namespace', async () => {
      await run('plan --profile listen --out /run/here.json');
      const here = await run('apply /run/here.json --netns blue --yes');
      expect([here.status, here.said]).toEqual([
        2,
        expect.stringContaining('make one there: backlogctl plan --netns blue … --out FILE'),
      ]);
      await run('plan --profile listen --no-persist --out /run/live.json');
      const live = await run('apply /run/live.json --netns blue --yes');
      expect([live.status, live.said]).toEqual([
        5,
        expect.stringContaining('was made in the network namespace'),
      ]);
      expect(live.said).toContain('make one here: backlogctl plan --out FILE --netns blue');
      await run('plan --netns blue --profile listen --out /run/there.json');
      expect((await run('apply /run/there.json --netns blue --yes')).status).toBe(0);
      expect(await somaxconn(BLUE)).toBe('8192');
    }, 60_000);

    test('what names the host from elsewhere, and what is a name and a process', async () => {
      const inBlue = await sandbox.run([...BLUE, 'node', BIN, 'audit', '--netns', '1']);
      expect([inBlue.status, inBlue.stderr]).toEqual([2, expect.stringContaining("the host's own network")]);
      const { pid } = await holder(['unshare', '--net']);
      await sandbox.output(['ip', 'netns', 'add', String(pid)]);
      const { status, said } = await run(`audit --netns ${pid}`);
      expect([status, said]).toEqual([2, expect.stringContaining('and a process as well')]);
    }, 60_000);

    test('without root', async () => {
      const { status, stderr } = await sandbox.backlogctl(['audit', '--netns', 'blue'], { as: 'nobody' });
      expect([status, stderr]).toEqual([5, expect.stringContaining('takes root')]);
    }, 60_000);

    test('a file that is no namespace any more', async () => {
      await sandbox.output(['touch', '/run/netns/gone']);
      const { status, said } = await run('audit --netns gone');
      expect([status, said]).toEqual([2, expect.stringContaining('is no namespace any more')]);
    }, 60_000);
  });

  describe('a run that does not get there, or does not come back, is told as such', () => {
    /** In the place of nsenter, for those in the sandbox. */
    async function replaceNsenter(text: string, mode: string) {
      await sandbox.writeFile('/run/nsenter', text, mode);
      await sandbox.output(['sh', '-c', 'mount --bind /run/nsenter "$(readlink -f /usr/bin/nsenter)"']);
    }
    const AUDIT = ['audit', '--netns', 'blue'];

    test('without CAP_SYS_ADMIN', async () => {
      const weak = ['setpriv', '--bounding-set=-sys_admin', 'node', BIN, ...AUDIT];
      const { status, stdout, stderr } = await sandbox.run(weak);
      expect({ status, stdout, stderr }).toEqual({
        status: 5,
        stdout: '',
        stderr: expect.stringMatching(
          /^backlogctl: the network namespace blue cannot be entered: nsenter: .*Operation not permitted\n$/,
        ),
      });
      const json = await sandbox.run([...weak, '--json']);
      expect([json.status, json.stderr]).toEqual([5, '']);
      expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'error', status: 5, changed: false });
    }, 60_000);

    test('where nsenter cannot be run', async () => {
      await replaceNsenter('', '0000');
      const { status, said } = await run('apply --netns blue --profile listen --yes');
      expect([status, said]).toEqual([
        5,
        'backlogctl: the network namespace blue cannot be entered: nsenter cannot be run: not permitted (EACCES) ',
      ]);
      expect((await sandbox.run(['ls', '/run/backlogctl'])).status).not.toBe(0);
    }, 60_000);

    test('where nsenter ends as an audit with findings would', async () => {
      await replaceNsenter('#!/bin/sh\ncase "$*" in *" true") exit 0;; esac\nexit 1\n', '0755');
      const { status, said } = await run('audit --netns blue');
      expect([status, said]).toEqual([
        5,
        'backlogctl: the network namespace blue was not entered: nsenter ended with 1 ',
      ]);
    }, 60_000);

    test.each([
      ['KILL', 5, /^backlogctl: the run in the network namespace blue was ended by SIGKILL\n$/],
      ['TERM', 143, /^$/],
      ['INT', 130, /^$/],
    ])(
      'where an audit is ended by SIG%s',
      async (signal, expected, said) => {
        const script = `
        node "$0" "$@" --sample 20s --quiet &
        # Where its arrival is told is a socket until it is, and only programs that end at once have others there.
        until child=$(pgrep -f '[-]-tell-arrival') && ! readlink "/proc/$child/fd/3" | grep -q socket; do sleep 0.1; done
        kill -${signal} "$child"
        wait $!`;
        const { status, stdout, stderr } = await sandbox.run(['bash', '-c', script, BIN, ...AUDIT]);
        expect({ status, stdout, stderr }).toEqual({
          status: expected,
          stdout: '',
          stderr: expect.stringMatching(said),
        });
        expect(await somaxconn(BLUE)).toBe('4096');
      },
      60_000,
    );

    test('where an apply is ended by SIGKILL, which leaves it in the middle', async () => {
      await sandbox.writeFile('/run/check', '#!/bin/sh\ntouch /run/checking\nexec sleep 20\n', '0755');
      const script = `
        node "$0" apply --netns blue --profile listen --yes --confirm-within 5m --confirm-if /run/check &
        until [ -e /run/checking ]; do sleep 0.1; done
        kill -KILL "$(pgrep -f '[-]-tell-arrival')"
        wait $!`;
      const { status, stderr } = await sandbox.run(['bash', '-c', script, BIN]);
      expect([status, stderr]).toEqual([
        5,
        expect.stringMatching(
          /was ended by SIGKILL; what it may have left .* is put back by backlogctl recover --netns blue\n$/,
        ),
      ]);
      expect(await somaxconn(BLUE)).toBe('8192');
      await run('rollback --netns blue');
      expect(await somaxconn(BLUE)).toBe('4096');
    }, 60_000);

    test.each([
      ['apply --netns blue --profile listen --yes', ''],
      ['apply --netns blue --profile listen --yes --json', 'unwritable'],
    ])(
      'where what it is told by later has no room: %s',
      async (line, code) => {
        await sandbox.output(['mkdir', '-p', '-m', '700', '/run/backlogctl/netns']);
        await sandbox.output(['mount', '-t', 'tmpfs', '-o', 'nr_inodes=1', 'none', '/run/backlogctl/netns']);
        const { status, said } = await run(line);
        expect([status, said]).toEqual([5, expect.stringContaining('the disk is full (ENOSPC)')]);
        expect(said).toContain(code);
        expect(await somaxconn(BLUE)).toBe('4096');
      },
      60_000,
    );
  });

  test("nsenter is the system's own, whatever the caller's PATH says", async () => {
    await sandbox.writeFile('/run/evil/nsenter', '#!/bin/sh\n: >/run/evil/ran\n', '755');
    const { status } = await sandbox.backlogctl(['audit', '--netns', 'blue'], {
      env: { PATH: '/run/evil:/run/node:/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    expect(status).toBe(0);
    expect((await sandbox.run(['test', '-e', '/run/evil/ran'])).status).toBe(1);
  }, 60_000);

  test('what is not confirmed goes back by itself there, and what is confirmed stays', async () => {
    const waiting = await run('apply --netns blue --profile listen --yes --confirm-within 6s');
    expect(waiting.said).toContain('backlogctl confirm --netns blue');
    expect(await somaxconn(BLUE)).toBe('8192');
    for (let tries = 0; tries < 120 && (await somaxconn(BLUE)) === '8192'; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await somaxconn(BLUE)).toBe('4096');

    await run('apply --netns blue --profile listen --yes --confirm-within 5m');
    const refused = await run('apply --netns blue --yes');
    expect([refused.status, refused.said]).toEqual([
      5,
      expect.stringContaining('backlogctl rollback --netns blue'),
    ]);
    expect((await run('confirm --netns blue')).status).toBe(0);
    expect((await run('history --netns blue')).said).toMatch(/000002 .* applied/);
  }, 90_000);
});
