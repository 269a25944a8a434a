import { INT_MAX, INT_MIN, UINT_MAX } from '../core/integers.ts';
import type { Range } from './catalogue-entry.ts';

/**
 * Variables that every network interface has of its own, below net/ipv4/conf and net/ipv6/conf, beside those of `all`
 * and `default`. `device`: the name of the interface, `all` or `default`.
 */
export type InterfacePath = {
  readonly family: 'ipv4' | 'ipv6';
  readonly device: string;
  readonly leaf: string;
};

/** @param path below /proc/sys; null for any other variable */
export function interfacePath(path: string): InterfacePath | null {
  const match = /^net\/(ipv[46])\/conf\/([^/]+)\/([^/]+)$/.exec(path);
  const [, family, device, leaf] = match ?? [];
  if ((family !== 'ipv4' && family !== 'ipv6') || device === undefined || leaf === undefined) return null;
  return { family, device, leaf };
}

/**
 * Of IPv4, the variables that are plain integers to the kernel (ipv4_doint_and_flush() in net/ipv4/devinet.c): what is
 * written to `default` reaches no interface that is there already.
 */
const PLAIN_IPV4: ReadonlySet<string> = new Set([
  'disable_policy',
  'disable_xfrm',
  'drop_unicast_in_l2_multicast',
  'promote_secondaries',
  'route_localnet',
]);

/** Whether interfaces that nobody wrote follow `default`. */
export function followsDefault({ family, leaf }: InterfacePath): boolean {
  return family === 'ipv4' && leaf !== 'forwarding' && !PLAIN_IPV4.has(leaf);
}

const INTEGER: Range = { min: INT_MIN, max: INT_MAX };

/** addrconf_sysctl in net/ipv6/addrconf.c, as of 6.18; all others there take any integer. */
const IPV6_RANGES: Readonly<Record<string, Range>> = {
  addr_gen_mode: { min: 0, max: 3 },
  hop_limit: { min: 1, max: 255 },
  // What it takes at most is what the interface does.
  mtu: { min: 1280, max: UINT_MAX },
  ioam6_enabled: { min: 0, max: 1 },
  ioam6_id: { min: 0, max: 65_535 },
  ndisc_tclass: { min: 0, max: 255 },
  ra_defrtr_metric: { min: 1, max: UINT_MAX },
  router_solicitations: { min: -1, max: INT_MAX },
  rpl_seg_enabled: { min: 0, max: 1 },
};

/** What the kernel itself takes; devinet_sysctl in net/ipv4/devinet.c bounds nothing. */
export function interfaceRange({ family, leaf }: InterfacePath): Range {
  return (family === 'ipv6' && Object.hasOwn(IPV6_RANGES, leaf) ? IPV6_RANGES[leaf] : undefined) ?? INTEGER;
}

/** ipv4_devconf and ipv4_devconf_dflt in net/ipv4/devinet.c; all others begin with 0. */
const IPV4_DEFAULTS: Readonly<Record<string, string>> = {
  accept_redirects: '1',
  arp_evict_nocarrier: '1',
  igmpv2_unsolicited_report_interval: '10000',
  igmpv3_unsolicited_report_interval: '1000',
  secure_redirects: '1',
  send_redirects: '1',
  shared_media: '1',
};

/** ipv6_devconf and ipv6_devconf_dflt in net/ipv6/addrconf.c, of the variables that sysctl files are about. */
const IPV6_DEFAULTS: Readonly<Record<string, string>> = {
  accept_ra: '1',
  accept_redirects: '1',
  accept_source_route: '0',
  addr_gen_mode: '0',
  autoconf: '1',
  dad_transmits: '1',
  disable_ipv6: '0',
  forwarding: '0',
  hop_limit: '64',
  ignore_routes_with_linkdown: '0',
  max_addresses: '16',
  optimistic_dad: '0',
  proxy_ndp: '0',
  use_tempaddr: '0',
};

/** What the kernel gives the variable of an interface, of `all` and `default` to begin with; null where not known. */
export function interfaceDefault({ family, device, leaf }: InterfacePath): string | null {
  if (family === 'ipv6')
    return (Object.hasOwn(IPV6_DEFAULTS, leaf) ? IPV6_DEFAULTS[leaf] : undefined) ?? null;
  // The one that differs between the two.
  if (leaf === 'accept_source_route') return device === 'all' ? '0' : '1';
  // inetdev_init() in net/ipv4/devinet.c
  if (device === 'lo' && (leaf === 'disable_policy' || leaf === 'disable_xfrm')) return '1';
  return (Object.hasOwn(IPV4_DEFAULTS, leaf) ? IPV4_DEFAULTS[leaf] : undefined) ?? '0';
}
