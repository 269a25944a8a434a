import { describe, expect, test } from '@jest/globals';
import stringWidth from 'fast-string-width';
import { runCommandLine } from '../../src/cli/run.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { memoryTerminal } from './memory-terminal.ts';

const PATH = ['--bandwidth', '10Gbit', '--rtt', '40ms'];
const HOST = ['--kernel', '6.18.44', '--memory', '24GiB'];

async function text(argv: readonly string[], columns = 80) {
  const terminal = memoryTerminal(columns);
  expect(await runCommandLine(['model', 'buffers', ...argv], terminal)).toBe(0);
  return terminal.stdout();
}

/** On one line, however it was wrapped. */
async function prose(...argv: readonly string[]) {
  return (await text(argv)).replace(/\s+/g, ' ');
}

async function json(...argv: readonly string[]) {
  const document: unknown = JSON.parse(await text(['--json', ...argv]));
  expect(schemaFaults('model-buffers', document)).toEqual([]);
  return document;
}

test('says what a path needs, what the values allow, what binds and what to set', async () => {
  expect(await text(['--quiet', ...PATH, ...HOST])).toBe(
    `At 10 Gbit/s and a round trip of 40 ms, one connection has to keep 47.7 MiB in
flight (50000000 bytes, the BDP).
These values allow 528 to 713 Mbit/s, which is too little. The send buffer is
what limits it.

To set
  - On the host that receives: raise the third number (max) of net.ipv4.tcp_rmem
    to at least 100003840, and keep the other two.
  - On the host that sends: raise the third number (max) of net.ipv4.tcp_wmem to
    at least 100003840 (150003712 with BBR), and keep the other two.
  Leave net.core.rmem_max and net.core.wmem_max as they are: they bound only
  what a program sets with SO_RCVBUF and SO_SNDBUF, not what the kernel sizes.
  A connection keeps the window scale that it began with, so this counts for new
  connections.
`,
  );
});

test('what it says to set is enough', async () => {
  const set = ['--tcp-rmem', '4096 131072 100003840', '--tcp-wmem', '4096 16384 100003840'];
  const said = await prose(...PATH, ...HOST, ...set);
  expect(said).toContain('which is enough: there is nothing to set.');
  expect(said).not.toContain('To set');
});

describe('what is not given', () => {
  test("is this kernel's default, which may follow from the memory", async () => {
    const said = await prose('--kernel', '6.18.44', '--rtt', '40ms');
    expect(said).toContain('tcp_rmem max 131072 to 33554432');
    expect(said).toContain(
      'The default of net.ipv4.tcp_rmem and net.ipv4.tcp_wmem follows from the memory of the host: --memory 8GiB narrows it down.',
    );
    expect(await prose(...HOST)).toContain('tcp_rmem max 33554432');
  });

  test('and a kernel is the one that it runs on', async () => {
    expect(await json()).toMatchObject({ kernel: { release: expect.stringMatching(/./) } });
  });

  test('is said to be unknown where nothing tells', async () => {
    expect(await json('--kernel', '6.18.44')).toMatchObject({
      sysctls: {
        'net.ipv4.tcp_mem': null,
        'net.core.rmem_max': { value: 4_194_304, from: 'default' },
        'net.ipv4.tcp_rmem': { max: 131_072, maxRange: [131_072, 33_554_432], from: 'default-by-memory' },
      },
      path: null,
      memory: { untilPressure: null },
    });
  });
});

describe('the JSON', () => {
  test('has the whole of it, uncertain numbers beside their range', async () => {
    expect(await json(...PATH, ...HOST, '--connections', '2000')).toMatchObject({
      kind: 'model-buffers',
      kernel: { release: '6.18.44', version: '6.18.44', versionRange: null },
      receiver: { autotuned: true, rcvbuf: 33_554_432, wscale: 10, firstWindow: 64_240 },
      sender: { autotuned: true, sndbuf: 4_194_304, inFlightRange: [2_642_411, 3_565_158] },
      boundBy: ['sender'],
      path: {
        roundTripMilliseconds: 40,
        need: {
          bdp: 50_000_000,
          connections: 1,
          verdict: 'short',
          verdicts: { receiver: 'short', sender: 'short', 'window-scale': 'enough' },
          receiver: { recommended: 100_003_840 },
          sender: { recommended: 100_003_840, withBbr: 150_003_712 },
          changes: [
            {
              kind: 'sysctl',
              end: 'receiver',
              key: 'net.ipv4.tcp_rmem',
              member: 'max',
              atLeast: 100_003_840,
            },
            { kind: 'sysctl', end: 'sender', key: 'net.ipv4.tcp_wmem', member: 'max', atLeast: 100_003_840 },
          ],
        },
      },
      memory: { synQueueBytes: 4097 * 341, acceptQueueBytes: 4097 * 2862 },
    });
  });

  test.each([
    [['--kernel', '5.14.0-503.el9', ...PATH]],
    [['--kernel', '6.1', '--adv-win-scale', '-2', '--rtt', '1s']],
    [[...HOST, '--so-rcvbuf', '65536', '--so-sndbuf', '1', '--mtu', '9000', ...PATH]],
    [[...HOST, '--bandwidth', '1Tbit', '--rtt', '1s']],
    [['--kernel', '3.10', '--tcp-mem', '1 2 3', ...PATH]],
  ])('keeps to its schema: %j', async (argv) => {
    expect(await json(...argv)).toMatchObject({ kind: 'model-buffers', schemaVersion: 0 });
  });
});

