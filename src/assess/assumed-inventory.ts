import type { KernelTraits } from '../model/kernel-traits.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { catalogueEntry } from '../sysctl/catalogue.ts';
import { interfacePath } from '../sysctl/interface-keys.ts';
import { type Inventory, inventoryOf } from '../sysctl/inventory.ts';
import { parseKey, type SysctlKey, swapSeparators } from '../sysctl/key.ts';

const MODE_OF_MOST = 0o644;

const OF_INTERFACES = /^net\/ipv[46]\/(?:conf|neigh)(?:\/|$)/;
const VARIABLE_OF_AN_INTERFACE = /^net\/ipv[46]\/(?:conf|neigh)\/[^/]+\/[^/]+$/;

/**
 * No kernel has a variable with the signs of a pattern in its name. Directories of interfaces hold variables and nothing
 * else, so that there is no net/ipv4/conf/eth0/1/rp_filter either.
 */
function isPossible(path: string): boolean {
  if (/[*?[\]{}]/.test(path)) return false;
  return !OF_INTERFACES.test(path) || VARIABLE_OF_AN_INTERFACE.test(path);
}

/** What every kernel with IPv4 has, and what stands beside what may be written. */
const OF_EVERY_KERNEL: readonly string[] = [
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/accept_redirects',
  ...['ratio', 'bytes', 'background_ratio', 'background_bytes'].map((each) => `vm/dirty_${each}`),
  'vm/overcommit_ratio',
  'vm/overcommit_kbytes',
];

/**
 * What the kernel may change along with a write: the same variables of all interfaces that are known.
 * @param named with those of interfaces that are not there
 */
function changedAlong(paths: readonly string[], named: readonly string[]): readonly string[] {
  const found = paths.flatMap((path) => interfacePath(path) ?? []);
  const asked = named.flatMap((path) => interfacePath(path) ?? []);
  const ofFamily = (family: 'ipv4' | 'ipv6') => {
    const own = found.filter((each) => each.family === family);
    const others = asked.filter((each) => each.family === family);
    const leaves = new Set(['forwarding', ...[...own, ...others].map(({ leaf }) => leaf)]);
    const devices = new Set(['all', 'default', ...own.map(({ device }) => device)]);
    return [...devices].flatMap((device) =>
      [...leaves].map((leaf) => `net/${family}/conf/${device}/${leaf}`),
    );
  };
  return [...OF_EVERY_KERNEL, ...ofFamily('ipv4'), ...ofFamily('ipv6')];
}

/**
 * What stands below /proc/sys where nobody has looked there, but for single keys: what sysctl files name, without what
 * is known to be absent, and what patterns are known to stand for.
 * @param named keys that sysctl files name, and others that are asked for
 */
export function assumedInventory(
  { sysctlFiles = [], globs = {}, namespaces }: Snapshot,
  { has }: KernelTraits,
  named: Iterable<SysctlKey>,
): Inventory {
  const asked = [...named];
  if (sysctlFiles.length === 0 && asked.length === 0) return inventoryOf([]);
  const sysctls = namespaces[0]?.sysctls ?? {};
  const isAbsent = (key: SysctlKey) => {
    const fact = Object.hasOwn(sysctls, key) ? sysctls[key] : undefined;
    return fact !== undefined && !fact.ok && fact.why === 'absent';
  };
  const isLacking = (key: SysctlKey) => {
    const entry = catalogueEntry(key);
    return entry !== undefined && has(entry) === 'no';
  };
  const keys = [...new Set([...Object.keys(sysctls), ...asked])].filter(
    (key) => parseKey(key).ok && !isAbsent(key) && !isLacking(key),
  );
  const paths = keys.map(swapSeparators).filter(isPossible);
  const matched = Object.values(globs).flat();
  const along = changedAlong([...paths, ...matched.map(([path]) => path)], asked.map(swapSeparators));
  return inventoryOf([
    ...[...along.filter((path) => !isAbsent(swapSeparators(path))), ...paths].map(
      (path) => [path, { kind: 'file', mode: MODE_OF_MOST }] as const,
    ),
    ...matched.map(([path, mode]) => [path, { kind: 'file', mode: Number.parseInt(mode, 8) }] as const),
  ]);
}
