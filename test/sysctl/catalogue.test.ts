import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  formatKernelVersion,
  type KernelVersion,
  parseKernelVersion,
} from '../../src/core/kernel-release.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { CATALOGUE, catalogueEntry, sameSetting } from '../../src/sysctl/catalogue.ts';
import { memberCount, type Range } from '../../src/sysctl/catalogue-entry.ts';
import { parseNumbers } from '../../src/sysctl/codec.ts';
import { parseKey } from '../../src/sysctl/key.ts';
import { specialKey } from '../../src/sysctl/special-keys.ts';

function rows(fixture: string): readonly (readonly string[])[] {
  const url = new URL(`../fixtures/sysctl/${fixture}`, import.meta.url);
  return readFileSync(url, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) =>
      [...line.matchAll(/"([^"]*)"|([^,]+)|(?<=,)(?=,|$)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      ),
    );
}

/** The source trees that the table was made from are the newest of their series. */
function tip(tree: string): KernelVersion {
  const version = parseKernelVersion(tree);
  if (version === null) throw new TypeError(tree);
  return { ...version, patch: 999 };
}

function traitsAt(tree: string) {
  const version = formatKernelVersion(tip(tree));
  return kernelTraitsOf(version, version);
}

function entryOf(key: string) {
  const entry = catalogueEntry(key);
  if (entry === undefined) throw new TypeError(key);
  return entry;
}

const SCOPES: Readonly<Record<string, string>> = {
  netns: 'network-namespace',
  'global(init_net only)': 'global',
  'global, read-only copy visible in child netns': 'global-read-only-in-child',
  'one for the host': 'host',
};

/** Keys whose range is ours, narrower than the kernel's or wherever the kernel's is computed: why stands at the entry. */
const OUR_RANGE: ReadonlySet<string> = new Set([
  'fs.aio-max-nr',
  'fs.file-max',
  'fs.inotify.max_user_instances',
  'fs.inotify.max_user_watches',
  'fs.nr_open',
  'net.core.netdev_budget',
  'net.core.netdev_max_backlog',
  'net.core.optmem_max',
  'net.core.rmem_default',
  'net.core.rmem_max',
  'net.core.wmem_default',
  'net.core.wmem_max',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.default.rp_filter',
  'net.ipv4.ip_forward',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.neigh.default.gc_thresh2',
  'net.ipv4.neigh.default.gc_thresh3',
  'net.ipv4.tcp_ecn',
  'net.ipv4.tcp_fastopen',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_limit_output_bytes',
  'net.ipv4.tcp_max_orphans',
  'net.ipv4.tcp_max_reordering',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.tcp_mem',
  'net.ipv4.udp_mem',
  'net.ipv4.tcp_orphan_retries',
  'net.ipv4.tcp_retries1',
  'net.ipv4.tcp_retries2',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_synack_retries',
  'net.ipv4.tcp_tw_recycle',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_wmem',
  'net.ipv4.udp_mem',
  'net.ipv6.bindv6only',
  'net.ipv6.conf.all.accept_ra',
  'net.ipv6.conf.all.disable_ipv6',
  'net.ipv6.conf.all.forwarding',
  'net.ipv6.conf.default.accept_ra',
  'net.ipv6.conf.default.disable_ipv6',
  'net.netfilter.nf_conntrack_buckets',
  'net.netfilter.nf_conntrack_max',
  'net.netfilter.nf_conntrack_tcp_timeout_established',
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait',
  'net.unix.max_dgram_qlen',
  'vm.max_map_count',
  'vm.min_free_kbytes',
]);

/** 5.10.y took the key over from 5.14; 5.11 to 5.13 never had it. */
const TAKEN_INTO_OLDER_SERIES: ReadonlySet<string> = new Set(['net.ipv4.tcp_migrate_req']);

const BY_VERSION = rows('by-version.csv');
const byTree = BY_VERSION.flatMap(
  ([key = '', first = '', last = '', scope = '', mode = '', , min = '', max = '']) =>
    [...new Set([first, last])].map((tree) => ({ key, tree, scope, mode, min, max })),
);

describe('the catalogue against the kernel sources', () => {
  it('has rows for every key', () => {
    expect(new Set(BY_VERSION.map(([key]) => key))).toEqual(new Set(CATALOGUE.map(({ key }) => key)));
  });

  it.each(byTree)('$key in $tree: scope', ({ key, tree, scope }) => {
    expect(traitsAt(tree).current(entryOf(key).scope)).toEqual([SCOPES[scope]]);
  });

  it.each(byTree.filter(({ min, max }) => /^-?\d+$/.test(min) && /^-?\d+$/.test(max)))(
    '$key in $tree: range',
    ({ key, tree, min, max }) => {
      const kernel = { min: Number(min), max: Number(max) };
      const [range] = traitsAt(tree).current<Range>(entryOf(key).range);
      if (!OUR_RANGE.has(key)) {
        expect(range).toEqual(kernel);
        return;
      }
      expect(range?.min).toBeGreaterThanOrEqual(kernel.min);
      expect(range?.max).toBeLessThanOrEqual(kernel.max);
    },
  );

  it.each(byTree)('$key in $tree: is there', ({ key, tree }) => {
    const expected = TAKEN_INTO_OLDER_SERIES.has(key) && tree === '5.10' ? 'no' : 'yes';
    expect(traitsAt(tree).has(entryOf(key))).toBe(expected);
  });

  it('knows what is not there yet or any more', () => {
    expect(traitsAt('4.12').has(entryOf('net.ipv4.tcp_tw_recycle'))).toBe('no');
    expect(traitsAt('3.10').has(entryOf('net.ipv4.tcp_notsent_lowat'))).toBe('no');
    expect(traitsAt('5.19').has(entryOf('net.ipv4.tcp_ehash_entries'))).toBe('no');
  });

  it('has no key that only root may read', () => {
    expect(byTree.filter(({ mode }) => !['0644', '0444'].includes(mode))).toEqual([]);
    expect(catalogueEntry('net.ipv4.tcp_fastopen_key')).toBeUndefined();
  });

  it('needs each of the exceptions', () => {
    const differs = byTree.filter(({ key, tree, min, max }) => {
      const [range] = traitsAt(tree).current<Range>(entryOf(key).range);
      return String(range?.min) !== min || String(range?.max) !== max;
    });
    expect([...OUR_RANGE].filter((key) => !differs.some((each) => each.key === key))).toEqual([]);
  });
});

