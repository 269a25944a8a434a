import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { CATALOGUE, catalogueEntry } from '../../src/sysctl/catalogue.ts';
import type { CatalogueEntry, Scope } from '../../src/sysctl/catalogue-entry.ts';
import { memberCount } from '../../src/sysctl/catalogue-entry.ts';
import { parseNumbers } from '../../src/sysctl/codec.ts';
import { checkValue, type HostMemory, isWritableIn } from '../../src/sysctl/validate.ts';

const GIB = 1024 ** 3;
const EIGHT_GIB: HostMemory = { memoryBytes: 8 * GIB, pageBytes: 4096 };

function entryOf(key: string): CatalogueEntry {
  const entry = catalogueEntry(key);
  if (entry === undefined) throw new TypeError(key);
  return entry;
}

function rangesOf(entry: CatalogueEntry, kernel: string) {
  return kernelTraitsOf(kernel, null).current(entry.range);
}

function check(key: string, value: string, kernel = '6.12.1', memory: HostMemory = EIGHT_GIB) {
  const entry = entryOf(key);
  return checkValue(entry, value, rangesOf(entry, kernel), { memory });
}

it('a number that stays as it was is not judged, the others are', () => {
  const entry = entryOf('net.ipv4.tcp_rmem');
  const judged = (value: string, standing: string) =>
    checkValue(entry, value, rangesOf(entry, '6.12.1'), { memory: EIGHT_GIB, standing })?.why ?? null;
  expect(judged('1 131072 8388608', '1\t131072\t6291456')).toBeNull();
  expect(judged('1 131072 8388608', '4096\t131072\t6291456')).toContain('net.ipv4.tcp_rmem (min) must be');
  expect(judged('1 9000000 8388608', '1\t9000000\t6291456')).toContain('in order');
});

describe('checkValue takes', () => {
  it.each([
    ['net.core.somaxconn', '4096'],
    ['net.core.somaxconn', '0'],
    ['net.core.somaxconn', ' 4096\t'],
    ['net.core.somaxconn', '2147483647'],
    ['net.ipv4.tcp_syncookies', '2'],
    ['net.ipv4.tcp_adv_win_scale', '-2'],
    ['net.ipv4.tcp_fastopen', '1539'],
    ['net.ipv4.tcp_rmem', '4096 131072 33554432'],
    ['net.ipv4.tcp_rmem', '4096\t4096\t4096'],
    ['net.ipv4.tcp_mem', '190000 250000 380000'],
    ['net.ipv4.ip_local_port_range', '32768 60999'],
    ['net.ipv4.ip_local_reserved_ports', '8080,9000-9010'],
    ['net.ipv4.tcp_congestion_control', 'bbr'],
    ['net.core.default_qdisc', 'fq_codel'],
    ['net.netfilter.nf_conntrack_buckets', '65536'],
    ['fs.file-max', '9007199254740991'],
    ['vm.min_free_kbytes', '131072'],
    ['net.ipv4.ping_group_range', '1 0'],
    ['net.ipv4.ping_group_range', '0 2147483647'],
    ['net.ipv4.tcp_allowed_congestion_control', 'reno cubic'],
    ['net.core.flow_limit_cpu_bitmap', 'ff'],
    ['net.core.flow_limit_cpu_bitmap', '00000001,0000ffff'],
    ['net.core.flow_limit_table_len', '8192'],
    ['net.core.rps_sock_flow_entries', '0'],
    ['net.core.rps_sock_flow_entries', '32768'],
    ['net.ipv4.fib_multipath_hash_fields', '51'],
    ['net.ipv4.icmp_ratelimit', '500'],
    ['net.ipv4.tcp_comp_sack_delay_ns', '9007199254740991'],
  ])('%s = %j', (key, value) => {
    expect(check(key, value)).toBeNull();
  });
});

