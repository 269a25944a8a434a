import { valueOr } from '../../core/fact.ts';
import type { HostReader } from '../../core/ports.ts';
import type { ModuleLoad } from '../../snapshot/other-writer.ts';
import { KEYS_MODULES, moduleName } from '../../sysctl/modules.ts';
import { linesOf, type WriterSources } from './sources.ts';

/** modules-load.d(5), the directories that win first; that in /run is empty as the host boots. */
const DIRECTORIES = ['/etc/modules-load.d', '/usr/local/lib/modules-load.d', '/usr/lib/modules-load.d'];
const UNIT = 'systemd-modules-load.service';
/** What OpenRC and sysvinit read. */
const MODULES = '/etc/modules';

/**
 * The modules that are loaded before the loader runs, with the line that names each.
 * @param told by the kernel command line, which the same unit reads
 */
export function modulesLoad(sources: WriterSources, told: readonly ModuleLoad[]): readonly ModuleLoad[] {
  const named = [...told, ...inFiles(sources)];
  return named.length > 0 && sources.isMasked(UNIT) ? [] : named;
}

function inFiles(sources: WriterSources): readonly ModuleLoad[] {
  const paths = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    for (const name of sources.names(directory)) {
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${directory}/${name}`);
    }
  }
  const files = paths.has('modules.conf') ? [...paths.values()] : [...paths.values(), MODULES];
  return files.flatMap((file) =>
    linesOf(sources.text(file) ?? '').flatMap(({ text, line }) => {
      const [name = ''] = text.split(/\s+/);
      return /^[\w-]+$/.test(name) ? [{ module: moduleName(name), file, line }] : [];
    }),
  );
}

/** null where the kernel does not say, as where it can load none. */
export function loadedModules(reader: HostReader): readonly string[] | null {
  const text = valueOr(reader.readText('/proc/modules'), null);
  if (text === null) return null;
  const loaded = new Set(text.split('\n').map((line) => line.slice(0, line.indexOf(' '))));
  return KEYS_MODULES.filter((module) => loaded.has(module));
}
