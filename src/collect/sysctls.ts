import { type Fact, mapFact, thenFact, unknown } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import { CATALOGUE, catalogueEntry, isAlwaysRead } from '../sysctl/catalogue.ts';
import { keyToProcPath, type SysctlKey } from '../sysctl/key.ts';
import type { UnseenLog } from './unseen.ts';

/** Every network namespace of every kernel since 3.10 has it. */
const ALWAYS_THERE = 'net.core.somaxconn';
const ALWAYS_READ: readonly SysctlKey[] = CATALOGUE.map(({ key }) => key).filter(isAlwaysRead);

const READABLE_BY_OTHERS = 0o044;
const NOT_COLLECTED = unknown('not-collected', 'only root may read it');

/** The live values of the catalogue's keys that every audit reads, and of those that somebody names. */
export function collectSysctls(
  reader: HostReader,
  named: ReadonlySet<SysctlKey>,
  unseen: UnseenLog,
): Record<SysctlKey, Fact<string>> {
  const keys = new Set([...ALWAYS_READ, ...named]);
  const values = [...keys].map((key) => [key, readSysctl(reader, key)] as const);
  reportUnread(values, unseen);
  return Object.fromEntries(values);
}

/** A key that is absent is one that this kernel lacks, unless they all are. */
function reportUnread(values: readonly (readonly [SysctlKey, Fact<string>])[], unseen: UnseenLog): void {
  if (values.every(([, fact]) => !fact.ok && fact.why === 'absent')) {
    unseen.add('live values of sysctls', '/proc/sys holds none of them');
  } else if (values.some(([key, fact]) => key === ALWAYS_THERE && !fact.ok && fact.why === 'absent')) {
    unseen.add('live values of sysctls', `${keyToProcPath(ALWAYS_THERE)} is not there: something hides it`);
  }
  const unread = values.filter(([, fact]) => !fact.ok && (fact.why === 'denied' || fact.why === 'malformed'));
  const [first] = unread;
  if (first === undefined || first[1].ok) return;
  unseen.add(unread.length === 1 ? first[0] : `${unread.length} sysctls, such as ${first[0]}`, first[1]);
}

/**
 * Of the keys that somebody names, what only root may read is a secret (tcp_fastopen_key) or may be one, and is not
 * opened; those of the catalogue are none, and others than root cannot open them.
 */
function readSysctl(reader: HostReader, key: SysctlKey): Fact<string> {
  const path = keyToProcPath(key);
  return thenFact(reader.lstat(path), ({ kind, mode }) => {
    if (kind !== 'file') return unknown('malformed', `not a variable but a ${kind}`);
    const isForRoot = (mode & READABLE_BY_OTHERS) === 0;
    if (isForRoot && catalogueEntry(key) === undefined) return NOT_COLLECTED;
    const value = mapFact(reader.readText(path), (text) => text.replace(/\n$/, ''));
    const isRefused = !value.ok && value.why === 'denied';
    return isForRoot && isRefused && !isAlwaysRead(key) ? NOT_COLLECTED : value;
  });
}
