import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { parseKey, type SysctlKey, swapSeparators } from '../sysctl/key.ts';

export type NamedKeys = {
  readonly keys: ReadonlySet<SysctlKey>;
  // Patterns as paths below /proc/sys, such as net/ipv4/conf/*/rp_filter.
  readonly patterns: ReadonlySet<string>;
};

/** A file may name any number; these are more than anybody writes by hand. */
const MOST_KEYS = 1_000;
const MOST_PATTERNS = 200;

/** `key = value` or `-key`; looser than any loader, for a key too many is one more value that nobody asks for. */
const NAMED_KEY = /^(?:-\s*)?([^\s#;=-][^\s=]*)\s*=|^-\s*([^\s#;=-][^\s=]*)$/;

/** PATH_MAX: no longer name leads anywhere. */
const LONGEST_NAME = 4096;

/** Every key and pattern that stands in a sysctl file, whether or not a loader would read the line. */
export function keysNamedIn(files: readonly SysctlFile[]): NamedKeys {
  const keys = new Set<SysctlKey>();
  const patterns = new Set<string>();
  const seen = new Set<string>();
  for (const { text } of files) {
    for (const line of text?.split(/[\n\r\0]/) ?? []) {
      const equals = line.indexOf('=');
      const saysWhich = equals === -1 ? line : line.slice(0, equals + 1);
      if (seen.has(saysWhich)) continue;
      seen.add(saysWhich);
      const match = NAMED_KEY.exec(saysWhich.trim());
      const name = match?.[1] ?? match?.[2] ?? '';
      if (name.length > LONGEST_NAME) continue;
      const parsed = parseKey(name);
      if (parsed.ok && keys.size < MOST_KEYS) keys.add(parsed.key);
      else if (/[*?[{]/.test(name) && patterns.size < MOST_PATTERNS) patterns.add(patternPath(name));
    }
  }
  return { keys, patterns };
}

/** Whichever separator comes first separates (sysctl.d(5)). */
function patternPath(name: string): string {
  const path = /[./]/.exec(name)?.[0] === '.' ? swapSeparators(name) : name;
  return path.replace(/^\/+/, '');
}
