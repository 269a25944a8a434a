import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseKey, procPathToKey } from '../../sysctl/key.ts';
import { expandGlob } from '../backlog/glob.ts';
import { scriptLines } from './script-lines.ts';
import { type Common, LONGEST_LINE, loadedFrom, type WriterSources, writer } from './sources.ts';

type Setting = { readonly key: string; readonly value: string | null };

/**
 * What one line of a script does to sysctls. `loads` are files that sysctl(8) is told to apply, or patterns for them;
 * `system`: it applies all sysctl files.
 */
type Command = {
  readonly settings: readonly Setting[];
  readonly loads: readonly string[];
  readonly system: boolean;
};

const NOTHING: Command = { settings: [], loads: [], system: false };

const SYSCTL_CONF = '/etc/sysctl.conf';

/** Words of a shell's command line, quotes taken off; an unquoted `#` begins a comment. */
function wordsOf(text: string): readonly string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith('#'));
  return (comment < 0 ? words : words.slice(0, comment)).map((word) => word.replace(/["']/g, ''));
}

/** A value that only the shell knows is none that we know. */
function literal(value: string): string | null {
  return /[$`]/.test(value) ? null : value;
}

function assigned(word: string): readonly Setting[] {
  const equals = word.indexOf('=');
  const key = parseKey(word.slice(0, equals));
  return equals > 0 && key.ok ? [{ key: key.key, value: literal(word.slice(equals + 1)) }] : [];
}

/** The arguments of sysctl(8): options anywhere, `-p` with the file behind it or glued to it. */
function sysctlCommand(words: readonly string[]): Command {
  const settings: Setting[] = [];
  const loads: string[] = [];
  let isLoading = false;
  let system = false;
  for (const word of words) {
    const load = /^(?:-[a-oq-zA-Z]*p|--load=?)(.*)$/.exec(word);
    if (load !== null) {
      isLoading = true;
      if (load[1]?.startsWith('/')) loads.push(load[1]);
    } else if (word === '--system') system = true;
    else if (!word.startsWith('-') && isLoading && word.startsWith('/')) loads.push(word);
    else if (!word.startsWith('-')) settings.push(...assigned(word));
  }
  return { settings, loads: isLoading && loads.length === 0 ? [SYSCTL_CONF] : loads, system };
}

/** printf(1) with `%s` and `%d` alone; null for other formats, and for more words than they take. */
function formatted([format = '', ...words]: readonly string[]): string | null {
  const rest = [...words];
  const text = format.replace(/\\n$/, '').replace(/%[sd]/g, () => rest.shift() ?? '');
  return rest.length > 0 || /[%\\]/.test(text) ? null : text;
}

/** `echo 1 > /proc/sys/net/ipv4/ip_forward`, also through tee(1). */
function redirected(words: readonly string[]): readonly Setting[] {
  const at = words.findIndex((word) => /^>{0,2}\/proc\/sys\//.test(word));
  const echo = words.findIndex((word) => word === 'echo' || word === 'printf');
  if (echo < 0 || at < echo) return [];
  const [target = ''] = words.slice(at);
  const end = words.findIndex((word, index) => index > echo && /^(?:>|\|)/.test(word));
  const isWritten =
    target.startsWith('>') || /^>{1,2}$/.test(words[at - 1] ?? '') || words.slice(end, at).includes('tee');
  const key = procPathToKey(target.replace(/^>+/, ''));
  if (end < 0 || !isWritten || !key.ok) return [];
  const said = words.slice(echo + 1, end).filter((word) => !/^-[neE]+$/.test(word));
  const value = words[echo] === 'printf' ? formatted(said) : said.join(' ').replace(/\\n$/, '');
  return [{ key: key.key, value: value === null ? null : literal(value) }];
}

/** Most files say nothing of sysctls, and need not be taken to pieces. */
export function mentionsSysctls(text: string): boolean {
  return text.includes('sysctl') || text.includes('/proc/sys/');
}

/** What a line of a script sets, as far as it can be told without a shell. */
export function commandsIn(line: string): Command {
  if (line.length > LONGEST_LINE || !mentionsSysctls(line)) return NOTHING;
  const parts = line.split(/&&|\|\||;|\n/).map((part) => {
    const words = wordsOf(part);
    const at = words.findIndex((word) => /^(?:\S*\/)?sysctl$/.test(word));
    const end = words.findIndex((word, index) => index > at && /^(?:\d?>|\|)/.test(word));
    const command = at < 0 ? NOTHING : sysctlCommand(words.slice(at + 1, end < 0 ? undefined : end));
    return { ...command, settings: [...command.settings, ...redirected(words)] };
  });
  return {
    settings: parts.flatMap((each) => each.settings),
    loads: parts.flatMap((each) => each.loads),
    system: parts.some((each) => each.system),
  };
}

const MOST_FILES = 50;

/** sysctl(8) opens what it is told through glob(3), if the shell has left it anything to expand. */
function filesOf(pattern: string, { reader }: Pick<WriterSources, 'reader'>): readonly string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  return valueOr(
    expandGlob((path) => reader.list(path), pattern, MOST_FILES),
    [],
  );
}

/**
 * A load of a whole file writes each of its lines, which are then what sets the value; one of all sysctl files is
 * told by itself, for what they are is known better elsewhere.
 */
export function writersIn(
  line: string,
  common: Common,
  sources: Pick<WriterSources, 'text' | 'sysctlReading' | 'reader'>,
): readonly OtherWriter[] {
  const { settings, loads, system } = commandsIn(line);
  return [
    ...settings.map(({ key, value }) => writer(common, key, value)),
    ...loads
      .flatMap((each) => filesOf(each, sources))
      .flatMap((file) => loadedFrom(sources.text(file) ?? '', { ...common, file }, sources)),
    ...(system ? [writer({ ...common, how: 'rerun' }, '*', null)] : []),
  ];
}

/**
 * What a script sets.
 * @param common `sure` where the script itself is certain to be run
 */
export function scriptWriters(
  text: string,
  common: Common,
  sources: Pick<WriterSources, 'text' | 'sysctlReading' | 'reader'>,
): readonly OtherWriter[] {
  if (!mentionsSysctls(text)) return [];
  return scriptLines(text).flatMap(({ text: content, line, sure }) =>
    writersIn(content, { ...common, line, sure: common.sure && sure }, sources),
  );
}
