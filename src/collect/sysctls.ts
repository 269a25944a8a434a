import { type Fact, mapFact, thenFact, unknown } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { CATALOGUE } from '../sysctl/catalogue.ts';
import { keyToProcPath, parseKey, type SysctlKey } from '../sysctl/key.ts';
import type { UnseenLog } from './unseen.ts';

/** A file may name any number of keys; these are more than anybody writes by hand. */
const MOST_NAMED_KEYS = 1_000;
const READABLE_BY_OTHERS = 0o044;

/** The live values of the catalogue's keys and of those that a sysctl file names one by one. */
export function collectSysctls(
  reader: HostReader,
  files: readonly SysctlFile[],
  unseen: UnseenLog,
): Record<SysctlKey, Fact<string>> {
  const keys = new Set([...CATALOGUE.map(({ key }) => key), ...keysNamedIn(files)]);
  const values = [...keys].map((key) => [key, readSysctl(reader, key)] as const);
  reportUnread(values, unseen);
  return Object.fromEntries(values);
}

/** A key that is absent is one that this kernel lacks, unless they all are. */
function reportUnread(values: readonly (readonly [SysctlKey, Fact<string>])[], unseen: UnseenLog): void {
  if (values.every(([, fact]) => !fact.ok && fact.why === 'absent')) {
    unseen.add('live values of sysctls', '/proc/sys holds none of them');
  }
  const unread = values.filter(([, fact]) => !fact.ok && (fact.why === 'denied' || fact.why === 'malformed'));
  const [first] = unread;
  if (first === undefined || first[1].ok) return;
  unseen.add(unread.length === 1 ? first[0] : `${unread.length} sysctls, such as ${first[0]}`, first[1]);
}

/** What only root may read is a secret (tcp_fastopen_key) or could become one, so it is not even opened. */
export function readSysctl(reader: HostReader, key: SysctlKey): Fact<string> {
  const path = keyToProcPath(key);
  return thenFact(reader.lstat(path), ({ kind, mode }) => {
    if (kind !== 'file') return unknown('malformed', `not a variable but a ${kind}`);
    if ((mode & READABLE_BY_OTHERS) === 0) return unknown('not-collected', 'only root may read it');
    return mapFact(reader.readText(path), (text) => text.replace(/\n$/, ''));
  });
}

/** Looser than any loader: a key too many is one more value that nobody asks for. */
const NAMED_KEY = /^\s*(?:-\s*)?([^\s#;=][^\s=]*)\s*(?:=|$)/;

function keysNamedIn(files: readonly SysctlFile[]): ReadonlySet<SysctlKey> {
  const keys = new Set<SysctlKey>();
  for (const { text } of files) {
    for (const line of text?.split(/[\n\r\0]/) ?? []) {
      const parsed = parseKey(NAMED_KEY.exec(line)?.[1] ?? '');
      if (parsed.ok && keys.size < MOST_NAMED_KEYS) keys.add(parsed.key);
    }
  }
  return keys;
}
