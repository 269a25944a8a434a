import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compareKernelVersions, kernelVersion, parseKernelVersion } from '../../src/core/kernel-release.ts';
import { type Claim, folklorePage, missingLine, type Shown } from '../tools/folklore-page.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Sandbox } from '../tools/sandbox.ts';

const PAGE = folklorePage();

/** The kernel whose output the page shows. On an older one a limit or a default differs, and the verdicts alone are compared. */
const SHOWN_FROM = kernelVersion(6, 18);
const VERSION = parseKernelVersion(/^\d+\.\d+(\.\d+)?/.exec(release())?.[0] ?? '');
const printsTheSame = VERSION !== null && compareKernelVersions(VERSION, SHOWN_FROM) >= 0;

/** Of the host: no network namespace has a value of its own. */
const RMEM_MAX = Number(readFileSync('/proc/sys/net/core/rmem_max', 'utf8'));

/** What the blocks of a claim printed, to be asked for numbers. */
class Printed {
  readonly #lines: readonly string[];
  constructor(output: string) {
    this.#lines = output.split('\n');
  }

  /** What this kernel did, of each line of `backlogctl lab` with the label. */
  measured(label: string): readonly number[] {
    return this.#lines
      .filter((line) => line.trim().startsWith(label))
      .map((line) => Number(/\s(\d+)\s*$/.exec(line)?.[1]));
  }

  /** The number in each line that has one there. */
  numbers(pattern: RegExp): readonly number[] {
    return this.#lines.flatMap((line) => {
      const found = pattern.exec(line)?.[1];
      return found === undefined ? [] : [Number(found)];
    });
  }

  count(pattern: RegExp): number {
    return this.#lines.filter((line) => pattern.test(line)).length;
  }

  has(pattern: RegExp): boolean {
    return this.count(pattern) > 0;
  }
}

const LIMIT = 'limit of the accept queue';
const ACCEPTED = 'in the accept queue';
const SYN_RECV = 'in SYN-RECV';
const SYN_ACKS = 'SYN-ACKs sent';

function last(numbers: readonly number[]): number {
  return numbers.at(-1) ?? Number.NaN;
}

function first(numbers: readonly number[]): number {
  return numbers[0] ?? Number.NaN;
}

