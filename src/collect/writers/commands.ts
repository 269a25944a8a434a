import { baseName } from '../../core/paths.ts';
import { parseKey } from '../../sysctl/key.ts';
import { reachOf, strangerAt } from './runners.ts';
import { type SimpleCommand, type Statement, statementsOf } from './shell-statements.ts';
import type { Body } from './shell-tokens.ts';

type Act =
  /** A key with `*` for each part, and a value of null, that only the shell knows. */
  | { readonly kind: 'set'; readonly key: string; readonly value: string | null }
  /** sysctl(8) applies a file, or those that a pattern stands for; null where nobody can tell which. */
  | { readonly kind: 'load'; readonly file: string | null }
  | { readonly kind: 'load-text'; readonly body: Body }
  /** All sysctl files are applied. */
  | { readonly kind: 'system' }
  /** A script is run; `isRead` where a shell reads it, whether it may be executed or not. */
  | { readonly kind: 'run'; readonly file: string; readonly isRead: boolean };

/**
 * What a command does to sysctls. `sure` where it is run, and here, whenever what it stands in is; `isOtherNamespace`
 * where it is run in another network namespace.
 */
export type Command = Act & {
  readonly line: number;
  readonly sure: boolean;
  readonly isOtherNamespace: boolean;
};

const SYSCTL_CONF = '/etc/sysctl.conf';

/** A value that only the shell knows is none that we know. */
function literal(value: string | null): string | null {
  return value === null || /[$`]/.test(value) ? null : value;
}

/** Stands for a part of a key that may be any while the key is read, for a pattern is none yet. */
export const ANY_NAME = 'ANYNAME';

/** Names that only the shell knows may be any. */
function keyOf(written: string): string | null {
  const pattern = written.replace(/\$(?:\w+|\{\w+\})/g, ANY_NAME);
  if (/[$`]/.test(pattern)) return '*';
  const parsed = parseKey(pattern);
  return parsed.ok ? parsed.key.replaceAll(ANY_NAME, '*') : null;
}

function assigned(word: string): readonly Act[] {
  const equals = word.indexOf('=');
  const key = equals > 0 ? keyOf(word.slice(0, equals)) : null;
  return key === null ? [] : [{ kind: 'set', key, value: literal(word.slice(equals + 1)) }];
}

/** A relative path hangs on the directory in which the script is by then. */
function loaded(file: string): Act {
  return { kind: 'load', file: file.startsWith('/') ? literal(file) : null };
}

type Operands = {
  readonly isLoading: boolean;
  readonly isSystem: boolean;
  readonly isIdle: boolean;
  readonly words: readonly string[];
};

const LOAD = /^(?:-[a-zA-Z]*?p|--load=?)(.*)$|^-[a-zA-Z]*f[a-zA-Z]*$/;
const SELECT = /^(?:-[a-zA-Z]*r|--pattern)$/;

/** The arguments of sysctl(8): options anywhere, `-p` with the file glued to it, and `-f`, which is its other name. */
function operandsOf(words: readonly string[]): Operands {
  const operands: string[] = [];
  let isLoading = false;
  for (const [index, word] of words.entries()) {
    const load = LOAD.exec(word);
    if (load !== null) {
      isLoading = true;
      if (load[1] !== undefined && load[1] !== '') operands.push(load[1]);
    } else if (word === '-' || (!word.startsWith('-') && !SELECT.test(words[index - 1] ?? '')))
      operands.push(word);
  }
  return {
    isLoading,
    isSystem: words.includes('--system'),
    isIdle: words.includes('--dry-run'),
    words: operands,
  };
}

/** @param input what it finds on its standard input; null where nobody can tell */
function sysctlActs(words: readonly string[], input: Body | null): readonly Act[] {
  const { isLoading, isSystem, isIdle, words: operands } = operandsOf(words);
  if (isIdle) return [];
  if (isSystem) return [{ kind: 'system' }];
  if (!isLoading) return operands.flatMap(assigned);
  return (operands.length === 0 ? [SYSCTL_CONF] : operands).map((file) =>
    /^(?:-|\/dev\/stdin)$/.test(file) && input !== null ? { kind: 'load-text', body: input } : loaded(file),
  );
}

/** printf(1) with `%s` and `%d` alone; null for other formats, and for more words than they take. */
function formatted([format = '', ...words]: readonly string[]): string | null {
  const rest = [...words];
  const text = format.replace(/\\n$/, '').replace(/%[sd]/g, () => rest.shift() ?? '');
  return rest.length > 0 || /[%\\]/.test(text) ? null : text;
}

/** What a here-document gives to cat(1), as that gives it on. */
function copied({ words, redirects }: SimpleCommand): Body | null {
  return words.join(' ') === 'cat' ? (redirects.findLast(({ body }) => body !== null)?.body ?? null) : null;
}

/** What a command says on its standard output; null where that cannot be told. */
function outputOf(command: SimpleCommand): string | null {
  const { words } = command;
  const at = words.findIndex((word) => /^(?:echo|printf)$/.test(baseName(word)));
  if (at < 0) return copied(command)?.text.trimEnd() ?? null;
  const said = words.slice(at + 1);
  if (baseName(words[at] ?? '') === 'printf') return formatted(said);
  const text = said.filter((word) => !/^-[neE]+$/.test(word)).join(' ');
  return text.replace(/\\n$/, '');
}

