import { path, type Text, text } from '../../core/text.ts';
import type { KernelTraits } from '../../model/kernel-traits.ts';
import type { BootValue, Resolution } from '../../resolve/resolution.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Requirement } from '../../sysctl/requirement.ts';
import type { Remedy } from '../remedy.ts';
import type { Surroundings } from '../rule.ts';

type Place = Pick<Surroundings, 'netns' | 'environment' | 'filesApply'>;

/** In a container only its definition can meet the requirement: the host's sysctl files never reach it. */
export function requireSetting(place: Place, wanted: Omit<Requirement, 'netns'>): Remedy {
  const requirement = { ...wanted, netns: place.netns };
  return place.environment === 'container'
    ? { kind: 'set-in-container', requirement }
    : { kind: 'require', requirement };
}

/** The largest number that a key takes on this kernel; no bound where the catalogue has none. */
export function largestValue(sysctl: SysctlKey, traits: KernelTraits): number {
  const ranges = traits.current(catalogueEntry(sysctl)?.range ?? []);
  return ranges.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...ranges.map(({ max }) => max));
}

/** A value as a message shows it: on one line, and never as nothing at all. */
export function shown(setting: string): string {
  const words = setting.trim().split(/\s+/).join(' ');
  return words === '' ? '(empty)' : words;
}

type Line = FileLine & { readonly value: string };

/** The line that sets the key at boot; null where none does or it is not known. */
export function winningLine(boot: BootValue): Line | null {
  return boot.kind === 'set' ? { ...boot.from, value: boot.value } : null;
}

/**
 * The lines behind a bad value: the one that wins at boot, and those that say the same without being read, which
 * somebody may have loaded by hand.
 */
export function linesBehind(
  place: Place,
  resolution: Resolution | null,
  sysctl: SysctlKey,
  isBad: (value: string) => boolean,
): readonly FileLine[] {
  if (resolution === null || !place.filesApply) return [];
  const winner = winningLine(resolution.bootValue(sysctl));
  if (winner !== null && isBad(winner.value)) return [{ file: winner.file, line: winner.line }];
  return resolution
    .linesOf(sysctl)
    .filter(({ file, value }) => winner === null && isBad(value) && managerOf(file) === null)
    .map(({ file, line }) => ({ file, line }));
}

export function deleteLine(at: FileLine, purpose: 'bad-setting' | 'persistence', instruction: Text): Remedy {
  return { kind: 'delete-line', at, purpose, instruction };
}

const MANAGERS: ReadonlyMap<string, string> = new Map([['/etc/ufw/sysctl.conf', 'ufw']]);

/** Who loads a file after the boot's loader has run, and again whenever it starts. */
function managerOf(file: string): string | null {
  return MANAGERS.get(file) ?? null;
}

/** Another manager that writes a bad value after boot: our own line would lose to it. */
export function otherManagers(
  place: Place,
  resolution: Resolution | null,
  sysctl: SysctlKey,
  isBad: (value: string) => boolean,
  instead: string,
): readonly Remedy[] {
  if (resolution === null || !place.filesApply) return [];
  return resolution.linesOf(sysctl).flatMap(({ file, line, value }): readonly Remedy[] => {
    const manager = managerOf(file);
    if (manager === null || !isBad(value)) return [];
    const instruction = text`set ${sysctl} to ${instead} in ${path(`${file}:${line}`)}: ${manager} loads that file after the sysctl files, so it wins over them`;
    return [{ kind: 'change-other-manager', manager, at: { file, line }, instruction }];
  });
}
