import { groupBy } from '../core/group-by.ts';
import { isBelowRun } from '../core/paths.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { canonicalPath, type Inventory } from '../sysctl/inventory.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { type Candidate, candidatesOf, type Expansion, expansionIn, patternsByKey } from './expand.ts';
import { globMatcher } from './glob.ts';
import { lastWord, type OpenPattern, type Reading } from './last-word.ts';
import type { LoaderTraits } from './loader-traits.ts';
import { type FileOrder, orderFiles } from './order.ts';
import { outcomeOf } from './outcome.ts';
import { expansionBelow, isBelow } from './prefix.ts';
import type { Attempt, FileUse, LoaderMessage, Resolution } from './resolution.ts';
import { openFile, type Reader, reachedPath, readerWith, readSettings, type Setting } from './settings.ts';

type Pass = {
  readonly settings: readonly Setting[];
  readonly messages: readonly LoaderMessage[];
  readonly unseen: Reading['unseen'];
  readonly blocking: string | null;
};

/** Reads files one after the other as the loader would, or would if it read them. */
function readAll(files: readonly SysctlFile[], reader: Reader): Pass {
  const settings: Setting[] = [];
  const messages: LoaderMessage[] = [];
  let unseen: Reading['unseen'] = null;
  let blocking: string | null = null;
  for (const file of files) {
    const { content, state, message } = openFile(file, reader.traits);
    const read = readSettings(content, file.path, settings.length, reader);
    for (const setting of read.settings) settings.push(setting);
    if (message !== null) messages.push(message);
    for (const each of read.messages) messages.push(each);
    if (state === 'unseen') unseen = { file: file.path, order: settings.length };
    if (state === 'blocks') blocking ??= file.path;
  }
  return { settings, messages, unseen, blocking };
}

function byKey(settings: readonly Setting[]): ReadonlyMap<SysctlKey, readonly Setting[]> {
  return groupBy(settings, ({ kind, key }) => (kind === 'exclusion' ? null : key));
}

/**
 * systemd names a key as it has it; the others write to what it leads to. null where the loader does not come to write.
 */
function attemptOf(
  { path, line: { value, file, line, ignoreFailure } }: Candidate,
  { traits, inventory }: Reader,
): Attempt | null {
  const target = reachedPath(path, traits);
  const found = inventory === null ? target : canonicalPath(path, inventory);
  const named = traits.keys.spelling === 'cleaned' ? (target === null ? null : path) : (found ?? target);
  return named === null ? null : { key: swapSeparators(named), value, file, line, ignoreFailure };
}

function distinctLines(settings: readonly Setting[]) {
  const distinct = new Map(
    settings.map(({ file, line, value }) => [`${file}\0${line}`, { file, line, value }]),
  );
  return [...distinct.values()];
}

function openPatterns(
  patterns: readonly Setting[],
  { globs }: LoaderTraits,
  expand: Expansion,
): readonly OpenPattern[] {
  return patterns
    .filter(({ path }) => expand(path) === null)
    .map((setting) => ({
      setting,
      matches: globMatcher(setting.path, { braces: globs?.braces ?? false }),
    }));
}

/** The same few patterns may stand in very many lines. */
function byPath(settings: readonly Setting[]): ReadonlyMap<string, readonly Setting[]> {
  return groupBy(settings, ({ path }) => path);
}

/** The lines with patterns that a path fits, in their order. */
function matching(
  settings: readonly Setting[],
  kind: Setting['kind'],
  { globs }: LoaderTraits,
): (path: string) => readonly Setting[] {
  const lines = byPath(settings.filter((each) => each.isPattern && each.kind === kind));
  const patterns = [...lines].map(([pattern, each]) => ({
    lines: each,
    matches: globMatcher(pattern, { braces: globs?.braces ?? false }),
  }));
  return (path) =>
    patterns
      .flatMap((each) => (each.matches(path) ? each.lines : []))
      .sort((one, other) => one.order - other.order);
}

/** The last line that excludes the path. */
function exclusionIn(settings: readonly Setting[], traits: LoaderTraits): Reading['exclusionOf'] {
  const lines = byPath(settings.filter(({ kind }) => kind === 'exclusion'));
  const patterns = [...lines].flatMap(([path, each]) => {
    const last = each.at(-1);
    if (last?.isPattern !== true || traits.exclusion?.patterns !== true) return [];
    return [{ last, matches: globMatcher(path, { crossesSlash: true }) }];
  });
  return (path) =>
    patterns
      .flatMap(({ last, matches }) => (matches(path) ? [last] : []))
      .concat(lines.get(path)?.at(-1) ?? [])
      .reduce<Setting | null>((last, each) => (last === null || each.order > last.order ? each : last), null);
}