/** The parts of each claim: whether this kernel does what it says. */
const PARTS: Readonly<Record<string, (printed: Printed) => readonly boolean[]>> = {
  'Both queues together hold at most the backlog': (printed) => [
    last(printed.measured(ACCEPTED)) + last(printed.measured(SYN_RECV)) <= last(printed.measured(LIMIT)),
  ],
  'A backlog of N holds N connections': (printed) => [
    first(printed.measured(ACCEPTED)) === first(printed.measured(LIMIT)),
  ],
  'A backlog of 0 takes nobody': (printed) => [first(printed.measured(ACCEPTED)) === 0],
  'somaxconn is the maximum number of connections': (printed) => [last(printed.numbers(/^(\d+)$/)) <= 4],
  'A larger somaxconn works at once': (printed) => {
    const [before, after, again] = printed.numbers(/^LISTEN +\d+ +(\d+)/);
    expect(again).toBe(511);
    return [after !== before];
  },
  'The maximum is SOMAXCONN, 128': (printed) => [first(printed.measured(LIMIT)) <= 128],
  'SOMAXCONN of the language is net.core.somaxconn': (printed) => [
    first(printed.numbers(/^(\d+)$/)) === last(printed.numbers(/somaxconn = (\d+)/)),
  ],
  'A container has the somaxconn of its host': (printed) => {
    const [host, container] = printed.numbers(/somaxconn = (\d+)/);
    return [container === host];
  },
  'tcp_max_syn_backlog sizes the SYN queue': (printed) => {
    const [, small, , large, , withoutCookies = Number.NaN] = printed.measured(SYN_RECV);
    expect(withoutCookies).toBe(13);
    return [small !== large];
  },
  'With SYN cookies on, every connection is made by a cookie': (printed) => [
    last(printed.measured('SyncookiesSent')) === last(printed.measured(SYN_ACKS)),
  ],
  'A full queue answers with a reset': (printed) => {
    expect(printed.measured('ListenOverflows')).toEqual([10]);
    return [Math.max(...printed.measured('resets sent')) > 0];
  },
  'A full queue ignores the SYN, and the client tries again': (printed) => {
    const [acceptQueueFull = Number.NaN, synQueueFull = Number.NaN] = printed.measured(SYN_ACKS);
    return [acceptQueueFull < 14, synQueueFull < 14];
  },
  'The handshake is done before the program sees the client, so a server cannot make connect() fail': (
    printed,
  ) => {
    expect(printed.numbers(/^half-open: (\d+)$/)).toEqual([1, 0]);
    const failed = printed.count(/^(timed out|.*Connection refused)$/);
    // Three clients, of which the first finds room.
    return [failed < 3, failed === 0];
  },
  'Each ListenOverflows is a client that was lost': (printed) => [
    first(printed.numbers(/^TcpExtListenOverflows +(\d+)/)) === 1,
  ],
  'TCPAbortOnOverflow counts the resets of tcp_abort_on_overflow': (printed) => {
    expect(printed.has(/^TCPAbortOnData$/)).toBe(true);
    return [printed.has(/TCPAbortOnOverflow/)];
  },
  'Recv-Q and Send-Q of ss are bytes': (printed) => [printed.has(/^ESTAB 9 /), !printed.has(/^LISTEN 2 1$/)],
  'rmem_max limits the receive buffers of TCP': (printed) => {
    const [byKernel = Number.NaN, byProgram = Number.NaN] = printed.numbers(/^buffer: (\d+)$/);
    const most = 2 * RMEM_MAX;
    return [byProgram <= most, byKernel <= most];
  },
  'A connection in the queue costs nothing': (printed) => [first(printed.numbers(/^ESTAB (\d+)$/)) === 0],
};

function verdictOf(parts: readonly boolean[]): string {
  if (!parts.includes(true)) return 'false';
  return parts.includes(false) ? 'half true' : 'true';
}

/** Of a kernel from 4.10 on, which every other is too old to be tested on. */
function verdictHere({ verdict }: Claim): string {
  return verdict.startsWith('was true before') ? 'false' : verdict;
}

describe('the claims of docs/folklore.md', () => {
  test('each has a check', () => {
    expect(PAGE.map(({ claim }) => claim)).toEqual(Object.keys(PARTS));
  });
});

describeWith([...SANDBOX_PROGRAMS, 'python3'], 'folklore, checked', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(async () => sandbox?.close());

  /** As a reader would type it: in a network namespace of its own, as root. */
  async function repeat(block: readonly Shown[]): Promise<string> {
    const script = [
      'ip link set lo up',
      `backlogctl() { node ${BIN} "$@"; }`,
      ...block.map(({ command }) => command),
    ];
    const { stdout, stderr } = await sandbox.run(['unshare', '--net', 'sh', '-c', script.join('\n')]);
    return `${stdout}\n${stderr}`;
  }

  test.each(PAGE)('$claim: $verdict', async (claim) => {
    const outputs: string[] = [];
    // What the model prints, a test without a kernel compares.
    const kernels = claim.blocks.map((block) =>
      block.filter(({ command }) => !command.startsWith('backlogctl model')),
    );
    for (const block of kernels) {
      const output = await repeat(block);
      outputs.push(output);
      const lines = block.flatMap((shown) => shown.lines);
      if (printsTheSame) expect([missingLine(output, lines), output]).toEqual([null, output]);
    }
    const parts = PARTS[claim.claim]?.(new Printed(outputs.join('\n'))) ?? [];
    expect(verdictOf(parts)).toBe(verdictHere(claim));
  });
});
