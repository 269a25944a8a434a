import type { NamespaceAssessment } from '../assess/assessment.ts';
import { inWords, type Way } from '../core/way.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import { missingKeyText } from '../plan/taken.ts';
import type { ModuleLoad } from '../snapshot/other-writer.ts';
import { catalogueEntry, sameSetting } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { loads, moduleName } from '../sysctl/modules.ts';

/**
 * Where a key stands. `in-step`: live value, boot and plan agree. `set-at-boot`: boot and plan agree, and there are no
 * live values, as of an image. `set-when-added`: the key's interface is not there now. `until-boot`: as it was set, which nobody wanted to
 * outlive a boot. `drifted-live`: the live value was changed. `changes-at-boot`: it is as it should be, and the next boot
 * brings another. `shadowed`: the line that sets it loses to another, or its file is not read. `before-module`: the files
 * are read before the kernel module of the key is loaded. `unknown`: what decides at boot, or the live value, could not
 * be read.
 */
type Verdict =
  | 'in-step'
  | 'set-at-boot'
  | 'set-when-added'
  | 'until-boot'
  | 'drifted-live'
  | 'changes-at-boot'
  | 'shadowed'
  | 'unknown-to-kernel'
  | 'before-module'
  | 'unknown';

/** A verdict with its reason in a sentence, where the three values do not say it, and what a person may do about it. */
export type Judged = {
  readonly verdict: Verdict;
  readonly why: string | null;
  readonly ways: readonly Way[];
};

export const IN_STEP: Judged = { verdict: 'in-step', why: null, ways: [] };

export const SET_AT_BOOT: Judged = { verdict: 'set-at-boot', why: null, ways: [] };

/** What is loaded before the sysctl files are read, and what is loaded now; null where that is not known. */
export type Modules = { readonly named: readonly ModuleLoad[]; readonly loaded: readonly string[] | null };

/** Where a key is looked at. */
export type KeyPlace = {
  readonly namespace: NamespaceAssessment;
  readonly traits: KernelTraits;
  /** Whether there are live values at all: an image has none. */
  readonly liveSeen: boolean;
  /** null where nobody looked. */
  readonly modules: Modules | null;
};

/** The line that has it loaded in time; null where none does. */
function namedAt(module: string, modules: Modules | null): ModuleLoad | null {
  return modules?.named.find((each) => loads(each.module, moduleName(module))) ?? null;
}

function nameItText(module: string): string {
  return `have it loaded before the sysctl files are read: echo ${module} >/etc/modules-load.d/${module}.conf`;
}

function notLoaded(key: SysctlKey, module: string, modules: Modules | null): Judged {
  const named = namedAt(module, modules);
  const why = `${key} is there only once the kernel module ${module} is loaded`;
  if (named !== null) {
    const at = `${named.file}:${named.line}`;
    return {
      verdict: 'before-module',
      why: `${why}, which ${at} does before the sysctl files are read at the next boot`,
      ways: inWords([`load it now: modprobe ${module}`]),
    };
  }
  return {
    verdict: 'before-module',
    why,
    ways: inWords([`load it now: modprobe ${module}`, nameItText(module)]),
  };
}

/** The key is there now. Whether it will be when the loader runs; null where it will, or nobody can tell. */
function loadedLate(key: SysctlKey, module: string, { liveSeen, modules }: KeyPlace): Judged | null {
  if (modules === null || namedAt(module, modules) !== null) return null;
  // A key without a module in sight is built in.
  if (liveSeen && !(modules.loaded ?? []).includes(moduleName(module))) return null;
  const unless = liveSeen ? '' : ', unless this kernel has it built in';
  return {
    verdict: 'before-module',
    why: `${key} is passed over at boot: no file of modules-load.d names the kernel module ${module}, so it is loaded later than the sysctl files are read${unless}`,
    ways: inWords([nameItText(module)]),
  };
}

/** Why the kernel does not have the key, now or when the files are read at boot; null where it does. */
export function absence(key: SysctlKey, place: KeyPlace, isInFile: boolean): Judged | null {
  const { namespace, liveSeen, traits, modules } = place;
  const entry = catalogueEntry(key);
  const live = namespace.live(key);
  const isAbsent = liveSeen && !live.ok && live.why === 'absent';
  if (entry?.module !== undefined) {
    if (isAbsent) return notLoaded(key, entry.module, modules);
    return isInFile ? loadedLate(key, entry.module, place) : null;
  }
  const isMissing = isAbsent || (!live.ok && entry !== undefined && traits.has(entry) === 'no');
  return isMissing ? { verdict: 'unknown-to-kernel', why: missingKeyText(key, entry), ways: [] } : null;
}

/** @param what of the two values is not known */
export function notKnown(why: string, ...ways: readonly string[]): Judged {
  return { verdict: 'unknown', why, ways: inWords(ways) };
}

export function sameOrNull(key: SysctlKey, one: string | null, other: string | null): boolean {
  return one !== null && other !== null && sameSetting(key, one, other);
}
