import type { Running, Sandbox } from './sandbox.ts';

/** One real server on a port of its own, with its configuration in the sandbox's private /etc. */
export type ServerCase = {
  readonly port: number;
  readonly server: string;
  readonly requested: number;
  readonly source: 'config' | 'command-line' | 'default';
  readonly file: string | null;
  readonly line: number | null;
};

const NGINX_CONF = `worker_processes 1;
pid /run/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  include /etc/nginx/conf.d/*.conf;
}
`;

/** The directive stands on the second line. */
const NGINX_SITE = `server {
  listen 127.0.0.1:8080 backlog=1024;
  return 200;
}
`;

const NGINX_PLAIN = `server {
  listen 127.0.0.1:8081;
  return 200;
}
`;

/** The directive stands on the third line. */
const REDIS_CONF = `bind 127.0.0.1
port 6379
tcp-backlog 300
save ""
logfile ""
`;

export const SERVERS: readonly ServerCase[] = [
  {
    port: 8080,
    server: 'nginx',
    requested: 1024,
    source: 'config',
    file: '/etc/nginx/conf.d/site.conf',
    line: 2,
  },
  { port: 8081, server: 'nginx', requested: 511, source: 'default', file: null, line: null },
  { port: 6379, server: 'redis', requested: 300, source: 'config', file: '/etc/redis/redis.conf', line: 3 },
  { port: 6380, server: 'redis', requested: 600, source: 'command-line', file: null, line: null },
  { port: 3000, server: 'nodejs', requested: 511, source: 'default', file: null, line: null },
];

/** systemd hands INT_MAX to listen(2) unless Backlog= is set: whatever somaxconn is, is its limit. */
export const SOCKET_ACTIVATED_PORT = 7000;

export async function writeConfigs(sandbox: Sandbox): Promise<void> {
  await sandbox.writeFile('/etc/nginx/nginx.conf', NGINX_CONF);
  await sandbox.writeFile('/etc/nginx/conf.d/site.conf', NGINX_SITE);
  await sandbox.writeFile('/etc/nginx/conf.d/plain.conf', NGINX_PLAIN);
  await sandbox.writeFile('/etc/redis/redis.conf', REDIS_CONF);
}

/** All of them together, listening when this returns; `stop` ends them all. */
export async function startServers(sandbox: Sandbox): Promise<Pick<Running, 'stop'>> {
  const started = await Promise.all([
    sandbox.start(['nginx', '-e', 'stderr', '-c', '/etc/nginx/nginx.conf', '-g', 'daemon off;']),
    sandbox.start(['redis-server', '/etc/redis/redis.conf']),
    // Redis overwrites its command line with a title, unless it is told not to.
    sandbox.start(redisWith('--port', '6380', '--tcp-backlog', '600')),
    sandbox.start(['node', '-e', "require('node:http').createServer().listen(3000, '127.0.0.1')"]),
    sandbox.start(['systemd-socket-activate', '-l', `127.0.0.1:${SOCKET_ACTIVATED_PORT}`, 'cat']),
  ]);
  await sandbox.listening(...SERVERS.map(({ port }) => port), SOCKET_ACTIVATED_PORT);
  return {
    async stop() {
      await Promise.all(started.map((server) => server.stop()));
    },
  };
}

export function redisWith(...options: readonly string[]): readonly string[] {
  return ['redis-server', '--bind', '127.0.0.1', '--save', '', '--set-proc-title', 'no', ...options];
}

/** Listens and then never accepts: its queue can only fill. */
export function neverAccepting(port: number, backlog: number): readonly string[] {
  const block = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
  return [
    'node',
    '-e',
    `require('node:net').createServer().listen(${port}, '127.0.0.1', ${backlog}, () => ${block})`,
  ];
}

/** Opens so many connections at once and keeps them, or keeps trying. */
export function connecting(port: number, count: number): readonly string[] {
  return [
    'node',
    '-e',
    `for (let i = 0; i < ${count}; i += 1) require('node:net').connect(${port}, '127.0.0.1').on('error', () => {})`,
  ];
}
