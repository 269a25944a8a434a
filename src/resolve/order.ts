import { compareInByteOrder, linkDestination } from '../core/paths.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { SYSCTL_CREDENTIALS } from '../sysctl/credentials.ts';
import { globMatcher } from './glob.ts';
import type { LoaderTraits } from './loader-traits.ts';
import type { LoaderMessage } from './resolution.ts';

export type FileOrder = {
  /** What the loader opens, in its order; the same file twice where it does so. */
  readonly opened: readonly SysctlFile[];
  /** Files that another of the same name in a directory of higher priority hides. */
  readonly masked: readonly SysctlFile[];
  /** What lies beside: a wrong name, another loader's directory, /etc/sysctl.conf for a loader that passes it over. */
  readonly notRead: readonly SysctlFile[];
  readonly messages: readonly LoaderMessage[];
};

const MAIN_FILE = '/etc/sysctl.conf';

type Named = { readonly file: SysctlFile; readonly directory: string; readonly name: string };

function named(file: SysctlFile): Named {
  const slash = file.path.lastIndexOf('/');
  return { file, directory: file.path.slice(0, slash), name: file.path.slice(slash + 1) };
}

function isCandidate({ directory, name }: Named, traits: LoaderTraits): boolean {
  if (!traits.directories.includes(directory) || !name.endsWith('.conf')) return false;
  return traits.readsHidden || !name.startsWith('.');
}

/** Opening a path through glob(3): the names that match it in byte order, or itself where none does. */
function expandName(file: SysctlFile, beside: readonly Named[]): readonly SysctlFile[] {
  const { directory, name } = named(file);
  if (!/[*?[{]/.test(name)) return [file];
  const matches = globMatcher(name, { braces: true });
  const matching = beside
    .filter((other) => other.directory === directory && matches(other.name))
    .sort((a, b) => compareInByteOrder(a.name, b.name));
  return matching.length === 0 ? [file] : matching.map((other) => other.file);
}

/** procps reads it where stat(2) says that it is a regular file. */
function isRegular(file: SysctlFile): boolean {
  if (file.kind === 'link') return file.target !== '/dev/null';
  return file.kind === 'file' || file.kind === 'unreadable';
}

function winners(candidates: readonly Named[], traits: LoaderTraits): readonly Named[] {
  const rank = (directory: string) => traits.directories.indexOf(directory);
  const first = new Map<string, Named>();
  for (const each of candidates) {
    const standing = first.get(each.name);
    if (standing === undefined || rank(each.directory) < rank(standing.directory)) first.set(each.name, each);
  }
  return [...first.values()].sort((a, b) => compareInByteOrder(a.name, b.name));
}

function loopMessage({ path }: SysctlFile): LoaderMessage {
  return { file: path, severity: 'warning', message: 'is a link that leads to itself and is passed over' };
}

/** One that the unit loads comes before those of the stores, and one that it sets is for where there is no other. */
function credentialOf(files: readonly Named[]): readonly SysctlFile[] {
  const given = (how: SysctlFile['credential']) => files.filter(({ file }) => file.credential === how);
  const stored = SYSCTL_CREDENTIALS.flatMap((path) => files.find(({ file }) => file.path === path) ?? []);
  const found = [...given('loaded'), ...stored, ...given('set')];
  return found.slice(0, 1).map(({ file }) => file);
}

function openedFiles(
  inDirectories: readonly SysctlFile[],
  main: readonly SysctlFile[],
  credential: readonly SysctlFile[],
  { mainFile, needsMainFile }: LoaderTraits,
): readonly SysctlFile[] {
  if (needsMainFile && main.length === 0) return [];
  return [
    ...(mainFile === 'read-first' ? main : []),
    ...inDirectories,
    ...(mainFile === 'read-last' ? main : []),
    ...credential,
  ];
}

/** Whether it is meant for a loader at all: other managers have sysctl files of their own. */
function isLoadersFile({ file: { path, credential }, directory }: Named): boolean {
  if (path === MAIN_FILE || directory.endsWith('/sysctl.d')) return true;
  return credential !== undefined || SYSCTL_CREDENTIALS.includes(path);
}

/** Which of the files the loader opens, and in which order. */
export function orderFiles(files: readonly SysctlFile[], traits: LoaderTraits): FileOrder {
  const unique = [...new Map(files.map((file) => [file.path, file])).values()]
    .map(named)
    .filter(isLoadersFile);
  const candidates = unique.filter((each) => isCandidate(each, traits));
  const passedOver = traits.loopsMask ? [] : candidates.filter(({ file }) => file.kind === 'loop');
  const winning = winners(
    candidates.filter((each) => !passedOver.includes(each)),
    traits,
  ).map(({ file }) => file);
  const main = unique.map(({ file }) => file).filter((file) => file.path === MAIN_FILE && isRegular(file));
  const expanded = traits.expandsFileNames ? winning.flatMap((file) => expandName(file, unique)) : winning;
  const credential = traits.readsCredential ? credentialOf(unique) : [];
  const opened = openedFiles(expanded, main, credential, traits);

  const seen = new Set(
    opened.flatMap(({ path, target }) => [
      path,
      ...(target === undefined ? [] : [linkDestination(target, path)]),
    ]),
  );
  const unread = unique.filter(({ file }) => !seen.has(file.path));
  const isMasked = (each: Named) => isCandidate(each, traits) && !passedOver.includes(each);
  return {
    opened,
    masked: unread.filter(isMasked).map(({ file }) => file),
    notRead: unread.filter((each) => !isMasked(each)).map(({ file }) => file),
    messages: passedOver.map(({ file }) => loopMessage(file)),
  };
}