type Read = Omit<Reading, 'volatile'> & Pick<Resolution, 'lines' | 'files' | 'messages'>;

function usesOf({ opened, masked, notRead }: FileOrder): readonly FileUse[] {
  const uses = (files: readonly SysctlFile[], use: FileUse['use']) =>
    files.map(({ path }) => [path, { path, use }] as const);
  return [
    ...new Map([...uses(opened, 'read'), ...uses(masked, 'masked'), ...uses(notRead, 'not-read')]).values(),
  ];
}

/** Who reads, and how it expands patterns. */
type Means = { readonly reader: Reader; readonly expand: Expansion };

function readingOf(files: readonly SysctlFile[], { reader, expand }: Means): Read {
  const { traits } = reader;
  const order = orderFiles(files, traits);
  const opened = readAll(order.opened, reader);
  const outcome = outcomeOf(opened.settings, traits);
  return {
    outcome,
    openPatterns: openPatterns(outcome.patterns, traits, expand),
    expanded: patternsByKey(outcome, expand),
    patternsFor: matching(opened.settings, 'assignment', traits),
    exclusionOf: exclusionIn(opened.settings, traits),
    read: byKey(opened.settings),
    masked: byKey(readAll(order.masked, reader).settings),
    notRead: byKey(readAll(order.notRead, reader).settings),
    unseen: opened.unseen,
    blocking: opened.blocking,
    lines: opened.settings,
    files: usesOf(order),
    messages: [...order.messages, ...opened.messages],
  };
}

export type ResolveOptions = {
  /**
   * Whether the files are those of the next boot of a running host: it empties /run, so that the files in it neither
   * count nor mask others.
   */
  readonly boot?: boolean;
  /** What stands below /proc/sys: patterns are expanded against it. */
  readonly inventory?: Inventory;
  /** How patterns are expanded where there is no inventory; without either they are not. */
  readonly expand?: Expansion;
};

/** Credentials are delivered anew at each boot. */
function isVolatile({ path }: SysctlFile): boolean {
  return isBelowRun(path) && !path.startsWith('/run/credentials/');
}

type Whole = Reading & Pick<Read, 'lines' | 'files' | 'messages'>;

/** At a boot what lies below /run is not there yet. */
function bootReading(files: readonly SysctlFile[], means: Means): Whole {
  const volatile = files.filter(isVolatile);
  const lasting = volatile.length === 0 ? files : files.filter((file) => !isVolatile(file));
  return { ...readingOf(lasting, means), volatile: byKey(readAll(volatile, means.reader).settings) };
}

function meansOf(traits: LoaderTraits, { inventory, expand }: ResolveOptions): Means {
  return {
    reader: readerWith(traits, inventory ?? null),
    expand: inventory === undefined ? (expand ?? (() => null)) : expansionIn(inventory, traits),
  };
}

/** Of the lines in all, those of another part of /proc/sys are passed over first. */
function below(prefix: string, { outcome: { walked, shields }, blocking }: Reading, expand: Expansion) {
  if (blocking !== null) return [];
  const near = walked.filter(({ path, isPattern }) => isPattern || isBelow(path, prefix));
  return [...candidatesOf({ walked: near, shields }, expansionBelow(prefix, expand))].filter(({ path }) =>
    isBelow(path, prefix),
  );
}

/**
 * What the loader makes of the sysctl files. Where it is not known what a pattern stands for, a key that only it may
 * reach has an unknown boot value, and `attempts` holds the keys that are named.
 */
export function resolve(
  files: readonly SysctlFile[],
  traits: LoaderTraits,
  options: ResolveOptions = {},
): Resolution {
  const means = meansOf(traits, options);
  const reading: Whole =
    options.boot === true ? bootReading(files, means) : { ...readingOf(files, means), volatile: new Map() };
  const { read, masked, notRead, volatile } = reading;
  const candidates = reading.blocking === null ? candidatesOf(reading.outcome, means.expand) : [];
  return {
    loader: traits.name,
    // Who asks for the loader's run has no use for them, and there may be very many.
    get attempts() {
      return [...candidates].flatMap((each) => attemptOf(each, means.reader) ?? []);
    },
    candidates,
    candidatesBelow: (prefix) => below(prefix, reading, means.expand),
    lastWord: (key) => lastWord(reading, key),
    linesOf: (key) =>
      distinctLines([read, masked, notRead, volatile].flatMap((lines) => lines.get(key) ?? [])),
    keys: () =>
      new Set([read, masked, notRead, volatile, reading.expanded].flatMap((lines) => [...lines.keys()])),
    blocking: reading.blocking,
    lines: reading.lines,
    files: reading.files,
    messages: reading.messages,
  };
}