describe('checkValue refuses', () => {
  it.each([
    ['net.core.somaxconn', '-5', 'must be 0 to 2147483647 connections, not -5'],
    ['net.core.somaxconn', '2147483648', 'must be 0 to 2147483647 connections, not 2147483648'],
    ['net.core.somaxconn', '4096 8192', "must be one number, not '4096 8192'"],
    ['net.core.somaxconn', '', 'must be one number, not empty'],
    ['net.core.somaxconn', 'many', 'must be 0 to 2147483647 connections, not many'],
    ['net.core.somaxconn', '+5', 'must be 0 to 2147483647 connections, not +5'],
    ['net.core.somaxconn', '4096.5', 'must be 0 to 2147483647 connections, not 4096.5'],
    ['net.core.somaxconn', '1e3', 'must be 0 to 2147483647 connections, not 1e3'],
    ['net.core.somaxconn', '4k', 'must be 0 to 2147483647 connections, not 4k'],
    ['net.core.somaxconn', '-0', 'must be 0 to 2147483647 connections, not -0'],
    [
      'net.core.somaxconn',
      '0x1000',
      'must be a decimal number, not 0x1000: the kernel would read that as 4096',
    ],
    ['net.core.somaxconn', '0100', 'must be a decimal number, not 0100: the kernel would read that as 64'],
    ['net.core.somaxconn', '-010', 'must be a decimal number, not -010: the kernel would read that as -8'],
    [
      'net.core.somaxconn',
      '4096\nvm.swappiness=0',
      'must be one line of plain text, not 4096\\nvm.swappiness=0',
    ],
    ['net.core.somaxconn', '٤٠٩٦', 'must be one line of plain text, not ٤٠٩٦'],
    ['net.ipv4.tcp_max_syn_backlog', '-5', 'must be 1 to 2147483647 requests, not -5'],
    ['net.ipv4.tcp_syncookies', '255', 'must be 0, 1 or 2, not 255'],
    ['net.ipv4.tcp_abort_on_overflow', '2', 'must be 0 or 1, not 2'],
    ['net.ipv4.tcp_fastopen', '8', 'must be 0 or a sum of 1, 2, 4, 512 and 1024, not 8'],
    ['net.ipv4.tcp_fin_timeout', '-1', 'must be 0 to 2147483 seconds, not -1'],
    ['net.ipv4.tcp_rmem', '4096 131072', "must be 3 numbers (min default max), not '4096 131072'"],
    [
      'net.ipv4.tcp_rmem',
      '4096,131072,6291456',
      'must be 3 numbers (min default max), not 4096,131072,6291456',
    ],
    ['net.ipv4.tcp_rmem', '10 131072 6291456', '(min) must be 4096 to 2147483647 bytes, not 10'],
    [
      'net.ipv4.tcp_rmem',
      '4096 131072 0x600000',
      '(max) must be a decimal number, not 0x600000: the kernel would read that as 6291456',
    ],
    [
      'net.ipv4.tcp_rmem',
      '8192 4096 6291456',
      "must be in order, min <= default <= max, not '8192 4096 6291456'",
    ],
    [
      'net.ipv4.tcp_mem',
      '8388608 12582912 16777216',
      'must be at most 2097152 pages, the memory of this host, not 16777216, which as pages is 64 GiB',
    ],
    [
      'net.ipv4.tcp_mem',
      '4096 87380 9007199254740993',
      '(high) must be 1 to 9007199254740991 pages, not 9007199254740993',
    ],
    ['net.ipv4.ip_local_port_range', '60999 32768', "must be in order, first <= last, not '60999 32768'"],
    ['net.ipv4.ip_local_port_range', '80 65535', '(first) must be 1024 to 65535 ports, not 80'],
    [
      'net.ipv4.ip_local_reserved_ports',
      '8081,8080',
      'must be 8080-8081, not 8081,8080: that is the form in which the kernel gives it back',
    ],
    ['net.ipv4.ip_local_reserved_ports', '0', 'must be ports from 1 to 65535 such as 8080,9000-9010, not 0'],
    [
      'net.ipv4.ip_local_reserved_ports',
      '',
      'must be ports from 1 to 65535 such as 8080,9000-9010, not empty',
    ],
    ['net.ipv4.tcp_ehash_entries', '4096', 'can only be read on this kernel'],
    [
      'net.ipv4.tcp_congestion_control',
      'bbr cubic',
      "must be one name of at most 15 letters and digits, not 'bbr cubic'",
    ],
    [
      'net.ipv4.tcp_congestion_control',
      '../evil',
      'must be one name of at most 15 letters and digits, not ../evil',
    ],
    [
      'net.netfilter.nf_conntrack_buckets',
      '10000',
      'must be a multiple of 8192 from 8192 to 268435456 entries, not 10000',
    ],
    ['net.ipv4.ping_group_range', '2 1', "must be in order, first <= last, not '2 1'"],
    [
      'net.ipv4.tcp_allowed_congestion_control',
      'reno reno',
      "must be names with blanks between them, each once, not 'reno reno'",
    ],
    [
      'net.ipv4.tcp_allowed_congestion_control',
      '',
      'must be names with blanks between them, each once, not empty',
    ],
    [
      'net.core.flow_limit_cpu_bitmap',
      '0xff',
      'must be CPUs as bits in hexadecimal, as in 00000001,0000ffff, not 0xff',
    ],
    ['net.ipv4.tcp_available_congestion_control', 'reno', 'can only be read on this kernel'],
    ['net.core.flow_limit_table_len', '5000', 'must be a power of two within 1 to 1048576 entries, not 5000'],
    [
      'net.core.rps_sock_flow_entries',
      '-2',
      'must be 0 or a power of two within 0 to 536870912 entries, not -2',
    ],
    [
      'net.core.rps_sock_flow_entries',
      '536870912',
      'must be at most 33554432 entries, 1/64 of the memory of this host, not 536870912, which is 2 GiB',
    ],
    ['net.ipv4.tcp_recovery', '8', 'must be 0 or a sum of 1, 2 and 4, not 8'],
    [
      'net.ipv4.fib_multipath_hash_fields',
      '0',
      'must be a sum of 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024 and 2048, not 0',
    ],
    ['net.ipv4.icmp_ratelimit', '50', 'must be a multiple of 20 from 0 to 2147483640 milliseconds, not 50'],
    ['net.netfilter.nf_conntrack_max', '0', 'must be 1024 to 2147483647 entries, not 0'],
    ['fs.nr_open', '1000', 'must be 1024 to 2147483584 files, not 1000'],
    ['fs.file-max', '9223372036854775807', 'must be 8192 to 9007199254740991 files, not 9223372036854775807'],
    [
      'vm.min_free_kbytes',
      '4194304',
      'must be at most 419430 kilobytes, 1/20 of the memory of this host, not 4194304, which is 4 GiB',
    ],
  ])('%s = %j', (key, value, why) => {
    expect(check(key, value)?.why).toBe(`${key} ${why}`);
  });

  it('says what would do instead, by itself', () => {
    expect(check('net.core.somaxconn', '-5')?.expected).toBe('0 to 2147483647 connections');
    expect(check('net.ipv4.tcp_rmem', '1 2')?.expected).toBe('3 numbers (min default max)');
  });

  it('cuts what is long and escapes what a terminal would obey', () => {
    const { why } = check('net.core.somaxconn', `\u001b[2J${'9'.repeat(5000)}`) ?? { why: '' };
    expect(why).toMatch(/…$/);
    expect(why).not.toContain('\u001b');
    expect(why.length).toBeLessThan(150);
  });
});

