import { isAtLeast, type Version } from '../../core/version.ts';
import { procpsReading, USUAL_PROCPS } from '../../sysctl/reading-rules.ts';
import type { LoaderTraits } from '../loader-traits.ts';

/** procps, src/sysctl.c: `sysctl --system`. */
export function procpsTraits(version: Version | null): Omit<LoaderTraits, 'name'> {
  const since = (...release: Version) => isAtLeast(version, release, USUAL_PROCPS);
  // 5da3024e put /etc first.
  const first = since(3, 3, 17) ? ['/etc/sysctl.d', '/run/sysctl.d'] : ['/run/sysctl.d', '/etc/sysctl.d'];
  const ofFailedWrite = since(4) ? 'error' : 'warning';
  const ofFailedOpening = since(4, 0, 6) ? 'error' : 'warning';
  return {
    kind: 'procps',
    directories: [...first, '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'],
    mainFile: 'read-last',
    needsMainFile: false,
    readsCredential: false,
    readsHidden: true,
    loopsMask: true,
    expandsFileNames: true,
    reading: procpsReading(version),
    writes: 'in-order',
    // 3.3 writes through `..`, also out of /proc/sys; 4.x looks where the path leads (is_proc_path()).
    keys: { spelling: 'as-written', secondDash: since(4), climbs: true },
    globs: since(4) ? { braces: false, directories: false } : null,
    exclusion: since(4) ? { unsets: false, patterns: since(4, 0, 5) } : null,
    readsFirst: false,
    longestWrite: 4095,
    forgets: since(4) ? [] : ['base_reachable_time', 'retrans_time'],
    reactions: {
      'bad-line': 'warning',
      'dangling-link': 'error',
      'directory-as-file': 'silent',
      'unknown-key': 'silent',
      'outside-proc-sys': since(4) ? 'error' : 'silent',
      directory: ofFailedOpening,
      'read-only': ofFailedOpening,
      refused: ofFailedWrite,
      'not-found': ofFailedWrite,
    },
    // 2296db7b
    dashSilences: since(4, 0, 7) ? 'writes' : 'nothing',
    failureStatus: since(4) ? 1 : 255,
  };
}
