import { compareInByteOrder } from '../core/paths.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { parseKey, procPathToKey, type SysctlKey } from '../sysctl/key.ts';
import { isUfwEnabled, ufwSysctlFile } from '../sysctl/ufw.ts';

type Line = {
  readonly key: SysctlKey;
  readonly value: string;
  readonly file: string;
  readonly line: number;
};

/** How a program other than the loader makes a key of what stands before `=`; null for what it cannot use. */
type KeyReader = (written: string) => SysctlKey | null;

function linesOf({ path, text = '' }: SysctlFile, keyOf: KeyReader): readonly Line[] {
  return text.split('\n').flatMap((raw, index): readonly Line[] => {
    const content = raw.trim();
    const equals = content.indexOf('=');
    if (equals <= 0 || /^[#;]/.test(content)) return [];
    const key = keyOf(content.slice(0, equals).trim());
    return key === null
      ? []
      : [{ key, value: content.slice(equals + 1).trim(), file: path, line: index + 1 }];
  });
}

/** As sysctl(8) does: either separator, and a `-` that only says that a failure does not matter. */
function asProcps(written: string): SysctlKey | null {
  const key = parseKey(written.replace(/^-/, '').trim());
  return key.ok ? key.key : null;
}

/** TuneD takes every `.` for a separator, knows no patterns, and looks for `-key` by that name. */
function asTuned(written: string): SysctlKey | null {
  if (/[*?[-]/.test(written.charAt(0)) || /[*?[\]]/.test(written)) return null;
  const key = procPathToKey(`/proc/sys/${written.replaceAll('.', '/')}`);
  return key.ok ? key.key : null;
}

function fileAt(files: readonly SysctlFile[], path: string): readonly SysctlFile[] {
  return files.filter((file) => file.path === path && (file.kind === 'file' || file.kind === 'link'));
}

/** What `sysctl -p` of ufw sets when its firewall starts. */
export function ufwWriters(files: readonly SysctlFile[]): readonly OtherWriter[] {
  if (!isUfwEnabled(files)) return [];
  return fileAt(files, ufwSysctlFile(files)).flatMap((file) =>
    linesOf(file, asProcps).map((line) => ({
      by: 'ufw' as const,
      ...line,
      relation: 'exactly' as const,
      when: 'after-loader' as const,
      how: 'line' as const,
      sure: true,
    })),
  );
}

/** Written anew by Cilium's agent at each of its starts; the loader reads it like any other. */
export const CILIUM_FILE = '/etc/sysctl.d/99-zzz-override_cilium.conf';

export function ciliumWriters(files: readonly SysctlFile[]): readonly OtherWriter[] {
  return fileAt(files, CILIUM_FILE).flatMap((file) =>
    linesOf(file, asProcps).map((line) => ({
      by: 'cilium' as const,
      ...line,
      relation: 'exactly' as const,
      when: 'with-loader' as const,
      how: 'line' as const,
      sure: false,
    })),
  );
}

const TUNED_DIRECTORIES = ['/run/sysctl.d', '/etc/sysctl.d'] as const;
const MAIN_FILE = '/etc/sysctl.conf';

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

/** /run is empty after a boot. */
function isLasting({ path }: SysctlFile): boolean {
  return !path.startsWith('/run/');
}

/** The last line of each key in the order in which TuneD applies the sysctl files behind its profile. */
export function tunedReapplies(files: readonly SysctlFile[]): ReadonlyMap<SysctlKey, OtherWriter> {
  const lines = tunedOrder(files.filter(isLasting)).flatMap((file) => linesOf(file, asTuned));
  return new Map(
    lines.map((line) => [
      line.key,
      {
        by: 'tuned' as const,
        ...line,
        relation: 'exactly' as const,
        when: 'after-loader' as const,
        how: 'rerun' as const,
        sure: true,
      },
    ]),
  );
}
