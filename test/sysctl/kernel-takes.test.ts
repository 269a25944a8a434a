import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KERNEL_MAXIMUM, KERNEL_MINIMUM } from '../../src/sysctl/catalogue/own-bounds.ts';
import { CATALOGUE, catalogueEntry } from '../../src/sysctl/catalogue.ts';
import { type KernelRules, takerOf } from '../../src/sysctl/kernel-takes.ts';
import { swapSeparators } from '../../src/sysctl/key.ts';
import { OUR_RANGE } from '../tools/our-ranges.ts';
import { BOUNDED, entryOf, TREES, traitsAt } from '../tools/sysctl-sources.ts';

function rulesAt(tree: string, ticksPerSecond: number | null = null): KernelRules {
  const traits = traitsAt(tree);
  return { rangesOf: (entry) => traits.current(entry.range), ticksPerSecond };
}

const NEWEST = rulesAt('6.18');

function stored(value: string | null) {
  return { kind: 'stored', value };
}

function refused(value: string | null) {
  return { kind: 'refused', value };
}

/** The first numbers are taken all the same. */
function refusedPartly(value: string | null) {
  return { kind: 'refused', value, partly: true };
}

describe('seconds that the kernel keeps as ticks of its clock', () => {
  // Measured at 250 ticks: 8589934 is taken of tcp_keepalive_time, 8589935 is not.
  it.each([
    [250, 'net/ipv4/tcp_keepalive_time', '8589934', stored('8589934')],
    [250, 'net/ipv4/tcp_keepalive_time', '8589935', refused('60')],
    [250, 'net/ipv4/tcp_fin_timeout', '-8589935', refused('60')],
    [1000, 'net/ipv4/tcp_fin_timeout', '2147484', refused('60')],
    [1000, 'net/ipv4/neigh/eth0/gc_stale_time', '2147484', refused('60')],
    [1000, 'net/netfilter/nf_conntrack_udp_timeout', '2147484', refused('60')],
    [1000, 'net/ipv4/tcp_probe_interval', '2147484', stored('2147484')],
    [null, 'net/ipv4/tcp_keepalive_intvl', '2147483', stored('2147483')],
    [null, 'net/ipv4/tcp_keepalive_intvl', '2147484', stored(null)],
    [null, 'net/ipv4/tcp_keepalive_intvl', '21474837', refused('60')],
  ])('at %s a second, %s takes %s', (ticks, path, text, expected) => {
    expect(takerOf(path, rulesAt('6.18', ticks))(text, '60')).toEqual(expected);
  });
});

