import { readFileSync } from 'node:fs';
import {
  formatKernelVersion,
  type KernelVersion,
  parseKernelVersion,
} from '../../src/core/kernel-release.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { catalogueEntry } from '../../src/sysctl/catalogue.ts';

/** What was read in the sources of many kernels, and where the catalogue says something else. */

export function rows(fixture: string): readonly (readonly string[])[] {
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
export function tip(tree: string): KernelVersion {
  const version = parseKernelVersion(tree);
  if (version === null) throw new TypeError(tree);
  return { ...version, patch: 999 };
}

export function traitsAt(tree: string) {
  const version = formatKernelVersion(tip(tree));
  return kernelTraitsOf(version, version);
}

export function entryOf(key: string) {
  const entry = catalogueEntry(key);
  if (entry === undefined) throw new TypeError(key);
  return entry;
}

export const SCOPES: Readonly<Record<string, string>> = {
  netns: 'network-namespace',
  'global(init_net only)': 'global',
  'global, read-only copy visible in child netns': 'global-read-only-in-child',
  'one for the host': 'host',
};

/** Keys of the sources that the catalogue leaves out. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'net.ipv4.tcp_fastopen_key': 'a secret',
  'net.core.hh_output_relaxed': "one vendor's 4.2 alone had it, no upstream kernel",
  'net.core.netdev_skb_tstamp': "one vendor's 4.2 alone had it, no upstream kernel",
};

/**
 * The tree has a key that came upstream later: stable or a vendor took it over, and versions between the two lack it.
 * The tree of 6.18 is a vendor's with what upstream has from 6.19, and 6.18.y itself does not have it.
 */
export const TAKEN_INTO_OLDER_SERIES: Readonly<Record<string, string>> = {
  'net.ipv4.tcp_migrate_req': '5.10',
  'net.core.bpf_jit_limit': '4.15 4.19',
  'net.core.bypass_prot_mem': '6.18',
  'net.core.max_skb_frags': '4.4',
  'net.core.mem_pcpu_rsv': '6.1',
  'net.core.qdisc_max_burst': '6.18',
  'net.core.txq_reselection_ms': '6.18',
  'net.ipv4.icmp_errors_extension_mask': '6.18',
  'net.ipv4.tcp_comp_sack_rtt_percent': '6.18',
  'net.ipv4.tcp_min_snd_mss': '4.15',
  'net.ipv4.tcp_min_tso_segs': '3.10',
  'net.ipv4.tcp_rcvbuf_low_rtt': '6.18',
  'net.ipv4.tcp_shrink_window': '6.1',
};

/** Registered for each network namespace, and about the whole host. */
export const SHOWN_FROM_THE_HOST: ReadonlySet<string> = new Set([
  'net.ipv4.tcp_allowed_congestion_control',
  'net.ipv4.tcp_available_congestion_control',
]);

/** Only root may read them, and no audit does. */
export const FOR_ROOT: readonly string[] = [
  'net.core.bpf_jit_harden',
  'net.core.bpf_jit_kallsyms',
  'net.core.bpf_jit_limit',
];

/** Bounds that the sources give a name. */
export const NAMED_BOUNDS: Readonly<Record<string, number>> = {
  SYSCTL_THREE: 3,
  SYSCTL_LONG_ONE: 1,
  comp_sack_nr_max: 255,
  fib_multipath_hash_fields_all_mask: 0xfff,
  icmp_errors_extension_mask_all: 1,
  int_3600: 3600,
  long_one: 1,
  min_mem_pcpu_rsv: 256,
  one_day_secs: 86_400,
  sysctl_fib_sync_mem_max: 64 * 1024 * 1024,
  sysctl_fib_sync_mem_min: 64 * 1024,
  tcp_plb_max_cong_thresh: 256,
  tcp_plb_max_rounds: 31,
  three: 3,
  udp_child_hash_entries_max: 65_536,
};

/** Bounds that code, the configuration, the memory or the clock decides. */
export const COMPUTED_BOUNDS: ReadonlySet<string> = new Set([
  '-INT_MAX/HZ',
  'INT_MAX/HZ',
  '0?',
  '2*USEC_PER_SEC/HZ',
  'ULONG_MAX',
  'bpf_jit_limit_max',
  'custom',
  'init_net.ipv4.sysctl_tcp_max_reordering',
  'long_max',
  'max_skb_frags',
  'see src',
  'u32_max_div_HZ',
]);

/** The table has the range of kernels that are built to compile always; others take 0 and 2 as well. */
const OF_ONE_CONFIGURATION: ReadonlySet<string> = new Set(['net.core.bpf_jit_enable']);

export const BY_VERSION = rows('by-version.csv').filter(([key = '']) => LEFT_OUT[key] === undefined);
export const BY_TREE = BY_VERSION.flatMap(
  ([key = '', first = '', last = '', scope = '', mode = '', , min = '', max = '']) =>
    [...new Set([first, last])].map((tree) => ({ key, tree, scope, mode, min, max })),
);

/** null where the sources do not say. */
export function bound(text: string): number | null {
  if (/^-?\d+/.test(text) && !COMPUTED_BOUNDS.has(text)) return Number.parseInt(text, 10);
  return NAMED_BOUNDS[text] ?? null;
}

/** Rows whose bounds are numbers. */
export const BOUNDED = BY_TREE.flatMap(({ key, tree, ...row }) => {
  const [min, max] = [bound(row.min), bound(row.max)];
  return min === null || max === null || OF_ONE_CONFIGURATION.has(key) ? [] : [{ key, tree, min, max }];
});

/** The trees that were read, oldest first. */
export const TREES =
  '3.10 3.13 4.0 4.2 4.3 4.4 4.9 4.10 4.12 4.15 4.19 5.4 5.8 5.10 5.15 5.19 6.1 6.2 6.4 6.8 6.10 6.12 6.14 6.17 6.18 6.19 7.2'.split(
    ' ',
  );
