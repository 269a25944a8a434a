import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { interfacePath } from '../sysctl/interface-keys.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';

/** bump_unix_max_dgram_qlen() in src/core/main.c of systemd, which no option of its build takes out. */
const FIRST_PROCESS: OtherWriter = {
  by: 'systemd',
  key: 'net.unix.max_dgram_qlen',
  value: '512',
  relation: 'at-least',
  file: '/usr/lib/systemd/systemd',
  when: 'before-loader',
  how: 'default',
  sure: true,
};

/** Of the interfaces only these are there for certain before a driver is loaded. */
const WITHOUT_A_DRIVER: ReadonlySet<string> = new Set(['all', 'default', 'lo']);

function isThere(key: SysctlKey, isLate: (key: SysctlKey) => boolean): boolean {
  const device = interfacePath(swapSeparators(key))?.device;
  return !isLate(key) && (device === undefined || WITHOUT_A_DRIVER.has(device));
}

/**
 * Who sets something before any loader runs, in that order: the kernel command line, which comes to nothing where the
 * key is not there yet, and the first process.
 * @param bySystemd whether that is systemd
 */
export function earlyWriters(
  { otherWriters = [] }: Snapshot,
  bySystemd: boolean,
  isLate: (key: SysctlKey) => boolean,
): readonly OtherWriter[] {
  const found = otherWriters.filter(({ when }) => when === 'before-loader');
  return [
    ...found.map((each) => (each.sure && !isThere(each.key, isLate) ? { ...each, sure: false } : each)),
    ...(bySystemd ? [FIRST_PROCESS] : []),
  ];
}
