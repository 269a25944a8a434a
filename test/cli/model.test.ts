import { describe, expect, test } from '@jest/globals';
import { runCommandLine } from '../../src/cli/run.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { memoryTerminal } from './memory-terminal.ts';

async function run(...argv: readonly string[]): Promise<string> {
  const terminal = memoryTerminal();
  expect(await runCommandLine(['model', ...argv], terminal)).toBe(0);
  return terminal.stdout();
}

async function json(...argv: readonly string[]) {
  const document = JSON.parse(await run(...argv, '--json'));
  expect(schemaFaults('model', document)).toEqual([]);
  return document;
}

const NUMBERS = ['--backlog', '511', '--somaxconn', '4096'] as const;
const ON_6_1 = [...NUMBERS, '--kernel', '6.1.153'] as const;

describe('model --json', () => {
  test('has the limits, and nothing of a load that nobody gave', async () => {
    expect(await json(...ON_6_1)).toMatchObject({
      kind: 'model',
      kernel: { release: '6.1.153', version: '6.1.153', versionRange: null, evidence: 'measured' },
      acceptQueue: { limit: 511, capacity: 512 },
      synQueue: { hardLimit: 512, unprovenCapacity: 512, provenCapacity: 512, whenFull: 'cookies' },
      halfOpen: { lifetimeSeconds: 63, pruning: { kept: 255, afterSeconds: 7 } },
      fastOpen: null,
      group: null,
      load: null,
      after: null,
    });
  });

  test('has a range beside what the release leaves open', async () => {
    const { kernel, synQueue } = await json(...NUMBERS, '--kernel', '6.1.0-40-amd64');
    expect(kernel).toMatchObject({ version: null, versionRange: ['6.1.0', '6.1.x'] });
    expect(synQueue).toMatchObject({ hardLimit: 511, hardLimitRange: [511, 512] });
  });

  test('of tcp_syncookies = 2 holds no half-open request', async () => {
    expect((await json(...ON_6_1, '--syncookies', '2')).synQueue).toEqual({
      hardLimit: 512,
      unprovenCapacity: 0,
      provenCapacity: 0,
      whenFull: 'cookies',
    });
  });

  test('of a load has what it leaves behind', async () => {
    const load = ['--load', 'prefilled-burst', '--connections', '1000', '--prefilled', '12'];
    const { after, ...rest } = await json(
      ...ON_6_1,
      ...load,
      '--syncookies',
      '0',
      '--abort-on-overflow',
      '1',
      '--max-syn-backlog',
      '4096',
    );
    expect(rest.load).toEqual({ kind: 'prefilled-burst', connections: 1000, prefilled: 12 });
    expect(after).toMatchObject({
      synRecv: 0,
      acceptQueue: 512,
      synAcks: 524,
      resets: 12,
      socketDrops: 488 + 24,
    });
    expect(after.counters).toMatchObject({ EmbryonicRsts: 12, ListenOverflows: 12, TCPReqQFullDrop: 488 });
    expect(after.clients).toEqual({
      connected: 512,
      believing: 0,
      deferred: 0,
      halfOpen: 0,
      reset: 12,
      unanswered: 488,
    });
  });

  test('on a kernel before 4.4 has the closed forms alone', async () => {
    const { after, kernel, synQueue } = await json(
      ...NUMBERS,
      '--kernel',
      '3.10.105',
      '--max-syn-backlog',
      '2048',
      '--load',
      'syn',
      '--connections',
      '5',
    );
    expect(after).toBeNull();
    expect(kernel.evidence).toBe('source-derived');
    expect(synQueue.hardLimit).toBe(512);
  });

  test('of sockets in a group has what they hold together', async () => {
    expect(await json(...ON_6_1, '--sockets', '4', '--fast-open', '16')).toMatchObject({
      sockets: 4,
      group: { acceptQueueCapacity: 2048, synQueueCapacity: 2048 },
      fastOpen: { limit: 16 },
    });
  });
});

describe('model as text', () => {
  test('says what the clients see and what the counters are', async () => {
    const text = (await run(...ON_6_1, '--load', 'burst', '--connections', '5000')).replace(/\s+/g, ' ');
    expect(text).toContain('Accept queue limit 511, holds 512 connections');
    expect(text).toContain('5000 connections at once, and nobody accepts');
    expect(text).toContain('512 are connected at once');
    expect(text).toContain('4488 believe that they are connected, and the server has no connection for them');
    expect(text).toContain('ListenOverflows 4488');
    expect(text).toContain('accept queue limit = 511 the smallest of:');
  });

  test('says what is not measured, and what is not known', async () => {
    expect(await run(...NUMBERS, '--kernel', '4.9.0')).toMatch(
      /^Linux 4\.9\.0 to 4\.9\.x, .*\(read in\s+source, not measured\)/s,
    );
    expect(await run(...NUMBERS, '--kernel', '5.14.0-503.el9.x86_64')).toMatch(
      /vendor\s+takes later changes in/,
    );
    expect(await run(...NUMBERS, '--kernel', '3.10.105', '--load', 'syn', '--connections', '5')).toContain(
      'What a load leaves behind is modelled from Linux 4.4 on.',
    );
  });

  test('explains a figure once', async () => {
    const text = await run(...ON_6_1, '--syncookies', '0', '--max-syn-backlog', '128');
    expect(text.match(/accept queue limit = 511 {2}the smallest of:/g)).toHaveLength(1);
    expect(text).toContain('accept queue limit = 511  as above');
  });

  test('in one line', async () => {
    expect(await run(...ON_6_1, '--quiet')).toBe('accept queue 512, SYN queue 512\n');
  });
});

test('what an old kernel takes, the model takes', async () => {
  expect(await json(...NUMBERS, '--kernel', '5.4.100', '--syncookies', '300')).toMatchObject({
    synQueue: { whenFull: 'cookies' },
  });
});

test.each([
  [[], '--backlog is missing: what the program passes to listen()'],
  [['--backlog', '511'], '--somaxconn is missing: net.core.somaxconn where it listens'],
  [
    ['--backlog', '5x', '--somaxconn', '1'],
    /^--backlog expects a whole number from -2147483648 to 4294967295, not '5x'$/,
  ],
  [['--backlog', '5', '--somaxconn', '-1'], /^--somaxconn expects a whole number from 0 /],
  [
    [...ON_6_1, '--syncookies', '300'],
    'syncookies: this kernel takes 0 to 255 for net.ipv4.tcp_syncookies, not 300',
  ],
  [[...ON_6_1, '--abort-on-overflow', '-1'], /^abortOnOverflow: this kernel takes 0 to 255/],
  [[...NUMBERS, '--kernel', 'banana'], /^kernel: expected a release from 3\.10 on, .*not 'banana'$/],
  [[...NUMBERS, '--kernel', '2.6.32'], /^kernel: expected a release from 3\.10 on/],
  [[...NUMBERS, '--load', 'brust', '--connections', '5'], /^unknown load 'brust'/],
  [[...NUMBERS, '--load', 'burst'], '--load burst needs --connections'],
  [[...NUMBERS, '--connections', '5'], /^--connections and --prefilled say how large a --load is/],
  [['--batch', '--backlog', '5'], '--batch reads its numbers from standard input, not from --backlog'],
])('model %j is bad usage', async (argv, message) => {
  await expect(runCommandLine(['model', ...argv], memoryTerminal())).rejects.toMatchObject({
    name: 'UserError',
    status: 2,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});