/** What the command at `index` of a pipeline finds on its standard input; null where that cannot be told. */
function inputOf({ pipeline, line }: Statement, index: number): Body | null {
  const given = pipeline[index]?.redirects.findLast(({ operator }) => operator.startsWith('<'));
  if (given?.operator === '<<<') return { text: given.to, line, isLiteral: false };
  if (given !== undefined) return given.body;
  const before = pipeline[index - 1];
  if (before === undefined) return null;
  const text = outputOf(before);
  return copied(before) ?? (text === null ? null : { text, line, isLiteral: false });
}

function writes(path: string, value: string | null): readonly Act[] {
  const key = path.startsWith('/proc/sys/') ? keyOf(path.slice('/proc/sys/'.length)) : null;
  return key === null ? [] : [{ kind: 'set', key, value }];
}

/** `echo 1 > /proc/sys/net/ipv4/ip_forward` */
function redirectedActs(command: SimpleCommand): readonly Act[] {
  return command.redirects
    .filter(({ operator, descriptor }) => operator.startsWith('>') && /^1?$/.test(descriptor))
    .flatMap(({ to }) => writes(to, literal(outputOf(command))));
}

const KNOWN = /^(?:sysctl|tee|echo|printf|source|\.)$/;
const SHELL = /^(?:ba|da|a|k|z)?sh$/;
/**
 * Where scripts stand that an administrator wrote; those of packages are not looked into, and rc.local is by itself,
 * whatever starts it.
 */
const FOLLOWED = /^\/(?:usr\/local|opt|etc|root)\/[^$`*?[]+(?<!\/rc\.local)$/;

function runs(file: string | undefined, isRead: boolean): readonly Act[] {
  return file !== undefined && FOLLOWED.test(file) ? [{ kind: 'run', file, isRead }] : [];
}

/** Where the program stands among the words, behind those that run it. */
function programAt(words: readonly string[]): number {
  const first = strangerAt(words);
  return words.findIndex((word, index) => {
    const name = baseName(word);
    return KNOWN.test(name) || SHELL.test(name) || (index === first && FOLLOWED.test(word));
  });
}

function shellActs(words: readonly string[], nesting: number): readonly (Command | Act)[] {
  const option = words.findIndex((word) => /^-\w*c$/.test(word));
  if (option >= 0) return nesting > 0 ? commandsIn(words[option + 1] ?? '', nesting - 1) : [];
  const script = words.find((word) => !word.startsWith('-'));
  return runs(script, true);
}

/** How many shells deep a command may be quoted. */
const MOST_NESTED = 3;

/** What the program at `at` does, as far as it is known. */
function actsOf(
  statement: Statement,
  index: number,
  at: number,
  nesting: number,
): readonly (Command | Act)[] {
  const words = statement.pipeline[index]?.words ?? [];
  const [program = '', ...rest] = words.slice(at);
  const name = baseName(program);
  if (SHELL.test(name)) return shellActs(rest, nesting);
  switch (name) {
    case 'sysctl':
      return sysctlActs(rest, inputOf(statement, index));
    case 'tee': {
      const value = literal(inputOf(statement, index)?.text.trimEnd() ?? null);
      return rest.flatMap((path) => writes(path, value));
    }
    case '.':
    case 'source':
      return runs(rest[0], true);
    default:
      return runs(program, false);
  }
}

function ofCommand(statement: Statement, index: number, nesting: number): readonly Command[] {
  const command = statement.pipeline[index];
  if (command === undefined) return [];
  const { line, sure } = statement;
  const written = redirectedActs(command).map((act) => ({ ...act, line, sure, isOtherNamespace: false }));
  const at = programAt(command.words);
  const reach = reachOf(command.words.slice(0, Math.max(at, 0)));
  if (at < 0 || reach === 'elsewhere') return written;
  const found = actsOf(statement, index, at, nesting).filter(
    ({ kind }) => kind !== 'run' || reach === 'here',
  );
  const acts = found.map((act) => ({
    ...act,
    line,
    sure: sure && reach === 'here' && (!('sure' in act) || act.sure),
    isOtherNamespace: reach === 'other-namespace' || ('sure' in act && act.isOtherNamespace),
  }));
  return [...acts, ...written];
}

/** Most files say nothing of sysctls, and need not be taken to pieces. */
export function mentionsSysctls(text: string): boolean {
  return text.includes('sysctl') || text.includes('/proc/sys/');
}

/** Whether a command may set something itself, or by a script that is followed. */
export function isOfInterest(command: string): boolean {
  return mentionsSysctls(command) || /\/(?:usr\/local|opt|etc|root)\//.test(command);
}

/** What a script does to sysctls, and which scripts it runs, as far as it can be told without a shell. */
export function commandsIn(text: string, nesting = MOST_NESTED): readonly Command[] {
  return statementsOf(text).flatMap((statement) =>
    statement.pipeline.flatMap((_, index) => ofCommand(statement, index, nesting)),
  );
}
