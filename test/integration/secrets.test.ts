import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';
import { redisWith } from '../tools/servers.ts';

const PASSWORD = 'correct-horse-battery';
const CONFIG_PASSWORD = 'staple-in-the-config';
const ENVIRONMENT_PASSWORD = 'hidden-in-the-environment';
const FASTOPEN_KEY = '0123abcd-4567ef01-89ab2345-cdef6789';
const FILED_KEY = 'feedf00d-4567ef01-89ab2345-cdef6789';
const SAVED = '/run/saved.json';

/** As written, and as a snapshot would hide it in base64 at any alignment. */
function formsOf(secret: string): readonly string[] {
  const shifted = ['', 'x', 'xx'].map((pad) =>
    Buffer.from(`${pad}${secret}`).toString('base64').slice(4, -4),
  );
  return [secret, ...shifted];
}

const SECRETS = [PASSWORD, CONFIG_PASSWORD, ENVIRONMENT_PASSWORD, FASTOPEN_KEY, FILED_KEY].flatMap(formsOf);

const COMMANDS: readonly (readonly string[])[] = [
  ['audit'],
  ['audit', '--verbose'],
  ['audit', '--json'],
  ['audit', '--json', '--verbose', '--sample', '100ms'],
  ['audit', '--json', '--snapshot-out', SAVED],
  ['audit', '--verbose', '--snapshot', SAVED],
  ['explain', ':6379'],
  ['explain', ':6379', '--verbose'],
  ['explain', 'net.core.somaxconn', '--json'],
  ['snapshot'],
  ['snapshot', '--redact'],
];

describeWith([...SANDBOX_PROGRAMS, 'redis-server'], 'planted secrets', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.ipv4.tcp_fastopen_key', FASTOPEN_KEY);
    await sandbox.writeFile(
      '/etc/sysctl.d/50-keys.conf',
      `net.ipv4.tcp_fastopen_key = ${FILED_KEY}\n`,
      '0600',
    );
    await sandbox.writeFile(
      '/etc/redis/redis.conf',
      `port 6380\nbind 127.0.0.1\nsave ""\nrequirepass ${CONFIG_PASSWORD}\ntcp-backlog 300\n`,
    );
    await sandbox.start(redisWith('--port', '6379', '--requirepass', PASSWORD), {
      env: { REDIS_SECRET: ENVIRONMENT_PASSWORD },
    });
    await sandbox.start(['redis-server', '/etc/redis/redis.conf']);
    await sandbox.listening(6379, 6380);
  });
  afterAll(async () => sandbox?.close());

  test('they really are there to be found', async () => {
    const pid = (await sandbox.output(['pgrep', '-o', 'redis-server'])).trim();
    expect(await sandbox.output(['cat', `/proc/${pid}/cmdline`])).toContain(PASSWORD);
    expect(await sandbox.output(['cat', `/proc/${pid}/environ`])).toContain(ENVIRONMENT_PASSWORD);
    expect(await sandbox.output(['cat', '/proc/sys/net/ipv4/tcp_fastopen_key'])).toContain(FASTOPEN_KEY);
  });

  test.each(COMMANDS.map((args) => [args.join(' '), args] as const))('%s prints none', async (_, args) => {
    const { status, stdout, stderr } = await sandbox.backlogctl(args);
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(100);
    expect(SECRETS.filter((secret) => stdout.includes(secret) || stderr.includes(secret))).toEqual([]);
  });

  test('a saved snapshot holds none, and is readable for its owner only', async () => {
    const saved = await sandbox.output(['cat', SAVED]);
    expect(saved).toContain('"redis"');
    expect(SECRETS.filter((secret) => saved.includes(secret))).toEqual([]);
    expect((await sandbox.output(['stat', '-c', '%a', SAVED])).trim()).toBe('600');
  });
});
