import { catalogueEntry } from './catalogue.ts';
import type { SysctlKey } from './key.ts';

/** Whole directories of keys that a module brings, where the catalogue does not know the key itself. */
const BY_PREFIX: readonly (readonly [prefix: string, module: string])[] = [
  ['net.netfilter.nf_conntrack_', 'nf_conntrack'],
  ['net.nf_conntrack_max', 'nf_conntrack'],
  ['net.bridge.bridge-nf-', 'br_netfilter'],
  ['net.ipv4.vs.', 'ip_vs'],
  ['net.sctp.', 'sctp'],
  ['sunrpc.', 'sunrpc'],
];

/** The kernel module without which the key is absent; null where none is known to matter. */
export function moduleOf(key: SysctlKey): string | null {
  return catalogueEntry(key)?.module ?? BY_PREFIX.find(([prefix]) => key.startsWith(prefix))?.[1] ?? null;
}

/** Modules that have nf_conntrack loaded with them, by the kernel's own dependencies between modules. */
const WITH_CONNTRACK =
  /^(?:nf_nat|nf_conntrack_\w+|nft_(?:ct|nat|masq|redir|chain_nat|flow_offload)|xt_(?:conntrack|state|nat|MASQUERADE|CT|connmark|connlimit|connbytes|helper)|ip6?table_nat|ip_vs\w*|openvswitch|act_ct)$/;

/** Modules that keys hang on. */
export const KEYS_MODULES: readonly string[] = [...new Set(BY_PREFIX.map(([, module]) => module))];

/** The kernel takes `-` and `_` in a module's name for the same. */
export function moduleName(written: string): string {
  return written.replaceAll('-', '_');
}

/** Whether loading the one module loads the other. */
export function loads(loaded: string, wanted: string): boolean {
  return loaded === wanted || (wanted === 'nf_conntrack' && WITH_CONNTRACK.test(loaded));
}
