// What an audit costs on a busy host, beside `ss -Hltnp`: 50 listeners and 50,000 established connections in a
// namespace of their own. Budget: a tenth of what ss costs there.
import { BIN, background, inNamespace, leastCpuMs, print } from './measure.mjs';

// Pairs of a server and a client, so that no process needs more than some ten thousand files.
const PAIRS = 5;
const LISTENERS = 50;
const CONNECTIONS = 50_000;
const ROUNDS = 7;
const FIRST_PORT = 8000;
const AT_ONCE = 500;

const listenersEach = LISTENERS / PAIRS;
const connectionsEach = CONNECTIONS / PAIRS;

function serve(firstPort) {
  return `
const net = require('node:net');
let left = ${listenersEach};
for (let i = 0; i < ${listenersEach}; i += 1) {
  net.createServer((socket) => socket.on('error', () => {}))
    .listen(${firstPort} + i, '127.0.0.1', () => { if (--left === 0) console.log('ready'); });
}`;
}

function connect(firstPort) {
  return `
const net = require('node:net');
let started = 0;
let done = 0;
function next() {
  if (started === ${connectionsEach}) return;
  const socket = net.connect(${firstPort} + (started++ % ${listenersEach}), '127.0.0.1');
  socket.on('error', (error) => { console.error(error.message); process.exit(1); });
  socket.on('connect', () => { if (++done === ${connectionsEach}) console.log('ready'); else next(); });
}
for (let i = 0; i < ${AT_ONCE}; i += 1) next();`;
}

if (inNamespace(import.meta.filename)) {
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const firstPort = FIRST_PORT + pair * listenersEach;
    await background([process.execPath, '-e', serve(firstPort)]);
    await background([process.execPath, '-e', connect(firstPort)]);
  }
  const node = process.execPath;
  const least = leastCpuMs(
    [
      { name: 'empty script', argv: [node, '-e', '0'] },
      { name: 'audit', argv: [node, BIN, 'audit'] },
      { name: 'ss -Hltnp', argv: ['ss', '-Hltnp'] },
      { name: 'ss -Htn state listening', argv: ['ss', '-Htn', 'state', 'listening'] },
    ],
    ROUNDS,
  );
  const audit = least.get('audit') - least.get('empty script');
  process.stdout.write(
    `Node ${process.versions.node}, ${LISTENERS} listeners, ${CONNECTIONS} connections, least of ${ROUNDS}\n`,
  );
  print([...least].map(([name, ms]) => [name, ms, '']));
  process.stdout.write(
    `an audit over the empty script is ${(audit / least.get('ss -Hltnp')).toFixed(2)} of ss -Hltnp\n`,
  );
  process.exit();
}