describe('a program that sets its own buffers', () => {
  const LOCKED = ['--so-rcvbuf', '262144', '--so-sndbuf', '262144'];

  test('is told to stop, or to ask for enough within what rmem_max allows', async () => {
    const said = await prose(...PATH, ...HOST, ...LOCKED);
    expect(said).toContain('The program set SO_RCVBUF, so its receive buffer stays at 524288 bytes.');
    expect(said).toContain(
      'let the program no longer set SO_RCVBUF, with the third number (max) of net.ipv4.tcp_rmem at least 100003840; or let it ask for at least 50001920, within net.core.rmem_max, which has to be at least 50001920 before.',
    );
    expect(said).not.toContain('Leave net.core.rmem_max');
  });

  test('has enough when it does as it is told', async () => {
    const asked = ['--so-rcvbuf', '50001920', '--so-sndbuf', '50001920'];
    const caps = ['--rmem-max', '50001920', '--wmem-max', '50001920'];
    expect(await prose(...PATH, ...HOST, ...asked, ...caps)).toContain('there is nothing to set');
  });
});

test.each([
  [['--bandwidth', '100Gbit', '--rtt', '200ms', ...HOST], 'No TCP window is larger than 1 GiB'],
  [['--bandwidth', '100Gbit', '--rtt', '200ms', ...HOST], 'it takes at least 3 of them.'],
  [
    ['--kernel', '6.1', '--adv-win-scale', '-2', '--bandwidth', '8Gbit', '--rtt', '700ms'],
    'no net.ipv4.tcp_rmem is large enough while so little of it is window; set net.ipv4.tcp_adv_win_scale to 1',
  ],
  [[...HOST, '--adv-win-scale', '2'], 'net.ipv4.tcp_adv_win_scale has no effect on this kernel.'],
  [[...HOST, '--mtu', '9000'], 'Buffers were measured at MTU 1500 only'],
  [[...HOST, '--connections', '40'], '40 connections stay below that'],
  [[...HOST, '--connections', '47'], '47 connections may exceed that'],
  [[...HOST, '--connections', '5000'], '5000 connections would exceed that'],
  [[...PATH, '--kernel', '6.18.44', '--memory', '1GiB'], 'this host has too little memory for it'],
  [['--bandwidth', '1400Mbit', '--rtt', '100ms', '--kernel', '6.18.44', '--memory', '24GiB'], 'too little'],
  [
    ['--bandwidth', '1400Mbit', '--rtt', '100ms', ...HOST, '--tcp-wmem', '4096 16384 1073741824'],
    'that may be enough or not, by what is not known. The receive buffer is what limits it.',
  ],
])('%j: %s', async (argv, expected) => {
  expect(await prose(...argv)).toContain(expected);
});

test.each([
  [80, [...PATH, ...HOST, '--verbose']],
  [120, [...PATH, ...HOST, '--verbose']],
  [80, ['--kernel', '5.14.0-503.el9', ...PATH, '--verbose']],
  [120, ['--kernel', '5.14.0-503.el9', ...PATH, '--so-rcvbuf', '1', '--verbose']],
])('fits in %i columns: %j', async (columns, argv) => {
  const lines = (await text(argv, columns)).split('\n');
  expect(lines.filter((line) => stringWidth(line) > columns)).toEqual([]);
  expect(lines.some((line) => line.startsWith('BDP = 50000000'))).toBe(true);
});

test('the arithmetic tells each step once', async () => {
  const said = await text([...PATH, ...HOST, '--verbose'], 120);
  expect(said.match(/^ *bandwidth times round trip/gm)).toHaveLength(1);
  expect(said).toContain('BDP = 50000000  as above');
});

test.each([
  [['--tcp-rmem', '4096 131072'], /^--tcp-rmem: net.ipv4.tcp_rmem must be 3 numbers \(min default max\)/],
  [['--tcp-wmem', '4096 16384 8192'], /^--tcp-wmem: .* in order, min <= default <= max/],
  [['--tcp-mem', '1 2 3000000000', '--memory', '1GiB'], /^--tcp-mem: .* at most 262144 pages/],
  [['--rmem-max', '-5'], /^--rmem-max: .* must be 2304 to 2147483647 bytes, not -5/],
  [['--adv-win-scale', '40'], /^--adv-win-scale: .* must be -31 to 31, not 40/],
  [['--so-rcvbuf', '-1'], /^--so-rcvbuf expects a whole number from 0 to 2147483647, not '-1'/],
  [['--mtu', '20'], /^--mtu expects a whole number from 576 to 65535/],
  [['--memory', '8GB'], /^--memory expects a size in KiB, MiB, GiB or TiB such as 8GiB, not '8GB'/],
  [['--connections', '0'], /^--connections expects a whole number such as 2000/],
  [['--rtt', '0ms'], /^--rtt expects a time of at least 1us/],
  [['--bandwidth', '0Gbit', '--rtt', '1ms'], /^--bandwidth expects a rate above 0/],
  [['--bandwidth', '1Gbit'], /^--bandwidth needs --rtt/],
  [['--kernel', 'abc'], /^kernel: expected a release from 3\.10 on/],
  [['--kernel', '2.6.32'], /^kernel: expected a release from 3\.10 on/],
])('%j is bad usage', async (argv, message) => {
  const running = runCommandLine(['model', 'buffers', ...argv], memoryTerminal());
  await expect(running).rejects.toMatchObject({ status: 2, message: expect.stringMatching(message) });
});

test.each([
  [['model', 'bufers'], "did you mean 'buffers'?"],
  [['model', 'buffers', '--bandwith', '1Gbit'], "did you mean '--bandwidth'?"],
])('%j: %s', async (argv, hint) => {
  await expect(runCommandLine(argv, memoryTerminal())).rejects.toMatchObject({ status: 2, hint });
});
