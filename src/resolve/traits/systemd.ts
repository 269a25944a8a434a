import { isAtLeast, type Version } from '../../core/version.ts';
import type { ReadingRules } from '../../sysctl/lines.ts';
import type { LoaderTraits } from '../loader-traits.ts';

const READING: ReadingRules = {
  lineEnds: 'any',
  blanks: ' \t\n\r',
  comments: '#;',
  dash: 'flag',
  blankAfterDash: true,
  continuation: false,
  split: 'first-equals',
  emptyValues: true,
  shortest: 0,
  // LONG_LINE_MAX in src/basic/fileio.h
  longest: 1_048_576,
};

const USUAL: Version = [257];

/** systemd, src/sysctl/sysctl.c and sysctl.d(5). */
export function systemdTraits(version: Version | null): Omit<LoaderTraits, 'name'> {
  const since = (release: number) => isAtLeast(version, [release], USUAL);
  const directories = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];
  return {
    kind: 'systemd',
    // Builds for a split /usr, which 255 dropped, also look into /lib.
    directories: since(255) ? directories : [...directories, '/lib/sysctl.d'],
    mainFile: 'not-read',
    needsMainFile: false,
    readsCredential: since(252),
    readsHidden: false,
    // Measured: 257 lets a loop mask and takes `;` for a comment, 262 does neither; the shared reader came with 259.
    loopsMask: !since(259),
    expandsFileNames: false,
    reading: { ...READING, comments: since(259) ? '#' : '#;' },
    writes: 'by-key',
    keys: { spelling: 'cleaned', secondDash: false, climbs: !since(248) },
    globs: since(245) ? { braces: true, directories: true } : null,
    exclusion: { unsets: true, patterns: false },
    // PR 20676: it opens for reading, too, and leaves alone what stands there already.
    readsFirst: since(250),
    longestWrite: since(252) ? null : 4095,
    forgets: [],
    reactions: {
      'bad-line': 'error',
      'dangling-link': 'silent',
      'directory-as-file': 'error',
      'unknown-key': since(248) ? 'warning' : 'info',
      'outside-proc-sys': 'error',
      directory: 'error',
      'read-only': 'silent',
      refused: 'error',
      'not-found': since(248) ? 'warning' : 'info',
    },
    dashSilences: 'all',
    failureStatus: 1,
  };
}
