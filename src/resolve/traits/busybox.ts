import { isAtLeast, type Version } from '../../core/version.ts';
import type { LoaderTraits } from '../loader-traits.ts';
import { procpsTraits } from './procps.ts';

const USUAL: Version = [1, 37];

/** busybox, procps/sysctl.c: `sysctl -p` reads one file, writes each line at once and ends where a write is refused. */
export function busyboxTraits(version: Version | null): Omit<LoaderTraits, 'name'> {
  const procps = procpsTraits(null);
  return {
    ...procps,
    kind: 'busybox',
    directories: [],
    expandsFileNames: false,
    reading: {
      ...procps.reading,
      dash: 'character',
      continuation: true,
      emptyValues: false,
      shortest: 0,
    },
    keys: {
      spelling: isAtLeast(version, [1, 35], USUAL) ? 'searched' : 'searched-dots-only',
      secondDash: false,
      climbs: true,
    },
    globs: null,
    exclusion: null,
    longestWrite: null,
    reactions: {
      'bad-line': 'warning',
      'dangling-link': 'warning',
      'directory-as-file': 'warning',
      'unknown-key': 'warning',
      'outside-proc-sys': 'warning',
      directory: 'warning',
      'read-only': 'warning',
      refused: 'abort',
      'not-found': 'abort',
    },
    dashSilences: 'nothing',
  };
}

/**
 * OpenRC's sysctl service where sysctl is busybox's (init.d/sysctl.in): a loop of the shell over /etc/sysctl.conf and
 * /etc/sysctl.d, with one `sysctl -w` a line, and none where there is no /etc/sysctl.conf. A value ends at its first
 * blank.
 */
export function openrcBusyboxTraits(version: Version | null): Omit<LoaderTraits, 'name'> {
  const busybox = busyboxTraits(version);
  return {
    ...busybox,
    kind: 'openrc-busybox',
    directories: ['/etc/sysctl.d'],
    mainFile: 'read-first',
    needsMainFile: true,
    readsHidden: false,
    reading: { ...busybox.reading, blanks: ' \t', comments: '#', split: 'shell-word' },
    // Each line is a run of its own, and the script does not see how it ends.
    reactions: {
      ...busybox.reactions,
      'dangling-link': 'silent',
      refused: 'warning',
      'not-found': 'warning',
    },
  };
}
