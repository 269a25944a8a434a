import type { LoaderKind } from '../snapshot/host.ts';
import type { ReadingRules } from '../sysctl/lines.ts';

/** What loaders do differently. The only place where their versions are compared. */
export type LoaderTraits = {
  readonly kind: LoaderKind;
  /** As a person writes it: `systemd-sysctl 252`. */
  readonly name: string;
  /** Where it looks for *.conf, highest priority first: of files of one name only the first is read. */
  readonly directories: readonly string[];
  /** What becomes of /etc/sysctl.conf by itself. */
  readonly mainFile: 'not-read' | 'read-last';
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
  /** Whether keys are cleaned of repeated and trailing separators, so that all spellings are one key. */
  readonly cleansKeys: boolean;
  /** null where a pattern is just an unknown key. `braces`: `{a,b}` is expanded in a key that is a pattern anyway. */
  readonly globs: { readonly braces: boolean } | null;
  /**
   * What `-key` does besides keeping patterns off the key. `unsets`: takes back an earlier assignment. `pattern`:
   * a pattern excludes everything that it matches. null where there are no exclusions.
   */
  readonly exclusion: { readonly unsets: boolean; readonly patterns: boolean } | null;
  /** How bad a line without an assignment is to it: an error makes it exit with a failure. */
  readonly badLine: 'error' | 'warning';
  /** How bad a link that leads nowhere is to it. */
  readonly danglingLink: 'silent' | 'error';
  /** How bad a directory named like a file is to it. */
  readonly directoryAsFile: 'silent' | 'error';
};

const C_BLANKS = ' \t\n\r\v\f';

const SYSTEMD_READING: ReadingRules = {
  lineEnds: 'any',
  blanks: ' \t\n\r',
  comments: '#;',
  dash: 'flag',
  blankAfterDash: true,
  continuation: false,
  emptyValues: true,
  shortest: 0,
  // LONG_LINE_MAX in src/basic/fileio.h
  longest: 1_048_576,
};

const PROCPS_READING: ReadingRules = {
  lineEnds: 'newline',
  blanks: C_BLANKS,
  comments: '#;',
  dash: 'flag',
  blankAfterDash: false,
  continuation: false,
  emptyValues: true,
  shortest: 2,
  longest: null,
};

const BUSYBOX_READING: ReadingRules = {
  ...PROCPS_READING,
  dash: 'character',
  continuation: true,
  emptyValues: false,
  shortest: 0,
};

type Version = readonly number[];

/** The leading numbers of a package or program version: `252.39-1~deb12u1` is 252.39. */
function numbersOf(version: string | null): Version | null {
  const leading = version === null ? null : /^\d+(?:\.\d+)*/.exec(version);
  return leading === null ? null : leading[0].split('.').map(Number);
}

/** An unknown version counts as `otherwise`: the release that the traits of an unknown one are taken from. */
function isAtLeast(version: Version | null, bound: Version, otherwise: Version): boolean {
  const actual = version ?? otherwise;
  for (const [index, least] of bound.entries()) {
    const number = actual[index] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}

const USUAL_SYSTEMD: Version = [257];
const USUAL_PROCPS: Version = [4, 0, 4];

/** systemd, src/sysctl/sysctl.c and sysctl.d(5). */
function systemdTraits(version: Version | null): Omit<LoaderTraits, 'name'> {
  const since = (release: number) => isAtLeast(version, [release], USUAL_SYSTEMD);
  const directories = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];
  return {
    kind: 'systemd',
    // Builds for a split /usr, which 255 dropped, also look into /lib.
    directories: since(255) ? directories : [...directories, '/lib/sysctl.d'],
    mainFile: 'not-read',
    readsHidden: false,
    // Measured: 257 lets a loop mask and takes `;` for a comment, 262 does neither; the shared reader came with 259.
    loopsMask: !since(259),
    expandsFileNames: false,
    reading: { ...SYSTEMD_READING, comments: since(259) ? '#' : '#;' },
    writes: 'by-key',
    cleansKeys: true,
    globs: since(245) ? { braces: true } : null,
    exclusion: { unsets: true, patterns: false },
    badLine: 'error',
    danglingLink: 'silent',
    directoryAsFile: 'error',
  };
}

/** procps, src/sysctl.c: `sysctl --system`. */
function procpsTraits(version: Version | null): Omit<LoaderTraits, 'name'> {
  const since = (...release: Version) => isAtLeast(version, release, USUAL_PROCPS);
  // 5da3024e put /etc first.
  const first = since(3, 3, 17) ? ['/etc/sysctl.d', '/run/sysctl.d'] : ['/run/sysctl.d', '/etc/sysctl.d'];
  return {
    kind: 'procps',
    directories: [...first, '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'],
    mainFile: 'read-last',
    readsHidden: true,
    loopsMask: true,
    expandsFileNames: true,
    reading: since(4) ? PROCPS_READING : { ...PROCPS_READING, emptyValues: false },
    writes: 'in-order',
    cleansKeys: false,
    globs: since(4) ? { braces: false } : null,
    exclusion: since(4) ? { unsets: false, patterns: since(4, 0, 5) } : null,
    badLine: 'warning',
    danglingLink: 'error',
    directoryAsFile: 'silent',
  };
}

/** busybox, procps/sysctl.c: `sysctl -p` reads one file. */
function busyboxTraits(): Omit<LoaderTraits, 'name'> {
  return {
    ...procpsTraits(null),
    kind: 'busybox',
    directories: [],
    expandsFileNames: false,
    reading: BUSYBOX_READING,
    globs: null,
    exclusion: null,
  };
}

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
      return { ...busyboxTraits(), name: `busybox sysctl${suffix}` };
    case 'openrc':
      // On Linux its sysctl service runs `sysctl --system`; the version is OpenRC's own and says nothing of procps.
      return { ...procpsTraits(null), kind, name: `OpenRC sysctl${suffix}` };
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
  'systemd-252',
  'systemd-257',
  'systemd-262',
  'procps-3.3.17',
  'procps-4.0.2',
  'procps-4.0.4',
  'procps-4.0.7',
];

const KINDS: ReadonlyMap<string, LoaderKind> = new Map([
  ['systemd', 'systemd'],
  ['procps', 'procps'],
  ['busybox', 'busybox'],
  ['openrc', 'openrc'],
]);

/** `systemd`, `procps-4.0.4`: what `--loader` takes. null for anything else. */
export function parseLoaderName(
  text: string,
): { readonly kind: LoaderKind; readonly version: string | null } | null {
  const match = /^([a-z]+)(?:-(\d+(?:\.\d+)*))?$/.exec(text);
  const kind = KINDS.get(match?.[1] ?? '');
  return kind === undefined ? null : { kind, version: match?.[2] ?? null };
}
