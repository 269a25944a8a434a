import { type Fact, known, mapFact, type Unknown, unknown, valueOr } from '../../core/fact.ts';
import { baseName } from '../../core/paths.ts';
import type { HostReader } from '../../core/ports.ts';
import { isMask } from '../masked-unit.ts';
import { isUsrMerged } from '../systemd-version.ts';
import type { ConfigFiles } from './config-files.ts';

/** One assignment of a unit file; lines count from 1, that of a continued one is its first. */
export type UnitSetting = {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
};

export type Unit = { readonly name: string; readonly settings: readonly UnitSetting[] };

/** Where the system manager looks for units, the directories that win first (systemd.unit(5)). */
export const SYSTEM_UNIT_DIRECTORIES = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
];

export const USER_UNIT_DIRECTORIES = [
  '/etc/systemd/user',
  '/run/systemd/user',
  '/usr/local/lib/systemd/user',
  '/usr/lib/systemd/user',
  '/lib/systemd/user',
];

type LogicalLine = { readonly text: string; readonly line: number };

/** A `\` at the end continues a line; comments in between are passed over (systemd.syntax(7)). */
function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let parts: string[] = [];
  let first = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (/^[#;]/.test(line)) continue;
    if (parts.length === 0) first = index + 1;
    const continues = line.endsWith('\\');
    parts.push(continues ? line.slice(0, -1).trimEnd() : line);
    if (continues) continue;
    lines.push({ text: parts.join(' '), line: first });
    parts = [];
  }
  return lines;
}

/** Assignments in order; what is neither an assignment nor a section is passed over, as systemd does. */
export function parseUnitFile(text: string, file: string): readonly UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = '';
  for (const { text: content, line } of logicalLines(text)) {
    const heading = /^\[(.*)\]$/.exec(content);
    const equals = content.indexOf('=');
    if (heading !== null) section = heading[1] ?? '';
    else if (equals > 0) {
      const key = content.slice(0, equals).trim();
      settings.push({ section, key, value: content.slice(equals + 1).trim(), file, line });
    }
  }
  return settings;
}

/** `foo@.socket` for `foo@bar.socket`; null for a unit that is no instance. */
function templateOf(name: string): string | null {
  const found = /^([^@]+@)[^@]+(\.[^.]+)$/.exec(name);
  return found === null ? null : `${found[1]}${found[2]}`;
}

/** Directories of drop-ins, those of the unit itself first: `a-b.socket.d`, `a-.socket.d`, `socket.d`. */
function dropInNames(name: string): readonly string[] {
  const dot = name.lastIndexOf('.');
  const stem = name.slice(0, dot);
  const type = name.slice(dot);
  const template = templateOf(name);
  const prefixes = [...stem.matchAll(/-/g)]
    .map(({ index }) => `${stem.slice(0, index + 1)}${type}`)
    .reverse();
  return [name, ...(template === null ? [] : [template]), ...prefixes, type.slice(1)].map(
    (one) => `${one}.d`,
  );
}

const WANTING = /\.(?:wants|requires)$/;

/** `by` is the unit that starts it, `link` the path that says so. */
type Wanting = { readonly by: string; readonly link: string };

type Directory = { readonly path: string; readonly names: Fact<ReadonlySet<string>> };

/** The directories that are there, each once, with what they hold. */
function listed(files: ConfigFiles, reader: HostReader, paths: readonly string[]): readonly Directory[] {
  const merged = isUsrMerged(reader);
  return paths
    .filter((path) => !merged || !path.startsWith('/lib/'))
    .map((path) => ({ path, names: mapFact(files.list(path), (names) => new Set(names)) }))
    .filter(({ names }) => names.ok || names.why !== 'absent');
}

