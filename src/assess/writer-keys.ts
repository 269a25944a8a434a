import { groupBy } from '../core/group-by.ts';
import { causesOf } from '../resolve/side-effects.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import { interfacePath } from '../sysctl/interface-keys.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';

/** Templates, and never what a manager means by any interface. */
const NO_INTERFACE = new Set(['all', 'default']);

function namesMatch(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.at(-1) ?? '';
  return (
    !NO_INTERFACE.has(name) &&
    name.length >= head.length + tail.length &&
    name.startsWith(head) &&
    name.endsWith(tail)
  );
}

/** Part by part, so that `*` is one name; alone it is every key. */
function matches(pattern: string, key: SysctlKey): boolean {
  if (pattern === '*') return true;
  const [parts, names] = [pattern.split('.'), key.split('.')];
  return parts.length === names.length && parts.every((part, index) => namesMatch(part, names[index] ?? ''));
}

/** Whether the writer sets the key itself, and not another one that changes it along. */
export function names({ key: named }: OtherWriter, key: SysctlKey): boolean {
  return named.includes('*') ? matches(named, key) : named === key;
}

/**
 * A template reaches only interfaces that have no address yet: that of a firewall before the network, and of whoever
 * comes before the loader. Behind it none of them follows any more.
 */
function reachesInterfaces({ by, key, when }: OtherWriter): boolean {
  const isTemplate = interfacePath(swapSeparators(key))?.device === 'default';
  return !isTemplate || by === 'ufw' || when === 'before-loader';
}

/**
 * To these the loopback is no interface: link_is_configured_for_family() of networkd, and KERNEL!="lo" in udev's rule.
 */
const NOT_THE_LOOPBACK: ReadonlySet<OtherWriter['by']> = new Set([
  'systemd-networkd',
  'networkmanager',
  'udev',
]);

function isOfLoopback(key: SysctlKey): boolean {
  return interfacePath(swapSeparators(key))?.device === 'lo';
}

/** Those that name the key, those with a pattern that it fits, and those that set what changes it along. */
export function touching(writers: readonly OtherWriter[]): (key: SysctlKey) => readonly OtherWriter[] {
  const patterns = writers.filter(({ key }) => key.includes('*'));
  const named = groupBy(writers, ({ key }) => key);
  const causing = (key: SysctlKey) =>
    causesOf(swapSeparators(key))
      .flatMap((path) => named.get(swapSeparators(path)) ?? [])
      .filter(reachesInterfaces);
  return (key) => {
    const isReached = ({ by }: OtherWriter) => !NOT_THE_LOOPBACK.has(by);
    const own = [
      ...(named.get(key) ?? []),
      ...patterns.filter((each) => each.key !== key && matches(each.key, key)),
    ];
    return [...(isOfLoopback(key) ? own.filter(isReached) : own), ...causing(key)];
  };
}
