import { numbersOf } from '../core/version.ts';
import type { LoaderKind } from '../snapshot/host.ts';
import type { ReadingRules } from '../sysctl/lines.ts';
import { busyboxTraits, openrcBusyboxTraits } from './traits/busybox.ts';
import { procpsTraits } from './traits/procps.ts';
import { systemdTraits } from './traits/systemd.ts';

/**
 * What a loader may meet. `outside-proc-sys`: a key that leads out of it, or nowhere at all. `not-found`: the kernel
 * has the key, and answers a write with ENOENT, as to a congestion control that it does not have.
 */
type Failure =
  | 'bad-line'
  | 'dangling-link'
  | 'directory-as-file'
  | 'unknown-key'
  | 'outside-proc-sys'
  | 'directory'
  | 'read-only'
  | 'refused'
  | 'not-found';

/** What may become of a single line, once its file is read. */
export type LineFailure = Exclude<Failure, 'bad-line' | 'dangling-link' | 'directory-as-file'>;

/** `error`: the loader ends with a failure, when it has gone through the rest. `abort`: it ends at once. */
export type Reaction = 'silent' | 'info' | 'warning' | 'error' | 'abort';

/** What loaders do differently. Their versions are compared in src/resolve/traits/ alone. */
export type LoaderTraits = {
  readonly kind: LoaderKind;
  /** As a person writes it: `systemd-sysctl 252`. */
  readonly name: string;
  /** Where it looks for *.conf, highest priority first: of files of one name only the first is read. */
  readonly directories: readonly string[];
  /** What becomes of /etc/sysctl.conf by itself. */
  readonly mainFile: 'not-read' | 'read-last' | 'read-first';
  /** Whether nothing at all is read where there is no /etc/sysctl.conf. */
  readonly needsMainFile: boolean;
  /** Whether the credential sysctl.extra is read behind all files. */
  readonly readsCredential: boolean;
  /** Whether names that begin with a dot are read. */
  readonly readsHidden: boolean;
  /** Whether a link loop hides the files of its name in lower directories. */
  readonly loopsMask: boolean;
  /** Whether the path of a file is itself expanded as a pattern (procps opens its files through glob(3)). */
  readonly expandsFileNames: boolean;
  readonly reading: ReadingRules;
  /**
   * `by-key`: the last value of a key stays, at the place where the value last changed (systemd). `in-order`: every
   * line is written, one after the other.
   */
  readonly writes: 'by-key' | 'in-order';
  readonly keys: {
    /**
     * `cleaned`: of repeated and trailing separators, so that all spellings are one key. `searched`: dots become
     * slashes as far as that leads somewhere, unless slashes stand behind dots (busybox); `searched-dots-only`: always.
     */
    readonly spelling: 'cleaned' | 'as-written' | 'searched' | 'searched-dots-only';
    /** Whether a second dash before the key is taken away as well. */
    readonly secondDash: boolean;
    /** Whether `..` is followed; else such a key is refused. */
    readonly climbs: boolean;
  };
  /**
   * null where a pattern is just an unknown key. `braces`: `{a,b}` is expanded in a key that is a pattern anyway.
   * `directories`: those that a pattern matches are tried as well.
   */
  readonly globs: { readonly braces: boolean; readonly directories: boolean } | null;
  /**
   * What `-key` does besides keeping patterns off the key. `unsets`: takes back an earlier assignment. `pattern`:
   * a pattern excludes everything that it matches. null where there are no exclusions.
   */
  readonly exclusion: { readonly unsets: boolean; readonly patterns: boolean } | null;
  /**
   * Whether it reads a variable before it writes: what stands there already is not written again, and what cannot be
   * read is not written at all.
   */
  readonly readsFirst: boolean;
  /** Bytes of a value that are written; the rest is lost. null where all of it is written. */
  readonly longestWrite: number | null;
  /** Last names of keys that it never sets. */
  readonly forgets: readonly string[];
  readonly reactions: Readonly<Record<Failure, Reaction>>;
  /** Which failures of a line `-` before its key keeps out of the exit status. */
  readonly dashSilences: 'all' | 'writes' | 'nothing';
  readonly failureStatus: number;
};

/**
 * The loader's rules; the nearest version's where its own was not measured.
 * @param version as the loader or its package states it; null where it is not known
 */
export function loaderTraits(kind: LoaderKind, version: string | null): LoaderTraits {
  const numbers = numbersOf(version);
  const suffix = numbers === null ? '' : ` ${numbers.join('.')}`;
  switch (kind) {
    case 'systemd':
      return { ...systemdTraits(numbers), name: `systemd-sysctl${suffix}` };
    case 'procps':
      return { ...procpsTraits(numbers), name: `procps sysctl${suffix}` };
    case 'busybox':
      return { ...busyboxTraits(numbers), name: `busybox sysctl${suffix}` };
    case 'openrc':
      // On Linux its sysctl service runs `sysctl --system`.
      return { ...procpsTraits(numbers), kind, name: `OpenRC with procps sysctl${suffix}` };
    case 'openrc-busybox':
      return { ...openrcBusyboxTraits(numbers), name: `OpenRC with busybox sysctl${suffix}` };
    case 'none':
      return { ...procpsTraits(null), kind, name: 'no loader', directories: [], mainFile: 'not-read' };
  }
}

/** Loaders that can be asked for by name; each also takes a version behind a dash. */
export const LOADER_NAMES: readonly string[] = [
  'systemd',
  'procps',
  'busybox',
  'openrc',
  'openrc-busybox',
  'systemd-247',
  'systemd-252',
  'systemd-257',
  'systemd-262',
  'procps-3.3.17',
  'procps-4.0.2',
  'procps-4.0.4',
  'procps-4.0.7',
  'busybox-1.30',
  'busybox-1.37',
];

const KINDS: ReadonlyMap<string, LoaderKind> = new Map([
  ['systemd', 'systemd'],
  ['procps', 'procps'],
  ['busybox', 'busybox'],
  ['openrc', 'openrc'],
  ['openrc-busybox', 'openrc-busybox'],
]);

/** `systemd`, `procps-4.0.4`: what `--loader` takes. null for anything else. */
export function parseLoaderName(
  text: string,
): { readonly kind: LoaderKind; readonly version: string | null } | null {
  const match = /^([a-z]+(?:-[a-z]+)?)(?:-(\d+(?:\.\d+)*))?$/.exec(text);
  const kind = KINDS.get(match?.[1] ?? '');
  return kind === undefined ? null : { kind, version: match?.[2] ?? null };
}