describe('takerOf', () => {
  it.each([
    ['an integer', 'net/core/somaxconn', '512', '4096', stored('512')],
    ['in hexadecimal', 'net/core/somaxconn', '0x200', '4096', stored('512')],
    ['in octal', 'net/core/somaxconn', '01000', '4096', stored('512')],
    ['with words behind it', 'net/core/somaxconn', '512 # more', '4096', stored('512')],
    ['below its range', 'net/core/somaxconn', '-1', '4096', refused('4096')],
    ['above its range', 'net/core/somaxconn', '2147483648', '4096', refused('4096')],
    ['that is a word', 'net/core/somaxconn', 'many', '4096', refused('4096')],
    ['that is nothing', 'net/core/somaxconn', '', '4096', refused('4096')],
    ['where nobody knows what stood there', 'net/core/somaxconn', 'many', null, refused(null)],
    ['a byte', 'net/ipv4/tcp_syncookies', '255', '1', stored('255')],
    ['no byte', 'net/ipv4/tcp_syncookies', '256', '1', refused('1')],
    ['a long', 'fs/file-max', '9223372036854775807', '1', stored('9223372036854775807')],
    ['beyond a byte of which we take less', 'net/ipv4/tcp_recovery', '256', '1', refused('1')],
    ['a byte of which we take less', 'net/ipv4/tcp_recovery', '255', '1', stored('255')],
    ['all of a vector', 'net/ipv4/tcp_rmem', '1 2 3', '4096\t131072\t6291456', stored('1\t2\t3')],
    ['more than a vector has', 'net/ipv4/tcp_rmem', '1 2 3 4', '4096\t131072\t6291456', stored('1\t2\t3')],
    [
      'the first of a vector',
      'net/ipv4/tcp_rmem',
      '8',
      '4096\t131072\t6291456',
      stored('8\t131072\t6291456'),
    ],
    ['a vector up to a bad number', 'net/ipv4/tcp_rmem', '8 0 9', '1\t2\t3', refusedPartly('8\t2\t3')],
    ['a vector up to a word', 'net/ipv4/tcp_rmem', '8 9 x', '1\t2\t3', refusedPartly('8\t9\t3')],
    ['a vector that begins badly', 'net/ipv4/tcp_rmem', 'x 8 9', '1\t2\t3', refused('1\t2\t3')],
    ['an empty vector', 'net/ipv4/tcp_rmem', ' ', '1\t2\t3', refused('1\t2\t3')],
    ['a part where nobody knows the rest', 'net/ipv4/tcp_rmem', '8 9', null, stored(null)],
    ['a vector where nobody knows the rest', 'net/ipv4/tcp_rmem', '8 9 10', null, stored('8\t9\t10')],
    ['a pair', 'net/ipv4/ip_local_port_range', '1024 65000', '32768\t60999', stored('1024\t65000')],
    ['a pair out of order', 'net/ipv4/ip_local_port_range', '65000 1024', '1\t2', refused('1\t2')],
    ['a pair with one bad end', 'net/ipv4/ip_local_port_range', '1024 65536', '1\t2', refused('1\t2')],
    ['one end of a pair', 'net/ipv4/ip_local_port_range', '1024', '32768\t60999', stored('1024\t60999')],
    ['a pair that is none', 'net/ipv4/ping_group_range', '10 5', '0\t100', stored('1\t0')],
    ['a pair that is one', 'net/ipv4/ping_group_range', '5 5', '1\t0', stored('5\t5')],
    ['ports', 'net/ipv4/ip_local_reserved_ports', '81,80', '', stored('80-81')],
    ['ports with a blank behind them', 'net/ipv4/ip_local_reserved_ports', '80\u00a0', '7', refused('7')],
    ['no ports', 'net/ipv4/ip_local_reserved_ports', '', '80', stored('')],
    ['what is no port', 'net/ipv4/ip_local_reserved_ports', '80,x', '22', refused('22')],
    ['a name', 'net/ipv4/tcp_congestion_control', ' bbr\n', 'cubic', stored('bbr')],
    ['a report', 'net/ipv4/tcp_available_congestion_control', 'reno', 'cubic', refused('cubic')],
    [
      'text of a key that nobody described',
      'kernel/core_pattern',
      ' |/bin/x %p ',
      'core',
      stored('|/bin/x %p'),
    ],
    ['text where nobody knows what it is', 'kernel/example', 'x', null, stored('x')],
    ['a number of such a key', 'kernel/example', '0x10', '1', stored('16')],
    ['a word for a number', 'kernel/example', 'x', '1', refused('1')],
    ['the first of its numbers', 'kernel/printk', '3', '4\t4\t1\t7', stored('3\t4\t1\t7')],
    ['a key of one interface', 'net/ipv4/conf/eth0/rp_filter', '9', '0', stored('9')],
    ['a key of one interface that is bounded', 'net/ipv6/conf/eth0/hop_limit', '256', '64', refused('64')],
    ['the same within its bounds', 'net/ipv6/conf/eth0/hop_limit', '255', '64', stored('255')],
  ])('%s', (_what, path, text, standing, taken) => {
    expect(takerOf(path, NEWEST)(text, standing)).toEqual(taken);
  });

  it('refuses a number where nothing can be written', () => {
    const nothing: KernelRules = { rangesOf: () => [], ticksPerSecond: null };
    expect(takerOf('net/core/somaxconn', nothing)('1', '4096')).toEqual(refused('4096'));
  });

  it('takes what any version takes that it may be', () => {
    const either: KernelRules = {
      rangesOf: () => [
        { min: 0, max: 1 },
        { min: 0, max: 9 },
      ],
      ticksPerSecond: null,
    };
    expect(takerOf('net/ipv4/tcp_sack', either)('9', '1')).toEqual(stored('9'));
    expect(takerOf('net/ipv4/tcp_sack', either)('10', '1')).toEqual(refused('1'));
  });

  it.each([
    [250, '1001', '1004'],
    [250, '1000', '1000'],
    [1000, '1001', '1001'],
    [100, '1', '10'],
    [null, '1001', '1001'],
  ])('keeps milliseconds in ticks of %p a second: %s is %s', (ticksPerSecond, text, value) => {
    const rules = rulesAt('6.18', ticksPerSecond);
    const inTicks = CATALOGUE.filter(
      ({ unit, multipleOf }) => unit === 'milliseconds' && multipleOf !== undefined,
    );
    expect(inTicks.length).toBeGreaterThan(0);
    for (const { key } of inTicks) {
      expect([key, takerOf(swapSeparators(key), rules)(text, null)]).toEqual([key, stored(value)]);
    }
  });

  it('never throws, and what is refused leaves an integer as it was', () => {
    const paths = fc.constantFrom(
      ...CATALOGUE.map(({ key }) => swapSeparators(key)),
      'kernel/example',
      'net/ipv4/conf/eth0/forwarding',
    );
    const standing = fc.option(fc.oneof(fc.string(), fc.nat().map(String)));
    fc.assert(
      fc.property(paths, fc.oneof(fc.string(), fc.integer().map(String)), standing, (path, text, before) => {
        const { kind, value } = takerOf(path, NEWEST)(text, before);
        const { shape } = catalogueEntry(swapSeparators(path)) ?? {};
        if (kind === 'refused' && shape?.kind !== 'vector') expect(value).toBe(before);
      }),
    );
  });
});

