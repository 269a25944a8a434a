// What the benches share: namespaces of their own, and CPU time of commands in interleaved runs.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export const BIN = path.join(import.meta.dirname, '..', 'bin', 'backlogctl.js');

const INSIDE = '--inside';

/**
 * Starts this script again as the first process of network, mount and PID namespaces of its own, which end with it.
 * @returns true there, false outside, where it has run already
 */
export function inNamespace(script) {
  if (process.argv.includes(INSIDE)) {
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
    return true;
  }
  if (process.getuid() !== 0) {
    process.stderr.write(
      'The bench opens its listeners in a network namespace of its own: run it as root.\n',
    );
    process.exitCode = 1;
    return false;
  }
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
  const { status } = spawnSync('unshare', [...namespaces, process.execPath, script, INSIDE], {
    stdio: 'inherit',
    timeout: 300_000,
  });
  process.exitCode = status ?? 1;
  return false;
}

/**
 * Starts this script again in a sandbox of the tests (test/tools/sandbox.sh): as inNamespace, and with a private /etc
 * and journal, so that what it changes ends with it.
 * @returns true there, false outside, where it has run already
 */
export async function inSandbox(script) {
  if (process.argv.includes(INSIDE)) return true;
  if (process.getuid() !== 0) {
    process.stderr.write('The bench changes sysctls in a network namespace of its own: run it as root.\n');
    process.exitCode = 1;
    return false;
  }
  const root = path.join(import.meta.dirname, '..');
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--'];
  const first = spawn(
    'unshare',
    [...namespaces, 'sh', path.join(root, 'test/tools/sandbox.sh'), root, process.execPath],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [said] = await Promise.race([once(first.stdout, 'data'), once(first, 'exit')]);
  const outer = /^ready (\d+)$/m.exec(String(said))?.[1];
  if (outer === undefined) throw new Error('the sandbox did not start');
  const { status } = spawnSync(
    'nsenter',
    [
      ...[`--target=${outer}`, '--net', '--mount', '--pid', '--'],
      ...['node', path.join('/run/product', path.relative(root, script)), INSIDE],
    ],
    { stdio: 'inherit', timeout: 300_000, env: { PATH: '/run/node:/usr/sbin:/usr/bin:/sbin:/bin' } },
  );
  first.stdin.end();
  process.exitCode = status ?? 1;
  return false;
}

/** User and system time of a command and its children, in milliseconds: the shell's `time` asks getrusage(2). */
function cpuMs(argv) {
  const script = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1';
  const { stderr, status } = spawnSync('bash', ['-c', script, 'bash', ...argv], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`);
  const [user, system] = stderr.trim().split(' ').map(Number);
  return (user + system) * 1000;
}

/** The least of many runs in turn: other load on the machine only ever adds. */
export function leastCpuMs(commands, rounds) {
  const least = new Map(commands.map(({ name }) => [name, Number.POSITIVE_INFINITY]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, argv } of commands) least.set(name, Math.min(least.get(name), cpuMs(argv)));
  }
  return least;
}

/** A child that prints `ready` once it is; it ends with the namespace. */
export async function background(argv) {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', () => reject(new Error(`${argv.join(' ')} ended early`)));
  });
}

export function print(rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, ms, remark] of rows) {
    process.stdout.write(`${name.padEnd(width)}  ${ms.toFixed(0).padStart(6)} ms CPU  ${remark}\n`);
  }
}
