import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { bootValue, type Pattern, type Reading } from './boot-value.ts';
import { expandedAttempts, type Inventory } from './expand.ts';
import { globMatcher } from './glob.ts';
import type { LoaderTraits } from './loader-traits.ts';
import { type FileOrder, orderFiles } from './order.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Attempt, FileUse, LoaderMessage, Resolution } from './resolution.ts';
import { openFile, readSettings, type Setting } from './settings.ts';

type Pass = {
  readonly settings: readonly Setting[];
  readonly messages: readonly LoaderMessage[];
  readonly unseen: Reading['unseen'];
  readonly blocking: string | null;
};

/** Reads files one after the other as the loader would, or would if it read them. */
function readAll(files: readonly SysctlFile[], traits: LoaderTraits): Pass {
  const settings: Setting[] = [];
  const messages: LoaderMessage[] = [];
  let unseen: Reading['unseen'] = null;
  let blocking: string | null = null;
  for (const file of files) {
    const { content, state, message } = openFile(file, traits);
    const read = readSettings(content, file.path, settings.length, traits);
    for (const setting of read.settings) settings.push(setting);
    if (message !== null) messages.push(message);
    for (const each of read.messages) messages.push(each);
    if (state === 'unseen') unseen = { file: file.path, order: settings.length };
    if (state === 'blocks') blocking ??= file.path;
  }
  return { settings, messages, unseen, blocking };
}

function byKey(settings: readonly Setting[]): ReadonlyMap<SysctlKey, readonly Setting[]> {
  const lines = new Map<SysctlKey, Setting[]>();
  for (const setting of settings) {
    if (setting.kind === 'exclusion' || setting.key === null) continue;
    const standing = lines.get(setting.key);
    if (standing === undefined) lines.set(setting.key, [setting]);
    else standing.push(setting);
  }
  return lines;
}

function attemptsOf(
  outcome: Outcome,
  traits: LoaderTraits,
  inventory: Inventory | undefined,
): readonly Attempt[] {
  if (inventory !== undefined) return expandedAttempts(outcome, traits, inventory);
  return outcome.written.flatMap(({ key, value, file, line, ignoreFailure }) =>
    key === null ? [] : [{ key, value, file, line, ignoreFailure }],
  );
}

function distinctLines(settings: readonly Setting[]) {
  const distinct = new Map(
    settings.map(({ file, line, value }) => [`${file}\0${line}`, { file, line, value }]),
  );
  return [...distinct.values()];
}

function patternsOf(settings: readonly Setting[], { globs }: LoaderTraits): readonly Pattern[] {
  return settings.map((setting) => ({
    setting,
    matches: globMatcher(setting.path, { braces: globs?.braces ?? false }),
  }));
}

type Read = Omit<Reading, 'volatile'> & Pick<Resolution, 'lines' | 'files' | 'messages'>;

function usesOf({ opened, masked, notRead }: FileOrder): readonly FileUse[] {
  const uses = (files: readonly SysctlFile[], use: FileUse['use']) =>
    files.map(({ path }) => [path, { path, use }] as const);
  return [
    ...new Map([...uses(opened, 'read'), ...uses(masked, 'masked'), ...uses(notRead, 'not-read')]).values(),
  ];
}

function readingOf(files: readonly SysctlFile[], traits: LoaderTraits): Read {
  const order = orderFiles(files, traits);
  const opened = readAll(order.opened, traits);
  const outcome = outcomeOf(opened.settings, traits);
  return {
    outcome,
    patterns: patternsOf(outcome.patterns, traits),
    read: byKey(opened.settings),
    masked: byKey(readAll(order.masked, traits).settings),
    notRead: byKey(readAll(order.notRead, traits).settings),
    unseen: opened.unseen,
    blocking: opened.blocking,
    lines: opened.settings,
    files: usesOf(order),
    messages: [...order.messages, ...opened.messages],
  };
}

export type ResolveOptions = {
  /**
   * Whether boot values are those after the next boot of a running host: it empties /run, so that the files in it
   * neither count nor mask others.
   */
  readonly boot?: boolean;
  /** What patterns are expanded against; without it they are not expanded. */
  readonly inventory?: Inventory;
};

function isVolatile({ path }: SysctlFile): boolean {
  return path.startsWith('/run/');
}

function bootReading(now: Read, files: readonly SysctlFile[], traits: LoaderTraits): Reading {
  const volatile = files.filter(isVolatile);
  if (volatile.length === 0) return { ...now, volatile: new Map() };
  const lasting = files.filter((file) => !isVolatile(file));
  return { ...readingOf(lasting, traits), volatile: byKey(readAll(volatile, traits).settings) };
}

/**
 * What the loader makes of the sysctl files. Without an inventory patterns are not expanded: a key that only a pattern
 * may reach has an unknown boot value, and `attempts` holds the keys that are named.
 */
export function resolve(
  files: readonly SysctlFile[],
  traits: LoaderTraits,
  { boot = false, inventory }: ResolveOptions = {},
): Resolution {
  const now = readingOf(files, traits);
  const reading = boot ? bootReading(now, files, traits) : { ...now, volatile: new Map() };
  const { read, masked, notRead, lines, files: uses, messages } = now;
  return {
    loader: traits.name,
    attempts: now.blocking === null ? attemptsOf(now.outcome, traits, inventory) : [],
    bootValue: (key) => bootValue(reading, key, inventory),
    linesOf: (key) => distinctLines([read, masked, notRead].flatMap((each) => each.get(key) ?? [])),
    lines,
    files: uses,
    messages,
  };
}