describe('checkValue by kernel', () => {
  it.each([
    ['net.core.somaxconn', '65536', '4.0.5', '0 to 65535 connections'],
    ['net.core.somaxconn', '65536', '4.1.0', null],
    ['vm.swappiness', '200', '5.4.0', '0 to 100'],
    ['vm.swappiness', '200', '5.8.0', null],
    ['net.ipv4.tcp_tw_reuse', '2', '4.18.20', '0 or 1'],
    ['net.ipv4.tcp_tw_reuse', '2', '4.19.0', null],
    ['net.netfilter.nf_conntrack_buckets', '65536', '4.4.0', 'no write at all'],
    // A vendor may have taken the change in, so that either range may hold: both must admit it.
    ['vm.swappiness', '150', '4.18.0-553.el8_10.x86_64', '0 to 100'],
  ])('%s = %s on %s', (key, value, kernel, expected) => {
    expect(check(key, value, kernel)?.expected ?? null).toBe(expected);
  });
});

describe('checkValue without the memory', () => {
  it.each([
    [
      'net.ipv4.tcp_mem',
      '1 2 3',
      'net.ipv4.tcp_mem must be no more than the memory of this host, which is not known',
    ],
    [
      'vm.min_free_kbytes',
      '2048',
      'vm.min_free_kbytes must be no more than 1/20 of the memory of this host, which is not known',
    ],
  ])('refuses %s, which could be fatal', (key, value, why) => {
    const entry = entryOf(key);
    expect(checkValue(entry, value, rangesOf(entry, '6.12.1'))?.why).toBe(why);
  });

  it('needs the size of a page only for pages', () => {
    const memory = { memoryBytes: 8 * GIB, pageBytes: null };
    expect(check('vm.min_free_kbytes', '2048', '6.12.1', memory)).toBeNull();
    expect(check('net.ipv4.tcp_mem', '1 2 3', '6.12.1', memory)).not.toBeNull();
  });
});

