// What a plan is worth: three thousand connections at once onto a real nginx, before it and after `backlogctl apply`,
// what its receipt says is left to do, and nothing else. The workers are stopped (SIGSTOP) for the first second of each
// burst, as by a slow disk or a CPU limit, so that what the accept queue holds decides, and not the speed of this machine.
// Fails unless connections overflow the queue before, and none does after a plan for that very load.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BIN, inSandbox } from './measure.mjs';

const CONNECTIONS = 3000;
const STALL_MS = 1000;
const ROUNDS = 3;
const PORT = 8080;
const PID_FILE = '/run/nginx.pid';
/** The kernel's own up to 5.3, and what old recipes still set. */
const OLD_SOMAXCONN = '128';
const SOMAXCONN = '/proc/sys/net/core/somaxconn';
const PLAIN = `127.0.0.1:${PORT}`;

const PROFILE = ['--profile', 'web-frontend'];
const LOAD = ['--connections-per-second', `${CONNECTIONS}`, '--longest-stall', `${STALL_MS / 1000}s`];

const CASES = [
  { listen: PLAIN, options: PROFILE, suffices: false },
  { listen: PLAIN, options: [...PROFILE, ...LOAD], suffices: true },
  { listen: `${PLAIN} backlog=4096`, options: PROFILE, suffices: true },
];

/** All but `listen` and the answer is there so that nothing else than the queue runs out. */
function configOf(listen) {
  return `worker_processes auto;
worker_rlimit_nofile 8192;
pid ${PID_FILE};
error_log stderr;
events { worker_connections 4096; }
http {
  access_log off;
  server {
    listen ${listen};
    return 200;
  }
}
`;
}

function output(program, ...args) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

async function until(holds, what) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (holds()) return;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

function workers() {
  const master = readFileSync(PID_FILE, 'utf8').trim();
  return output('pgrep', '--parent', master).trim().split('\n').map(Number);
}

async function startNginx(listen) {
  writeFileSync('/etc/nginx/nginx.conf', configOf(listen));
  output('nginx', '-e', 'stderr', '-c', '/etc/nginx/nginx.conf');
  await until(() => output('ss', '-Htln').includes(`:${PORT} `), 'nginx');
}

async function stopNginx() {
  process.kill(Number(readFileSync(PID_FILE, 'utf8')), 'SIGTERM');
  await until(() => !existsSync(PID_FILE), 'the end of nginx');
}

function backlogctl(...args) {
  return JSON.parse(output(process.execPath, BIN, ...args, '--json'));
}

/** Of this network namespace, since it was made. */
function listenOverflows() {
  const [names, values] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('ListenOverflows')]);
}

async function burst() {
  const overflows = listenOverflows();
  const stopped = workers();
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  const client = spawn('python3', [`${import.meta.dirname}/burst-client.py`, `${PORT}`, `${CONNECTIONS}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks = [];
  client.stdout.on('data', (chunk) => chunks.push(chunk));
  const ended = once(client, 'close');
  await sleep(STALL_MS);
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  const [status] = await ended;
  if (status !== 0) throw new Error(`the client ended with ${status}`);
  return { ...JSON.parse(Buffer.concat(chunks)), overflows: listenOverflows() - overflows };
}

async function bursts() {
  const limit = Number(output('ss', '-Htln', `sport = ${PORT}`).trim().split(/\s+/)[2]);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await burst());
  return { limit, rounds };
}

/** What the receipt leaves to a person. Only what it names is done; what it says stands in the output. */
function leftToDo({ restart, plan }, listen) {
  const edit = plan.manual.find(({ kind }) => kind === 'edit-config');
  const needed = /needs (\d+): .*backlog= parameter of listen/.exec(edit?.instruction ?? '')?.[1];
  return {
    restart: restart.some(({ subject }) => subject === `nginx on ${PLAIN}`),
    listen: needed === undefined ? listen : `${PLAIN} backlog=${needed}`,
    said: plan.manual.map(({ subject, instruction }) => `${subject}: ${instruction}`),
  };
}

function range(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? `${most}` : `${least}-${most}`;
}

function row(when, { limit, rounds }) {
  const connects = rounds.flatMap(({ connectMs }) => connectMs).sort((a, b) => a - b);
  const quantile = (share) => connects[Math.ceil(share * connects.length) - 1]?.toFixed(2) ?? '-';
  const cells = [
    limit,
    range(rounds.map(({ overflows }) => overflows)),
    quantile(0.5),
    quantile(0.99),
    quantile(1),
    range(rounds.map(({ answered }) => CONNECTIONS - answered)),
  ];
  return line(when, cells);
}

function line(first, cells) {
  const widths = [6, 15, 8, 8, 8, 10];
  return `  ${first.padEnd(7)}${cells.map((cell, index) => `${cell}`.padStart(widths[index])).join(' ')}\n`;
}

async function measure({ listen, options, suffices }) {
  writeFileSync(SOMAXCONN, OLD_SOMAXCONN);
  await startNginx(listen);
  const before = await bursts();
  const receipt = backlogctl('apply', ...options, '--yes');
  const left = leftToDo(receipt, listen);
  if (!left.restart) throw new Error('the receipt does not name nginx in restart[]');
  await stopNginx();
  await startNginx(left.listen);
  const after = await bursts();
  await stopNginx();
  backlogctl('rollback', '--all');

  process.stdout.write(`\nlisten ${listen}; backlogctl apply ${options.join(' ')} --yes --json\n`);
  for (const said of left.said) process.stdout.write(`  receipt: ${said}\n`);
  process.stdout.write(
    `  done: ${left.listen === listen ? '' : `listen ${left.listen}; `}nginx stopped and started\n`,
  );
  process.stdout.write(line('', ['limit', 'ListenOverflows', 'median', 'p99', 'max ms', 'unanswered']));
  process.stdout.write(row('before', before) + row('after', after));
  const overflowed = before.rounds.every(({ overflows }) => overflows > 0);
  const held = after.rounds.every(({ overflows, answered }) => overflows === 0 && answered === CONNECTIONS);
  const started = [...before.rounds, ...after.rounds].map(({ startedMs }) => startedMs);
  return { isAsExpected: overflowed && (held || !suffices), started };
}

if (await inSandbox(import.meta.filename)) {
  process.stdout.write(
    `${output('uname', '-sr').trim()}, Node ${process.versions.node}, ${output('sh', '-c', 'nginx -v 2>&1').trim()}: ` +
      `${CONNECTIONS} connections at once, workers stopped for ${STALL_MS} ms, somaxconn ${OLD_SOMAXCONN}, ${ROUNDS} bursts each\n`,
  );
  const results = [];
  for (const each of CASES) results.push(await measure(each));
  const started = results.flatMap((result) => result.started).map(Math.round);
  process.stdout.write(`\nThe connections of a burst were started within ${range(started)} ms.\n`);
  const isFine = results.every(({ isAsExpected }) => isAsExpected);
  if (!isFine) process.stdout.write('Not as it should be: an overflow where none may be, or none before.\n');
  process.exit(isFine ? 0 : 1);
}