describe('the bounds that writes are judged by', () => {
  /** Bounds that came with the newest tree; the one here is that of all trees before. */
  const OF_EARLIER_TREES: Readonly<Record<string, number>> = {
    'net.ipv4.tcp_max_reordering': -2_147_483_648,
    'net.ipv4.tcp_rmem': 1,
    'net.netfilter.nf_conntrack_max': 0,
  };
  /** Measured where the clock ticks 250 times a second: 2147483647 ticks are more seconds on others. */
  const OF_ONE_CLOCK = ['established', 'time_wait'].map(
    (state) => `net.netfilter.nf_conntrack_tcp_timeout_${state}`,
  );
  const [newestTree = ''] = TREES.slice(-1);
  const rows = BOUNDED.filter(
    ({ key, tree }) => tree === newestTree && entryOf(key).shape.kind !== 'port-list',
  );

  function takes(key: string, number: number | bigint): boolean {
    const { shape } = entryOf(key);
    const numbers = shape.kind === 'vector' || shape.kind === 'pair' ? shape.members : [''];
    const text = numbers.map(() => number).join(' ');
    return takerOf(swapSeparators(key), rulesAt(newestTree))(text, null).kind === 'stored';
  }

  it.each(rows)('$key: the kernel takes $min', ({ key, min }) => {
    const least = OF_EARLIER_TREES[key] ?? min;
    expect(takes(key, least)).toBe(true);
    // Those that were measured were given nothing below -1.
    const isMeasured = min === -1 && KERNEL_MINIMUM.get(key) === -2_147_483_648;
    expect(takes(key, least - 1)).toBe(isMeasured);
  });

  it.each(rows)('$key: the kernel takes $max', ({ key, max }) => {
    expect(takes(key, Number.isSafeInteger(max) ? max : BigInt(max) - 1n)).toBe(true);
    if (Number.isSafeInteger(max)) expect(takes(key, max + 1)).toBe(OF_ONE_CLOCK.includes(key));
  });

  it('needs each of the exceptions', () => {
    for (const [key, least] of Object.entries(OF_EARLIER_TREES)) {
      expect(rows.find((row) => row.key === key)?.min).toBeGreaterThan(least);
    }
  });

  it('are those of the kernel for ranges of ours alone', () => {
    for (const [key, least] of KERNEL_MINIMUM) {
      expect([key, OUR_RANGE.has(key)]).toEqual([key, true]);
      expect([key, entryOf(key).range.some(({ is }) => is.min > least)]).toEqual([key, true]);
    }
    for (const [key, most] of KERNEL_MAXIMUM) {
      expect([key, entryOf(key).range.some(({ is }) => is.takesMore && is.max <= most)]).toEqual([key, true]);
    }
  });
});