describe('the catalogue against a probed 6.18', () => {
  const traits = traitsAt('6.18');
  const probed = rows('probed-6.18.csv').map(([key = '', value = '', min = '', max = '']) => ({
    key,
    value,
    min,
    max,
  }));

  it.each(probed)('$key starts with $value', ({ key, value }) => {
    for (const rule of traits.current(entryOf(key).defaults)) {
      if (rule.kind === 'fixed') expect(rule.value).toBe(value);
    }
  });

  it.each(probed.filter(({ key, min }) => min !== '' && !OUR_RANGE.has(key)))(
    '$key takes $min to $max',
    (row) => {
      const [range] = traits.current<Range>(entryOf(row.key).range);
      expect(range).toEqual({ min: Number(row.min), max: Number(row.max) });
    },
  );
});

describe('sameSetting', () => {
  it.each([
    ['net.ipv4.tcp_rmem', '4096 131072 6291456', '4096\t131072\t6291456', true],
    ['net.core.somaxconn', '4096', '0x1000', true],
    ['net.core.somaxconn', '4096', '4096 # ignored behind the number', true],
    ['net.core.somaxconn', '4096', '4097', false],
    ['net.ipv4.ip_local_reserved_ports', '8081,8080', '8080-8081', true],
    ['net.ipv4.ip_local_reserved_ports', '8080', '8080-8081', false],
    ['net.ipv4.ip_local_reserved_ports', 'none', 'none', true],
    ['net.ipv4.ip_local_reserved_ports', '', 'none', false],
    ['kernel.core_pattern', 'core  %p', 'core %p', true],
  ])('%s: %j and %j: %p', (key, a, b, same) => {
    expect(sameSetting(key, a, b)).toBe(same);
    expect(sameSetting(key, b, a)).toBe(same);
  });
});

describe('the catalogue itself', () => {
  it('has each key once, in the dotted form', () => {
    expect(new Set(CATALOGUE.map(({ key }) => key)).size).toBe(CATALOGUE.length);
    for (const { key } of CATALOGUE) expect(parseKey(key)).toEqual({ ok: true, key });
  });

  it.each(CATALOGUE.map((entry) => ({ entry, key: entry.key })))('$key fits together', ({ entry }) => {
    expect(entry.summary).toMatch(/^[A-Z].*\.$/);
    expect(entry.coupled).not.toContain(entry.key);
    for (const dated of [entry.scope, entry.range, entry.defaults]) {
      const versions = dated.map(({ since }) => tip(since));
      const order = versions.map(({ major, minor, patch }) => major * 1e6 + minor * 1e3 + patch);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    for (const { is } of entry.range) {
      expect(is.min).toBeLessThan(is.max);
      expect(is.min % (entry.multipleOf ?? 1) === 0).toBe(true);
      expect(is.max).toBe(entry.bits ?? is.max);
    }
    for (const number of entry.oneOf ?? []) {
      expect(entry.range.some(({ is }) => number >= is.min && number <= is.max)).toBe(true);
    }
    if (entry.sideEffects !== undefined) expect(entry.sideEffects).toMatch(/^[a-z].*[^.]$/);
    if (!entry.reversible.is) expect(entry.reversible.why).toMatch(/^[a-z].*[^.]$/);
    for (const { is: rule, since } of entry.defaults) {
      if (rule.kind !== 'fixed') continue;
      const numbers = parseNumbers(rule.value);
      expect(numbers).toHaveLength(memberCount(entry.shape));
      const [range] = traitsAt(since).current<Range>(entry.range);
      for (const number of numbers ?? []) {
        expect(entry.oneOf ?? [number]).toContain(number);
        expect(number).toBeGreaterThanOrEqual(range?.min ?? Number.NaN);
        expect(number).toBeLessThanOrEqual(range?.max ?? Number.NaN);
      }
    }
  });

  it('knows what a write does besides, what needs a module, and who else writes', () => {
    const having = (field: 'sideEffects' | 'module' | 'alsoSetBy') =>
      CATALOGUE.filter((entry) => entry[field] !== undefined).map(({ key }) => key);
    expect(having('sideEffects')).toEqual(
      expect.arrayContaining([
        'net.core.default_qdisc',
        'net.ipv4.ip_forward',
        'net.ipv4.conf.default.rp_filter',
        'net.ipv6.conf.all.forwarding',
        'net.ipv6.conf.all.disable_ipv6',
      ]),
    );
    expect(having('module').every((key) => /^net\.(netfilter\.nf_conntrack|bridge)/.test(key))).toBe(true);
    expect(having('alsoSetBy')).toEqual(expect.arrayContaining(['fs.nr_open', 'net.unix.max_dgram_qlen']));
  });

  it('has no key that is an action or a secret', () => {
    expect(CATALOGUE.filter(({ key }) => specialKey(key) !== null)).toEqual([]);
  });

  it('couples only keys that it has', () => {
    const unknown = CATALOGUE.flatMap(({ coupled }) => coupled).filter(
      (key) => catalogueEntry(key) === undefined,
    );
    expect(unknown).toEqual([]);
  });
});
