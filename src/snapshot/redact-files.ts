import { compareInByteOrder, linkDestination } from '../core/paths.ts';
import { DROP_IN_MARK, DROP_IN_NAME } from '../sysctl/own-drop-in.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { redactKey } from './redact-key.ts';
import type { SysctlFile } from './sysctl-file.ts';

/** Paths that every host may have. */
const KEPT_PATHS: ReadonlySet<string> = new Set([
  '/etc/sysctl.conf',
  '/etc/ufw/sysctl.conf',
  '/etc/default/ufw',
  '/etc/ufw/ufw.conf',
  '/dev/null',
]);
const DIRECTORY = /^((?:\/etc|\/run|\/usr\/local\/lib|\/usr\/lib|\/lib)\/sysctl\.d)\/([^/]+)$/;

/**
 * New names for the files of the sysctl.d directories. Loaders go by directory, by the order of names and by equal
 * names, so equal names stay equal and the order stays as it is.
 */
export function renamedFiles(files: readonly SysctlFile[]): ReadonlyMap<string, string> {
  const names = new Set(files.flatMap(({ path }) => DIRECTORY.exec(path)?.[2] ?? []));
  const sorted = [...names].sort(compareInByteOrder);
  const friendly = sorted.map((name, index) => [name, keepingPrefix(name, index)] as const);
  const ordered = friendly.every(
    ([, now], index) => index === 0 || compareInByteOrder(friendly[index - 1]?.[1] ?? '', now) < 0,
  );
  return new Map(ordered ? friendly : sorted.map((name, index) => [name, `${rank(index)}${suffixOf(name)}`]));
}

/** `60-acme.conf` becomes `60-z0003.conf`: around our drop-in's usual name, which stays, `a` is before it and `z` behind it. */
function keepingPrefix(name: string, index: number): string {
  if (name === DROP_IN_NAME) return name;
  const prefix = /^[^0-9A-Za-z]{0,1}\d{0,4}[-_.]?/.exec(name)?.[0] ?? '';
  return `${prefix}${compareInByteOrder(name, DROP_IN_NAME) < 0 ? 'a' : 'z'}${rank(index)}${suffixOf(name)}`;
}

function rank(index: number): string {
  return String(index).padStart(5, '0');
}

function suffixOf(name: string): string {
  return name.endsWith('.conf') ? '.conf' : '';
}

export type RedactPath = (path: string) => string;

export function pathRedactor(renamed: ReadonlyMap<string, string>, names: Pseudonyms): RedactPath {
  return (path) => {
    const [, directory, name = ''] = DIRECTORY.exec(path) ?? [];
    const now = renamed.get(name);
    if (directory !== undefined && now !== undefined) return `${directory}/${now}`;
    return KEPT_PATHS.has(path) ? path : `/${names.of('path', path)}`;
  };
}

export function redactFile(file: SysctlFile, redactPath: RedactPath, names: Pseudonyms): SysctlFile {
  const { base64, target, text, ...rest } = file;
  return {
    ...rest,
    path: redactPath(file.path),
    ...(target === undefined ? {} : { target: redactPath(linkDestination(target, file.path)) }),
    ...(text === undefined ? {} : { text: redactLines(text, names) }),
    ...(base64 === undefined ? {} : { base64: redactBytes(base64, names) }),
  };
}

/** One character a byte: what is no UTF-8 has lines all the same. */
function redactBytes(base64: string, names: Pseudonyms): string {
  const lines = redactLines(Buffer.from(base64, 'base64').toString('latin1'), names);
  return Buffer.from(lines, 'latin1').toString('base64');
}

/** Line ends stay, so that line numbers stay. */
function redactLines(text: string, names: Pseudonyms): string {
  return text
    .split(/(\r\n|[\r\n\0])/)
    .map((part, index) => (index % 2 === 1 ? part : redactLine(part, names)))
    .join('');
}

/** Of lines and values without blanks around them: each step of an expression then has one way to go. */
const ASSIGNMENT = /^(-{0,2}\s*[\w./*?[\]{}!,][\w./*?[\]{}!,-]*\s*=\s*)(.*)$/;
const EXCLUSION = /^-[\w./*?[\]{}!,-]+$/;

/** A comment keeps its mark, an assignment its key, and what no loader understands stays something of that sort. */
function redactLine(line: string, names: Pseudonyms): string {
  const said = line.trim();
  const before = line.slice(0, line.length - line.trimStart().length);
  const behind = line.slice(line.trimEnd().length);
  // Our own drop-in is known by it, whatever its name was.
  if (line === DROP_IN_MARK) return line;
  if (/^[#;]/.test(said)) return `${before}${said.charAt(0)}`;
  if (said === '') return line;
  if (EXCLUSION.test(said)) return `${before}${redactHead(said, names)}${behind}`;
  const [, head, value = ''] = ASSIGNMENT.exec(said) ?? [];
  if (head === undefined) return names.of('line', line);
  const key = head.replace(/[\s=-]/g, '').replaceAll('/', '.');
  return `${before}${redactHead(head, names)}${redactValue(key, value, names)}${behind}`;
}

/** The key in what stands before a value: dashes in front of it, blanks and `=` behind. */
function redactHead(head: string, names: Pseudonyms): string {
  const [, dashes = '', key = '', rest = ''] = /^(-{0,2}\s*)([^\s=]*)(.*)$/s.exec(head) ?? [];
  return `${dashes}${redactKey(key, names)}${rest}`;
}

/** Numbers, and names of algorithms; a comment behind them is text that the kernel is handed. */
const PLAIN_VALUE = /^(?:[\d\s,+xA-Fa-f-]*|[a-z][a-z0-9_]{0,19})$/;
const NAMES_OF_THE_HOST = /^kernel\.(?:hostname|domainname)$/;

export function redactValue(key: string, value: string, names: Pseudonyms): string {
  const [, before = value, behind = ''] = /^(.*?)(\s[#;].*)$/s.exec(value) ?? [];
  const plain = PLAIN_VALUE.test(before) && !NAMES_OF_THE_HOST.test(key);
  return `${plain ? before : names.of('value', before)}${behind === '' ? '' : ' #'}`;
}
