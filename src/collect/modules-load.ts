import { valueOr } from '../core/fact.ts';
import { compareInByteOrder } from '../core/paths.ts';
import type { HostReader } from '../core/ports.ts';

/** A line that has a module loaded before the sysctl files are read. */
export type NamedModule = { readonly module: string; readonly file: string; readonly line: number };

export type ModulesLoad = {
  readonly named: readonly NamedModule[];
  /** Modules that are loaded now, none of which is built in; null where that cannot be told, as of an image. */
  readonly loaded: readonly string[] | null;
};

/** modules-load.d(5), from the highest priority to the lowest. */
const DIRECTORIES = [
  '/etc/modules-load.d',
  '/run/modules-load.d',
  '/usr/local/lib/modules-load.d',
  '/usr/lib/modules-load.d',
  '/lib/modules-load.d',
] as const;

/** Where there is no systemd; Debian's modules-load.d has a link to it. */
const MODULES = '/etc/modules';

const MAX_BYTES = 256 * 1024;
const MOST_FILES = 512;

/** The kernel takes both for one name. */
export function moduleName(word: string): string {
  return word.replaceAll('-', '_');
}

/** Of files of one name only the one in the first directory is read, a link to /dev/null as an empty one. */
function filesOf(reader: HostReader): readonly string[] {
  const byName = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    for (const name of valueOr(reader.list(directory), [])) {
      if (name.endsWith('.conf') && !name.startsWith('.') && !byName.has(name))
        byName.set(name, `${directory}/${name}`);
    }
  }
  return [...byName]
    .sort(([a], [b]) => compareInByteOrder(a, b))
    .slice(0, MOST_FILES)
    .map(([, file]) => file);
}

/** A module and its parameters a line. */
function modulesIn(reader: HostReader, file: string): readonly NamedModule[] {
  return valueOr(reader.readText(file, MAX_BYTES), '')
    .split('\n')
    .flatMap((text, index): readonly NamedModule[] => {
      const [word = ''] = text.trim().split(/\s+/);
      return word === '' || /^[#;]/.test(word) ? [] : [{ module: moduleName(word), file, line: index + 1 }];
    });
}

/** What systemd-modules-load, or an init script in its place, loads at boot; and what is loaded now. */
export function readModulesLoad(reader: HostReader): ModulesLoad {
  const loaded = reader.readText('/proc/modules', 4 * 1024 * 1024);
  return {
    named: [...filesOf(reader), MODULES].flatMap((file) => modulesIn(reader, file)),
    loaded: loaded.ok ? loaded.value.split('\n').flatMap((line) => /^\S+/.exec(line) ?? []) : null,
  };
}