/** Reads units of one manager as systemd puts them together. */
export function unitReader(files: ConfigFiles, reader: HostReader, paths: readonly string[]) {
  const directories = listed(files, reader, paths);

  /** Directories with that entry, and those that do not let us know. */
  function holding(name: string): readonly string[] {
    return directories
      .filter(({ names }) => !names.ok || names.value.has(name))
      .map((directory) => directory.path);
  }

  /** null for what is no link. Asked for its kind first: a failing system call costs Node several times another. */
  function linkTarget(path: string): string | null {
    const stat = reader.lstat(path);
    return stat.ok && stat.value.kind === 'link' ? valueOr(reader.readLink(path), null) : null;
  }

  /** A mask hides what the directories behind it have; a link to an empty file is one, too. */
  function settingsAt(path: string): Fact<readonly UnitSetting[] | 'masked'> {
    if (isMask(reader, path)) return known('masked');
    return mapFact(files.text(path), (text) => (text === '' ? 'masked' : parseUnitFile(text, path)));
  }

  function mainSettings(name: string): Fact<readonly UnitSetting[] | 'masked'> {
    for (const candidate of [name, templateOf(name)]) {
      if (candidate === null) continue;
      for (const directory of holding(candidate)) {
        const settings = settingsAt(`${directory}/${candidate}`);
        if (settings.ok || settings.why !== 'absent') return settings;
      }
    }
    return unknown('absent');
  }

  function dropIns(name: string): Fact<readonly UnitSetting[]> {
    const byName = new Map<string, string>();
    for (const folder of dropInNames(name)) {
      for (const directory of holding(folder)) {
        const names = files.list(`${directory}/${folder}`);
        if (!names.ok && names.why !== 'absent') return names;
        for (const one of names.ok ? names.value : []) {
          if (one.endsWith('.conf') && !byName.has(one)) byName.set(one, `${directory}/${folder}/${one}`);
        }
      }
    }
    const inOrder = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => settingsAt(path));
    const problem = inOrder.find((one): one is Unknown => !one.ok && one.why !== 'absent');
    if (problem !== undefined) return problem;
    return known(inOrder.flatMap((one) => (one.ok && one.value !== 'masked' ? one.value : [])));
  }

  return {
    /** Names with this suffix in all directories, and the instances that a target wants; templates left out. */
    names(suffix: string): readonly string[] {
      const units = directories.flatMap(({ names }) => [...valueOr(names, [])]);
      const wanted = holding('sockets.target.wants').flatMap((directory) =>
        valueOr(files.list(`${directory}/sockets.target.wants`), []),
      );
      const all = [...units, ...wanted];
      return [...new Set(all)].filter((name) => name.endsWith(suffix) && !name.endsWith(`@${suffix}`)).sort();
    },

    /** Whether it can be started at all. */
    isMasked(name: string): boolean {
      return valueOr(mainSettings(name), null) === 'masked';
    },

    /** Unknown (`absent`) for a masked unit too. */
    read(name: string): Fact<Unit> {
      const main = mainSettings(name);
      if (!main.ok) return main;
      if (main.value === 'masked') return unknown('absent', 'masked');
      const mainValue = main.value;
      return mapFact(dropIns(name), (added) => ({ name, settings: [...mainValue, ...added] }));
    },

    /** Another name of a unit: a link to a file of another name. An instance links to its template. */
    isAlias(name: string): boolean {
      for (const directory of holding(name)) {
        const link = linkTarget(`${directory}/${name}`);
        if (link === null) continue;
        const target = baseName(link);
        return target.endsWith('.socket') && target !== name && target !== templateOf(name);
      }
      return false;
    },

    /** Links in `UNIT.wants` and `UNIT.requires`: the first of each such directory, unless it is a mask. */
    wantedBy(name: string): readonly Wanting[] {
      const first = new Map<string, string>();
      for (const { path, names } of directories) {
        for (const folder of valueOr(names, [])) {
          if (first.has(folder) || !WANTING.test(folder)) continue;
          const directory = `${path}/${folder}`;
          if (valueOr(files.list(directory), null)?.includes(name)) first.set(folder, `${directory}/${name}`);
        }
      }
      return [...first]
        .filter(([, link]) => !isMask(reader, link))
        .map(([folder, link]) => ({ by: folder.replace(WANTING, ''), link }));
    },

    /** Whether the sockets' target starts it at boot. */
    isWanted(name: string): boolean {
      return holding('sockets.target.wants').some((directory) => {
        const names = files.list(`${directory}/sockets.target.wants`);
        return names.ok && names.value.includes(name);
      });
    },
  };
}

export type UnitReader = ReturnType<typeof unitReader>;
