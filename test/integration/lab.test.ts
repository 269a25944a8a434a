import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schemaFaults } from '../tools/published-schema.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Sandbox, until } from '../tools/sandbox.ts';

type Numbers = readonly { readonly name: string; readonly measured: number }[];

function measured(numbers: Numbers): Readonly<Record<string, number>> {
  return Object.fromEntries(numbers.map((each) => [each.name, each.measured]));
}

describeWith(SANDBOX_PROGRAMS, 'the lab on this kernel', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(async () => sandbox?.close());

  async function lab(...args: readonly string[]) {
    const { status, stdout, stderr } = await sandbox.backlogctl(['lab', '--json', ...args], {
      timeoutMs: 240_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const document = JSON.parse(stdout);
    expect(schemaFaults('lab', document)).toEqual([]);
    return document;
  }

  /** Processes of a lab, and the network namespaces that any process of the sandbox stands in. */
  async function leftovers() {
    const commands = await sandbox.output([
      'sh',
      '-c',
      'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "',
    ]);
    const namespaces = await sandbox.output(['sh', '-c', 'readlink /proc/[0-9]*/ns/net | sort -u']);
    return {
      processes: commands.split('lab-agent').length - 1,
      namespaces: namespaces.trim().split('\n').length,
      links: (await sandbox.output(['ip', '-o', 'link'])).trim().split('\n').length,
    };
  }

  const NOTHING = { processes: 0, namespaces: 1, links: 1 };

  test("measures this host's own values where none are given", async () => {
    await sandbox.setSysctl('net.core.somaxconn', 20);
    await sandbox.setSysctl('net.ipv4.tcp_syncookies', 0);
    await sandbox.setSysctl('net.ipv4.tcp_max_syn_backlog', 16);
    const { points, exact, total } = await lab();
    expect([exact, total]).toEqual([2, 2]);
    const [handshakes, syns] = points;
    expect(handshakes).toMatchObject({ somaxconn: 20, maxSynBacklog: 16, syncookies: 0, backlog: 511 });
    expect(measured(handshakes.numbers)).toMatchObject({ limit: 20, acceptQueue: 21, ListenOverflows: 10 });
    // All but a quarter of 16, and one.
    expect(measured(syns.numbers)).toMatchObject({ synRecv: 13, ListenDrops: 18, TCPReqQFullDrop: 0 });
    // What it is told to try is set in its own network namespace alone.
    await lab('--somaxconn', '5', '--syncookies', '2');
    expect(await sandbox.output(['cat', '/proc/sys/net/core/somaxconn'])).toBe('20\n');
  });

  test('prints measured beside predicted, with the verdict', async () => {
    const { stdout, status } = await sandbox.backlogctl(['lab', '--backlog', '5', '--somaxconn', '4096']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +predicted +measured$/m);
    expect(stdout).toMatch(/^ {2}in the accept queue \(Recv-Q\) +6 +6$/m);
    expect(stdout).toMatch(/All 2 as predicted: this kernel does what the model says\.\n$/);
  });

  test('needs no root where user namespaces are allowed', async () => {
    const run = await sandbox.backlogctl(['lab', '--backlog', '5', '--quiet'], { as: 'nobody' });
    expect(run).toMatchObject({ status: 0, stdout: expect.stringContaining('All 2 as predicted') });
  });

  test('a grid of settings is exact in every point', async () => {
    const { points, exact, total } = await lab('--matrix');
    expect(points.filter((point: { exact: boolean }) => !point.exact)).toEqual([]);
    expect([exact, total]).toEqual([240, 240]);
    expect(await leftovers()).toEqual(NOTHING);
  }, 260_000);

  test.each(['KILL', 'INT', 'TERM', 'HUP'])('nothing is left of a run that SIG%s ends', async (signal) => {
    const running = await sandbox.start(['node', BIN, 'lab', '--matrix', '1000'], { timeoutMs: 60_000 });
    await until(async () => (await leftovers()).namespaces === 3, 'two network namespaces of the lab');
    expect((await leftovers()).processes).toBeGreaterThan(0);
    await sandbox.run(['kill', `-${signal}`, String(running.pid)]);
    await until(async () => (await leftovers()).processes === 0, 'the end of its processes');
    await running.stop();
    const { stdout } = await sandbox.backlogctl(['lab', '--backlog', '3', '--quiet']);
    expect(stdout).toContain('All 2 as predicted');
    expect(await leftovers()).toEqual(NOTHING);
  });

  test('a host that shows /proc/sys read-only is told so, and nothing is left', async () => {
    const { status, stdout, stderr } = await sandbox.run([
      ...['unshare', '--mount', 'sh', '-c'],
      `mount -o remount,bind,ro /proc/sys/net && exec node ${BIN} lab`,
    ]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(
      /^backlogctl: the lab could not measure: \/proc\/sys\/net\/\S+ cannot be set to \d+ \(EROFS\); \/proc\/sys has to be writable here, [^\n]+\n$/,
    );
    expect(await leftovers()).toEqual(NOTHING);
  });

  test('its parts change nothing where they are not meant to be', async () => {
    const link = (await sandbox.output(['readlink', '/proc/self/ns/net'])).trim();
    const inode = link.replace(/\D/g, '');
    const before = await sandbox.output(['cat', '/proc/sys/net/ipv6/conf/all/disable_ipv6']);
    for (const role of ['bench', 'clients']) {
      for (const startedIn of [inode, link, '']) {
        const { status, stdout } = await sandbox.backlogctl(['lab-agent', role, startedIn, '1']);
        expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      }
    }
    expect(await sandbox.output(['cat', '/proc/sys/net/ipv6/conf/all/disable_ipv6'])).toBe(before);
  });

  test('too few open files are told as such', async () => {
    const { status, stderr } = await sandbox.run([
      'prlimit',
      '--nofile=128:128',
      'node',
      BIN,
      'lab',
      '--somaxconn',
      '4096',
    ]);
    expect(status).toBe(5);
    expect(stderr).toMatch(/too few open files are allowed here \(EMFILE\): raise ulimit -n/);
  });

  test('what it needs and is not there is named', async () => {
    const { status, stderr } = await sandbox.run([
      ...['unshare', '--mount', 'sh', '-c'],
      `mount --bind /dev/null /usr/bin/setpriv && exec node ${BIN} lab`,
    ]);
    expect(status).toBe(5);
    expect(stderr).toMatch(/^backlogctl: the lab needs setpriv, which this host does not have; /);
  });
});
