/**
 * A key in dotted form, as every other part of the project passes it around: `net.core.somaxconn`,
 * `net.ipv4.conf.eth0/1.rp_filter` for the interface `eth0.1`. Dots separate; a slash stands for a dot inside a name.
 */
export type SysctlKey = string;

/** A path below /proc/sys as a message names it: what climbs, or is nothing, has no dotted form that one could look for. */
export function spelledKey(path: string): string {
  return path === '' || path.split('/').includes('..') ? path : swapSeparators(path);
}

export type ParsedKey =
  | { readonly ok: true; readonly key: SysctlKey }
  | { readonly ok: false; readonly why: string };

const PROC_SYS = '/proc/sys/';

/** Dots become slashes and slashes dots: turns the dotted form into the path below /proc/sys and back. */
export function swapSeparators(text: string): string {
  // Nearly every key has but one of the two, and large trees ask some hundred thousand times.
  if (!text.includes('/')) return text.replaceAll('.', '/');
  if (!text.includes('.')) return text.replaceAll('/', '.');
  return text.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/**
 * Reads a key the way sysctl.d(5) does: whichever of `.` and `/` comes first separates, the other one belongs to
 * the name. `net.ipv4.conf.eth0/1.rp_filter` and `net/ipv4/conf/eth0.1/rp_filter` are one key.
 */
export function parseKey(text: string): ParsedKey {
  if (text.startsWith(PROC_SYS)) {
    const inner = parseKey(text.slice(PROC_SYS.length - 1).replace(/^\/+/, ''));
    return refused(
      inner.ok
        ? `it is a path; the key is '${inner.key}'`
        : 'it is a path and not a key such as net.core.somaxconn',
    );
  }
  const separator = /[./]/.exec(text)?.[0];
  const key = separator === '/' ? swapSeparators(text) : text;
  const why = whyNotAKey(key);
  return why === null ? { ok: true, key } : refused(why);
}

function refused(why: string): ParsedKey {
  return { ok: false, why };
}

/** A key that passes can stand in a sysctl file as it is: nothing in it ends the key, comments it out or globs. */
function whyNotAKey(key: SysctlKey): string | null {
  if (key === '') return 'it is empty';
  if (/[\p{Cc}\p{Cs}]/u.test(key)) return 'it holds a control character';
  if (/\s/u.test(key)) return 'it holds a blank';
  if (key.includes('=')) return "it holds '='; give the key without a value";
  if (/[*?[\]]/.test(key)) return 'it is a pattern; give the key of one variable';
  if (!/^[A-Za-z0-9_]/.test(key)) return 'it does not begin with a letter or digit';
  const names = swapSeparators(key).split('/');
  if (names.includes('')) return 'two separators follow each other, or one ends it';
  if (names.includes('.') || names.includes('..')) return "it holds '.' or '..' as a name";
  return null;
}

/** The file of a key: `/proc/sys/net/ipv4/conf/eth0.1/rp_filter`. */
export function keyToProcPath(key: SysctlKey): string {
  return PROC_SYS + swapSeparators(key);
}

/** The key of a file below /proc/sys. */
export function procPathToKey(path: string): ParsedKey {
  if (!path.startsWith(PROC_SYS)) return refused(`it does not begin with ${PROC_SYS}`);
  const key = swapSeparators(path.slice(PROC_SYS.length));
  const why = whyNotAKey(key);
  return why === null ? { ok: true, key } : refused(why);
}
