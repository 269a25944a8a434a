import type { OtherWriter, WriterTime } from '../snapshot/other-writer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { aliasOf } from '../sysctl/aliases.ts';
import { membersOf, sameSetting } from '../sysctl/catalogue.ts';
import { parseNumbers } from '../sysctl/codec.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { loads, moduleOf } from '../sysctl/modules.ts';
import { lazy, memoized } from './lazy.ts';
import { ciliumWriters, tunedReapplies, ufwWriters } from './sysctl-files-again.ts';

export type Writer = OtherWriter;

/** What a key ends up as, and who has the last word on it. */
export type Ending = { readonly value: string; readonly by: Writer };

/** Who sets sysctls besides the loader, by key. */
export type Writers = {
  /** All that touch the key, in the order in which they come; those that may, and those whose value is not known, too. */
  of(key: SysctlKey): readonly Writer[];
  /**
   * What is certain to stand once all have come, where that is another value than the loader sets; null where nobody
   * is known to change it.
   * @param boot what the loader sets; null where it sets nothing
   */
  ending(key: SysctlKey, boot: string | null): Ending | null;
  /** The keys that somebody is certain to set to a value that is known, patterns left out. */
  readonly keys: readonly SysctlKey[];
  /** The module that the key hangs on and that nothing loads before the loader runs; null where all is well, or not known. */
  lateModule(key: SysctlKey): string | null;
  /** Images of the initramfs with an older copy of the sysctl files. */
  readonly images: readonly string[];
};

const TIMES: readonly WriterTime[] = [
  'before-loader',
  'with-loader',
  'on-new-interface',
  'after-loader',
  'at-login',
  'at-times',
];

/** In which they come at one time of a boot, as a rule: a firewall before the network, what needs the network behind it. */
const ORDER: readonly Writer['by'][] = [
  'kernel-command-line',
  'initramfs',
  'cilium',
  'credential',
  'udev',
  'ufw',
  'systemd-networkd',
  'networkmanager',
  'tuned',
  'docker',
  'kubelet',
  'kube-proxy',
  'cloud-init',
  'unit',
  'rc-local',
  'login-shell',
  'cron',
];

/** Those of one manager stay as they are. */
function inOrder(writers: readonly Writer[]): readonly Writer[] {
  const place = ({ when, by }: Writer) => TIMES.indexOf(when) * ORDER.length + ORDER.indexOf(by);
  return [...writers].sort((a, b) => place(a) - place(b));
}

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

/** Those that name the key, under either of its names, and those with a pattern that it fits. */
function touching(writers: readonly Writer[]): (key: SysctlKey) => readonly Writer[] {
  const patterns = writers.filter(({ key }) => key.includes('*'));
  const named = new Map<SysctlKey, Writer[]>();
  for (const each of writers) named.set(each.key, [...(named.get(each.key) ?? []), each]);
  return (key) => [
    ...(named.get(key) ?? []),
    ...(named.get(aliasOf(key) ?? '') ?? []),
    ...patterns.filter((each) => matches(each.key, key)),
  ];
}

/** Whether the writer leaves the value as it stands. */
function leaves({ relation, value = '' }: OtherWriter, key: SysctlKey, standing: string): boolean {
  if (relation === 'exactly') return sameSetting(key, standing, value);
  const bounds = parseNumbers(value, membersOf(key)) ?? [];
  const numbers = parseNumbers(standing, membersOf(key)) ?? [];
  return numbers.every((each, index) => {
    const bound = bounds[index] ?? each;
    return relation === 'at-least' ? each >= bound : each <= bound;
  });
}

function changes({ when, sure, value }: OtherWriter): boolean {
  return sure && value !== undefined && when !== 'at-login';
}

function endingOf(key: SysctlKey, boot: string | null, writers: readonly OtherWriter[]): Ending | null {
  let standing: { readonly value: string; readonly by: OtherWriter | null } | null =
    boot === null ? null : { value: boot, by: null };
  for (const by of writers) {
    if (!changes(by) || by.value === undefined || (by.when === 'before-loader' && boot !== null)) continue;
    if (standing === null) standing = by.relation === 'exactly' ? { value: by.value, by } : null;
    else if (!leaves(by, key, standing.value)) standing = { value: by.value, by };
  }
  if (standing === null || standing.by === null) return null;
  return boot !== null && sameSetting(key, standing.value, boot)
    ? null
    : { value: standing.value, by: standing.by };
}

function lateModuleOf(key: SysctlKey, { modulesLoad, loadedModules, namespaces }: Snapshot): string | null {
  const module = moduleOf(key);
  if (module === null || modulesLoad === undefined || loadedModules === undefined) return null;
  if (modulesLoad.some((each) => loads(each.module, module))) return null;
  const live = namespaces[0]?.sysctls[key];
  // It is there although the module is not: then it is built in.
  return live?.ok === true && !loadedModules.includes(module) ? null : module;
}

/** @param files the sysctl files as they are, or as a plan would leave them */
export function writersOf(snapshot: Snapshot, files: readonly SysctlFile[]): Writers {
  const { otherWriters = [] } = snapshot;
  const isReapplying = ({ by, how }: OtherWriter) => by === 'tuned' && how === 'rerun';
  const all = lazy(() => [
    ...ciliumWriters(files),
    ...ufwWriters(files),
    ...otherWriters.filter((each) => !isReapplying(each)),
  ]);
  const found = lazy(() => touching(all()));
  const again = lazy(() =>
    otherWriters.some(isReapplying) ? tunedReapplies(files) : new Map<SysctlKey, Writer>(),
  );
  const of = memoized((key: SysctlKey) => {
    const reapplied = again().get(key);
    const others = found()(key);
    return inOrder(reapplied === undefined ? others : [...others, reapplied]);
  });
  return {
    of,
    ending: (key, boot) => endingOf(key, boot, of(key)),
    get keys() {
      const named = all().filter((each) => changes(each) && !each.key.includes('*'));
      return [...new Set([...named.map(({ key }) => key), ...again().keys()])];
    },
    lateModule: (key) => lateModuleOf(key, snapshot),
    get images() {
      return otherWriters.flatMap(({ how, file }) => (how === 'copy' ? [file] : []));
    },
  };
}
