import { command, key, text, value } from '../../core/text.ts';
import { formatBytes } from '../../core/units.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { exactDefault, leastDefault } from '../support/defaults.ts';
import { type AdviceRow, bad, type Judgement, type Setting, type View } from './row.ts';

const MIB = 1024 * 1024;
const TCP_MEM = 'net.ipv4.tcp_mem';
const IP_SYSCTL = 'Documentation/networking/ip-sysctl.rst';

/** A start of that size is no start any more. */
const LARGE_START = MIB;
/** The bandwidth-delay product of 10 Gbit/s over 50 ms: beyond it a number was not computed. */
const LARGE_MAX = 64 * MIB;

/** The most that all of TCP may take, in bytes; null where it is not known. */
function allOfTcp(view: View): number | null {
  const most = view.numbersOf(TCP_MEM)?.[2];
  const { pageBytes } = view.facts;
  return most === undefined || pageBytes === null ? null : most * pageBytes;
}

/** The vector with the kernel's own start value in place of a large one. */
function withOwnStart({ key: sysctl, numbers }: Setting, view: View): string {
  const own = parseNumbers(exactDefault(view.own(sysctl)?.slice(1, 2) ?? null) ?? '')?.[0];
  const start = own ?? (sysctl.endsWith('rmem') ? 131_072 : 16_384);
  return [numbers[0], start, numbers[2]].join(' ');
}

function judgeBuffers(setting: Setting, view: View): Judgement {
  const [, start = 0, most = 0] = setting.numbers;
  const { key: sysctl, at } = setting;
  if (start > LARGE_START) {
    const instead = withOwnStart(setting, view);
    const says = `every connection starts with ${formatBytes(start)}, however little it carries`;
    const byHand =
      at === null
        ? text`${command(`sysctl -w ${sysctl}='${instead}'`)} lets connections start small and grow`
        : text`write ${value(instead)} instead: connections start small and grow; or delete the line`;
    return bad('low', says, { byHand, expected: text`${value(instead)}` });
  }
  const all = allOfTcp(view);
  const isBeyondAll = all !== null && most >= all;
  if (most <= LARGE_MAX && !isBeyondAll) return null;
  const share = isBeyondAll ? `, all that ${TCP_MEM} gives TCP (${formatBytes(all)})` : '';
  const says = `one connection may take ${formatBytes(most)}${share}, and a few slow readers bring memory pressure to all`;
  const byHand = text`twice the bandwidth-delay product is enough: ${command('backlogctl model buffers --bandwidth 10Gbit --rtt 40ms')} computes it for those numbers; or delete the line`;
  return bad('low', says, { byHand });
}

function judgeSocketStart({ key: sysctl, numbers: [start] }: Setting, view: View): Judgement {
  if (start < LARGE_START) return null;
  const own = view.own(sysctl);
  const says = `every socket but TCP's starts with ${formatBytes(start)}, whether it needs it or not`;
  const because = text`the kernel's own value; a program that needs more asks for it`;
  return bad('low', says, {
    ...(own === null
      ? {}
      : { require: { key: sysctl, relation: 'at-most', value: leastDefault(own), because } }),
    byHand: text`delete the line; a program that needs more sets SO_RCVBUF or SO_SNDBUF`,
  });
}

function judgeSocketMost({ key: sysctl, numbers: [most] }: Setting, view: View): Judgement {
  const own = view.own(sysctl)?.[0];
  if (own === undefined || most <= own.high) return null;
  const tcp: SysctlKey = sysctl === 'net.core.rmem_max' ? 'net.ipv4.tcp_rmem' : 'net.ipv4.tcp_wmem';
  return bad(
    'info',
    `it caps what a program asks for itself, UDP above all; TCP's own tuning ends at the third number of ${tcp}`,
  );
}

/** Twice or half of what the kernel computes from this memory: no longer the same budget. */
function judgeTcpMem({ numbers, at }: Setting, view: View): Judgement {
  const [own] = view.own(TCP_MEM)?.slice(2) ?? [];
  const most = numbers[2] ?? 0;
  const { memoryBytes, pageBytes } = view.facts;
  if (at === null) return null;
  if (own === undefined || memoryBytes === null || pageBytes === null) {
    return { kind: 'unknown', why: `what this kernel would set ${TCP_MEM} to is not known` };
  }
  // memory/tcp-mem-in-bytes speaks of those.
  if (most * pageBytes > memoryBytes || numbers[1] === 87_380) return null;
  const says = `TCP may take ${formatBytes(most * pageBytes)} of the ${formatBytes(memoryBytes)} of this host`;
  if (most >= own.low / 2 && most <= own.high * 2) {
    return bad('info', `${says}, near the kernel's own number, which would follow the memory`);
  }
  const kernels = (pages: number) => formatBytes(pages * pageBytes);
  const compared =
    most > own.high
      ? `far more than the ${kernels(own.high)} at most`
      : `far less than the ${kernels(own.low)} at least`;
  return bad('low', `${says}, ${compared} that the kernel would let it take`, {
    byHand: text`delete the line, unless it is a budget that was meant: at boot the kernel computes ${key(TCP_MEM)} from the memory`,
  });
}

/** Memory of sockets. */
export const BUFFER_ROWS: readonly AdviceRow[] = [
  {
    id: 'socket-most-for-tcp',
    title: 'rmem_max or wmem_max was raised, from which TCP gains nothing by itself',
    why: "TCP's own tuning is bounded by tcp_rmem and tcp_wmem; rmem_max and wmem_max cap what programs set with SO_RCVBUF and SO_SNDBUF.",
    references: ['man 7 tcp (tcp_rmem, tcp_wmem)', 'man 7 socket (SO_RCVBUF)'],
    keys: ['net.core.rmem_max', 'net.core.wmem_max'],
    live: 'here',
    judge: judgeSocketMost,
  },
  {
    id: 'socket-start-large',
    title: 'rmem_default or wmem_default is a megabyte or more',
    why: 'Every UDP, unix and raw socket may fill that much memory, and none of TCP gains from it.',
    references: ['man 7 socket (rmem_default, wmem_default)'],
    keys: ['net.core.rmem_default', 'net.core.wmem_default'],
    live: 'here',
    judge: judgeSocketStart,
  },
  {
    id: 'tcp-buffers-large',
    title: 'tcp_rmem or tcp_wmem gives every connection more than this host can bear',
    why: 'The middle number is what each connection starts with and the last what it may grow to: times the connections, both must fit into tcp_mem.',
    references: ['man 7 tcp (tcp_rmem, tcp_wmem)', `${IP_SYSCTL} (tcp_rmem)`],
    keys: ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
    live: 'here',
    judge: judgeBuffers,
  },
  {
    id: 'tcp-mem-fixed',
    title: 'tcp_mem is set to a constant',
    why: 'The kernel computes it from the memory at boot; a number that was copied is wrong on every host of another size.',
    references: ['man 7 tcp (tcp_mem)'],
    keys: [TCP_MEM],
    live: 'nobody',
    judge: judgeTcpMem,
  },
];
