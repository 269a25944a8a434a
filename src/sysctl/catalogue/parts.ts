import type { CatalogueEntry, DefaultRule, Range, Scope, Since } from '../catalogue-entry.ts';
import { longestSeconds } from '../seconds-in-ticks.ts';

/** What the entries have in common. Versions below 3.10 are not described anywhere. */
const FIRST = '3.10';

export const INT_MAX = 2_147_483_647;
const INT_MIN = -2_147_483_648;

/** What proc_dointvec takes. */
export const ANY_INTEGER: Range = { min: INT_MIN, max: INT_MAX };
export const BYTE: Range = { min: 0, max: 255 };
export const ON_OR_OFF: Range = { min: 0, max: 1 };

/** What every kernel takes of those that it keeps in ticks; it also takes negative times, which nobody means. */
export const MAX_SECONDS = longestSeconds(null).taken;

export function always<T>(is: T): readonly Since<T>[] {
  return [{ since: FIRST, is }];
}

export function changed<T>(before: T, since: string, is: T): readonly Since<T>[] {
  return [
    { since: FIRST, is: before },
    { since, is },
  ];
}

/** A range with a bound above that is ours. */
export function ours({ min, max }: Range): Range {
  return { min, max, takesMore: true };
}

export const PER_NAMESPACE: readonly Since<Scope>[] = always('network-namespace');
export const GLOBAL: readonly Since<Scope>[] = always('global');
/** Outside net.: the same file in every network namespace. */
export const ONE_FOR_THE_HOST: readonly Since<Scope>[] = always('host');

/** Shared by the whole host before that version. */
export function perNamespaceSince(version: string): readonly Since<Scope>[] {
  return changed<Scope>('global', version, 'network-namespace');
}

/**
 * Switches and small counts became one byte wide in 5.13, which 5.10.178 took over; 5.4 never did. 5.11 and 5.12
 * are described one version too narrow.
 */
const BYTE_SINCE = '5.10.178';

export function byteRange(before: Range = ANY_INTEGER): readonly Since<Range>[] {
  return changed(before, BYTE_SINCE, BYTE);
}

/** The kernel took any integer before these were bytes; nobody means a negative one. */
export const NOT_NEGATIVE: Range = { min: 0, max: INT_MAX };

/** A negative number of retries gives up at once. */
export const RETRIES: readonly Since<Range>[] = byteRange(NOT_NEGATIVE);

export function fixed(value: string): readonly Since<DefaultRule>[] {
  return always<DefaultRule>({ kind: 'fixed', value });
}

export function fixedThen(before: string, since: string, value: string): readonly Since<DefaultRule>[] {
  return changed<DefaultRule>({ kind: 'fixed', value: before }, since, { kind: 'fixed', value });
}

/** Bytes that were later held to what means something, and any integer before they were bytes. */
export function switchSince(version: string): readonly Since<Range>[] {
  return [...byteRange(), { since: version, is: ON_OR_OFF }];
}

export const IP_SYSCTL = 'Documentation/networking/ip-sysctl.rst';
export const NET_SYSCTL = 'Documentation/admin-guide/sysctl/net.rst';
export const FS_SYSCTL = 'Documentation/admin-guide/sysctl/fs.rst';
export const VM_SYSCTL = 'Documentation/admin-guide/sysctl/vm.rst';
export const CONNTRACK_SYSCTL = 'Documentation/networking/nf_conntrack-sysctl.rst';

type Common = Pick<CatalogueEntry, 'shape' | 'newNamespace' | 'reversible' | 'coupled'>;

/** An integer that each new network namespace starts with the kernel's default of. */
export const INTEGER: Common = {
  shape: { kind: 'integer' },
  newNamespace: 'default',
  reversible: { is: true },
  coupled: [],
};

/** An integer of which the host has one. */
export const HOST_INTEGER: Common = { ...INTEGER, newNamespace: 'shared' };

/** The kernel takes more than 0 and 1 for most switches, and every other number as 1. */
export const SWITCH: Common & Pick<CatalogueEntry, 'unit' | 'oneOf'> = {
  ...INTEGER,
  unit: 'switch',
  oneOf: [0, 1],
};

/** A switch of which the host has one. */
export const HOST_SWITCH: typeof SWITCH = { ...SWITCH, newNamespace: 'shared' };

/**
 * Milliseconds that the kernel keeps as ticks of its clock, rounded up: what is a multiple of 20 comes back as it was
 * written at 100, 250, 300 and 1000 ticks a second.
 */
export const TICKS: Common & Pick<CatalogueEntry, 'unit' | 'multipleOf' | 'range'> = {
  ...INTEGER,
  unit: 'milliseconds',
  multipleOf: 20,
  range: always(ours({ min: 0, max: 2_147_483_640 })),
};

/** Entries whose live values no audit needs. */
export function onDemand(entries: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  return entries.map((entry) => ({ ...entry, readOnDemand: true }));
}
