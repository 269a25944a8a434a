// What it costs to resolve 2,000 sysctl files with 200,000 lines: CPU beside an empty script of the same run, and the
// most memory. `node bench/resolve.mjs [LOADER]`
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const FILES = 2_000;
const LINES = 100;
const LEAVES = ['rp_filter', 'accept_redirects', 'log_martians', 'arp_ignore', 'send_redirects'];
const KEYS = [
  'net.core.somaxconn',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.ip_local_port_range',
  'vm.swappiness',
  'kernel.pid_max',
  'net.ipv4.no_such_key',
];

/** Each tenth line has a pattern, each twentieth excludes, each fortieth is a comment. */
function lineAt(index) {
  const leaf = LEAVES[index % LEAVES.length];
  if (index % 40 === 7) return '# a comment';
  if (index % 20 === 5) return `-net.ipv4.conf.lo.${leaf}`;
  if (index % 10 === 3) return `net.ipv4.conf.*.${leaf} = ${index % 3}`;
  const key = KEYS[index % KEYS.length];
  return `${key} = ${key.endsWith('rmem') ? `4096 ${index} 6291456` : index}`;
}

function makeTree(root) {
  const directory = path.join(root, 'etc', 'sysctl.d');
  mkdirSync(directory, { recursive: true });
  for (let file = 0; file < FILES; file += 1) {
    const lines = Array.from({ length: LINES }, (_, line) => lineAt(file * LINES + line));
    writeFileSync(
      path.join(directory, `${String(file).padStart(4, '0')}-bench.conf`),
      `${lines.join('\n')}\n`,
    );
  }
}

/** CPU in ms and the most memory in MiB of one command, as time(1) sees it. */
function cost(argv) {
  const { stderr, status } = spawnSync(
    '/usr/bin/env',
    ['time', '-f', '%U %S %M', process.execPath, ...argv],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const [user, system, kilobytes] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  if (status !== 0) throw new Error(stderr);
  return { cpuMs: (user + system) * 1000, memoryMib: kilobytes / 1024 };
}

const root = mkdtempSync(path.join(tmpdir(), 'backlogctl-bench-'));
try {
  makeTree(root);
  const cli = path.join(import.meta.dirname, '..', 'bin', 'backlogctl.js');
  const loaders = process.argv[2] === undefined ? ['systemd-257', 'procps-4.0.7'] : [process.argv[2]];
  for (const loader of loaders) {
    const empty = Math.min(...[1, 2, 3].map(() => cost(['-e', '0']).cpuMs));
    const runs = [1, 2, 3].map(() =>
      cost([cli, 'sysctl', 'resolve', '--root', root, '--loader', loader, 'net.ipv4.tcp_rmem']),
    );
    const cpu = Math.min(...runs.map(({ cpuMs }) => cpuMs));
    const memory = Math.max(...runs.map(({ memoryMib }) => memoryMib));
    console.log(
      `${loader}: ${FILES * LINES} lines in ${FILES} files: ${(cpu / 1000).toFixed(2)} s of CPU, ${(cpu / empty).toFixed(0)} times an empty script; at most ${memory.toFixed(0)} MiB`,
    );
  }
} finally {
  rmSync(root, { recursive: true });
}
