import { compareInByteOrder, isBelowRun } from '../core/paths.ts';
import { storedContent } from '../resolve/settings.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { assignmentsIn, type KeyReader } from '../sysctl/assignments.ts';
import { procPathToKey } from '../sysctl/key.ts';
import type { ReadingRules } from '../sysctl/lines.ts';
import { TUNED_READING } from '../sysctl/reading-rules.ts';
import { isUfwEnabled, ufwSysctlFile } from '../sysctl/ufw.ts';

/** TuneD takes every `.` for a separator, knows no patterns, and looks for `-key` by that name. */
const asTuned: KeyReader = (written) => {
  if (/[*?[-]/.test(written.charAt(0)) || /[*?[\]]/.test(written)) return null;
  const key = procPathToKey(`/proc/sys/${written.replaceAll('.', '/')}`);
  return key.ok ? { key: key.key, isPattern: false } : null;
};

type Common = Pick<OtherWriter, 'by' | 'when' | 'how' | 'sure'>;

function fileAt(files: readonly SysctlFile[], path: string): readonly SysctlFile[] {
  return files.filter((file) => file.path === path && (file.kind === 'file' || file.kind === 'link'));
}

/** What could not be read sets nothing that is known; what a pattern stands for is not looked up. */
function writersIn(
  file: SysctlFile,
  common: Common,
  rules: ReadingRules,
  keyOf?: KeyReader,
): readonly OtherWriter[] {
  return assignmentsIn(storedContent(file) ?? '', rules, keyOf).map(({ key, value, line, isPattern }) => ({
    ...common,
    key,
    value,
    relation: 'exactly',
    file: file.path,
    line,
    sure: common.sure && !isPattern,
  }));
}

const UFW = { by: 'ufw', when: 'after-loader', how: 'line', sure: true } as const;

/** What `sysctl -p` of ufw sets when its firewall starts. @param sysctl how that reads a file */
export function ufwWriters(
  { ufwStarts = true, services }: Pick<Snapshot, 'ufwStarts' | 'services'>,
  files: readonly SysctlFile[],
  sysctl: ReadingRules,
): readonly OtherWriter[] {
  const path = ufwStarts && isUfwEnabled(files, services) ? ufwSysctlFile(files) : null;
  return path === null ? [] : fileAt(files, path).flatMap((file) => writersIn(file, UFW, sysctl));
}

/** Written anew by Cilium's agent at each of its starts; the loader reads it like any other. */
export const CILIUM_FILE = '/etc/sysctl.d/99-zzz-override_cilium.conf';
const CILIUM = { by: 'cilium', when: 'with-loader', how: 'line', sure: false } as const;

export function ciliumWriters(files: readonly SysctlFile[], rules: ReadingRules): readonly OtherWriter[] {
  return fileAt(files, CILIUM_FILE).flatMap((file) => writersIn(file, CILIUM, rules));
}

const TUNED_DIRECTORIES = ['/run/sysctl.d', '/etc/sysctl.d'] as const;
const MAIN_FILE = '/etc/sysctl.conf';
const TUNED = { by: 'tuned', when: 'after-loader', how: 'rerun' } as const;

/** /run before /etc, which is the other way round than the loaders have it; then the main file; nothing of /usr. */
function tunedOrder(files: readonly SysctlFile[]): readonly SysctlFile[] {
  const byName = new Map<string, SysctlFile>();
  for (const directory of TUNED_DIRECTORIES) {
    for (const file of files) {
      const name = file.path.slice(directory.length + 1);
      const isInside = file.path.startsWith(`${directory}/`) && !name.includes('/');
      if (isInside && name.endsWith('.conf') && !byName.has(name)) byName.set(name, file);
    }
  }
  const names = [...byName.keys()].sort(compareInByteOrder);
  return [...names.flatMap((name) => byName.get(name) ?? []), ...fileAt(files, MAIN_FILE)];
}

/** The lines in the order in which TuneD applies the sysctl files behind its profile. @param sure whether it starts */
export function tunedReapplies(files: readonly SysctlFile[], sure: boolean): readonly OtherWriter[] {
  return tunedOrder(files.filter(({ path }) => !isBelowRun(path))).flatMap((file) =>
    writersIn(file, { ...TUNED, sure }, TUNED_READING, asTuned),
  );
}