describe('checkValue as a property', () => {
  const numeric = CATALOGUE.filter(
    ({ shape, range }) => shape.kind !== 'name' && shape.kind !== 'port-list' && range.length > 0,
  );

  it('takes numbers of the range only, in order and as many as there are members', () => {
    const token = fc.oneof(
      fc.integer({ min: -3, max: 70_000 }).map(String),
      fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
      fc.constantFrom('', '0x10', '010', '-1', 'x', '+1', '1.0', '\t'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...numeric), fc.array(token, { maxLength: 4 }), (entry, tokens) => {
        const ranges = rangesOf(entry, '6.18.0');
        const value = tokens.join(' ');
        if (checkValue(entry, value, ranges, { memory: EIGHT_GIB }) !== null) return;
        const numbers = parseNumbers(value);
        expect(numbers).toHaveLength(memberCount(entry.shape));
        expect(value.trim().split(/\s+/).map(Number)).toEqual(numbers);
        for (const number of numbers ?? []) {
          for (const { min, max } of ranges) {
            expect(number).toBeGreaterThanOrEqual(min);
            expect(number).toBeLessThanOrEqual(max);
          }
        }
        expect([...(numbers ?? [])].sort((x, y) => x - y)).toEqual(numbers);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(numeric.map((entry) => ({ entry, key: entry.key })))(
    '$key: refuses what is just outside',
    ({ entry }) => {
      const ranges = rangesOf(entry, entry.removed === undefined ? '6.18.0' : '4.0.0');
      const members = memberCount(entry.shape);
      for (const { min, max } of ranges) {
        const below = Array.from({ length: members }, () => min - 1).join(' ');
        const above = Array.from({ length: members }, () => max + 1).join(' ');
        expect(checkValue(entry, below, ranges, { memory: EIGHT_GIB })?.why).toContain(entry.key);
        expect(checkValue(entry, above, ranges, { memory: EIGHT_GIB })?.why).toContain(entry.key);
      }
    },
  );

  it("takes every fixed default of the kernel's own", () => {
    for (const entry of numeric) {
      for (const { since, is } of entry.defaults) {
        if (is.kind !== 'fixed') continue;
        expect(checkValue(entry, is.value, rangesOf(entry, `${since}.0`), { memory: EIGHT_GIB })).toBeNull();
      }
    }
  });
});

describe('isWritableIn', () => {
  const host = (key: string, kernel: string, child: boolean) => {
    const entry = entryOf(key);
    const scopes: readonly Scope[] = kernelTraitsOf(kernel, null).current(entry.scope);
    return isWritableIn(entry, scopes, child);
  };

  it.each([
    ['net.core.somaxconn', '6.12.1', 'yes', 'yes'],
    ['net.core.netdev_max_backlog', '6.12.1', 'yes', 'absent'],
    ['net.core.rmem_max', '6.1.0', 'yes', 'absent'],
    ['net.core.rmem_max', '6.12.1', 'yes', 'read-only'],
    ['net.ipv4.tcp_max_syn_backlog', '4.4.0', 'yes', 'absent'],
    ['net.ipv4.tcp_max_syn_backlog', '4.19.0', 'yes', 'yes'],
    ['net.netfilter.nf_conntrack_max', '6.12.1', 'yes', 'read-only'],
    ['vm.swappiness', '6.12.1', 'yes', 'read-only'],
    ['net.ipv4.tcp_ehash_entries', '6.12.1', 'read-only', 'read-only'],
    ['net.ipv4.tcp_congestion_control', '6.12.1', 'yes', 'yes'],
    ['net.ipv4.ip_local_reserved_ports', '6.12.1', 'yes', 'yes'],
  ])('%s on %s: %s for the host, %s in a child', (key, kernel, own, child) => {
    expect(host(key, kernel, false)).toBe(own);
    expect(host(key, kernel, true)).toBe(child);
  });

  it('takes the least that is possible where the kernel leaves it open', () => {
    const entry = entryOf('net.core.rmem_max');
    expect(isWritableIn(entry, ['global', 'global-read-only-in-child'], true)).toBe('absent');
    expect(isWritableIn(entry, ['network-namespace', 'global-read-only-in-child'], true)).toBe('read-only');
  });
});
