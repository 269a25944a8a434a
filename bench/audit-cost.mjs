// What `--version` and an audit of an ordinary host cost beside an empty script on the same Node: 20 listeners and
// 120 processes in a namespace of their own. Budgets: --version at most 1.5 times the empty script, an audit at most
// 45 ms more than it.
import { spawn } from 'node:child_process';
import { BIN, background, inNamespace, leastCpuMs, print } from './measure.mjs';

const LISTENERS = 20;
const PROCESSES = 120;
const ROUNDS = 25;

const LISTEN = `
const net = require('node:net');
let left = ${LISTENERS};
for (let i = 0; i < ${LISTENERS}; i += 1) {
  net.createServer().listen(8000 + i, '127.0.0.1', () => { if (--left === 0) console.log('ready'); });
}`;

if (inNamespace(import.meta.filename)) {
  await background([process.execPath, '-e', LISTEN]);
  const sleepers = Array.from({ length: PROCESSES }, () => spawn('sleep', ['600'], { stdio: 'ignore' }));
  const node = process.execPath;
  const least = leastCpuMs(
    [
      { name: 'empty script', argv: [node, '-e', '0'] },
      { name: '--version', argv: [node, BIN, '--version'] },
      { name: 'audit', argv: [node, BIN, 'audit'] },
      { name: 'audit --json', argv: [node, BIN, 'audit', '--json'] },
    ],
    ROUNDS,
  );
  const empty = least.get('empty script');
  process.stdout.write(
    `Node ${process.versions.node}, ${LISTENERS} listeners, ${PROCESSES} processes, least of ${ROUNDS}\n`,
  );
  print(
    [...least].map(([name, ms]) => [
      name,
      ms,
      name === 'empty script'
        ? ''
        : `${(ms / empty).toFixed(2)} times, ${(ms - empty).toFixed(0)} ms over the empty script`,
    ]),
  );
  for (const sleeper of sleepers) sleeper.kill();
  process.exit();
}
