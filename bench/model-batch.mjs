// What `model --batch` costs: CPU of 100,000 lines without a load, beside an empty script on the same Node; the most
// memory for ten times as many lines as for one; and loads of ten times as many connections.
// Budget: 100,000 lines in 3 s of CPU on Node 24.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BIN, print } from './measure.mjs';

const LINES = 100_000;
const KERNELS = [
  '6.1.153',
  '5.10.223',
  '6.18.44',
  '5.15.0-91-generic',
  '6.1.0-40-amd64',
  '5.14.0-503.el9.x86_64',
];
const directory = mkdtempSync(path.join(tmpdir(), 'batch-'));

/** The same questions every time. */
function question(index, load) {
  return JSON.stringify({
    kernel: KERNELS[index % KERNELS.length],
    backlog: [5, 128, 511, 4096, -1, 65_535][index % 6],
    somaxconn: [128, 4096, 65_535][index % 3],
    maxSynBacklog: index % 5000,
    syncookies: index % 3,
    abortOnOverflow: index % 2,
    ...(load === null ? {} : { load }),
  });
}

async function questions(count, load = null) {
  const file = path.join(directory, `${count}-${load?.connections ?? 0}.ndjson`);
  const stream = createWriteStream(file);
  for (let index = 0; index < count; index += 1) {
    if (!stream.write(`${question(index, load)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  return file;
}

/** User and system time in ms and the most memory in MiB, by time(1) of GNU. */
async function cost(file, argv) {
  const child = spawn('/usr/bin/time', ['-f', '%U %S %M', process.execPath, ...argv], {
    stdio: [file === null ? 'ignore' : openSync(file, 'r'), 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  const [user, system, kib] = said.trim().split('\n').at(-1).split(' ').map(Number);
  return { ms: Math.round((user + system) * 1000), mib: Math.round(kib / 1024) };
}

try {
  const batch = [BIN, 'model', '--batch'];
  const empty = await cost(null, ['-e', '0']);
  const plain = await cost(await questions(LINES), batch);
  const tenTimes = await cost(await questions(10 * LINES), batch);
  const small = await cost(await questions(1000, { kind: 'burst', connections: 5000 }), batch);
  const large = await cost(await questions(1000, { kind: 'burst', connections: 50_000 }), batch);
  process.stdout.write(`Node ${process.versions.node}\n`);
  print([
    ['empty script', empty.ms, `${empty.mib} MiB`],
    [
      `${LINES} lines`,
      plain.ms,
      `${plain.mib} MiB, ${(plain.ms / empty.ms).toFixed(0)} times the empty script`,
    ],
    [
      `${10 * LINES} lines`,
      tenTimes.ms,
      `${tenTimes.mib} MiB, ${(tenTimes.ms / plain.ms).toFixed(1)} times as long`,
    ],
    ['1000 loads of 5000', small.ms, `${small.mib} MiB`],
    ['1000 loads of 50000', large.ms, `${large.mib} MiB, ${(large.ms / small.ms).toFixed(1)} times as long`],
  ]);
} finally {
  rmSync(directory, { recursive: true });
}
