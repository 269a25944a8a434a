import type { CatalogueEntry } from '../catalogue-entry.ts';
import { always, FS_SYSCTL, fixed, HOST_INTEGER, INT_MAX, ONE_FOR_THE_HOST, ours } from './parts.ts';

/** fs: open files, watches on files, and requests to them. */
export const FS_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...HOST_INTEGER,
    key: 'fs.file-max',
    summary: 'Most files and sockets that all programs together have open; root may exceed it.',
    reference: FS_SYSCTL,
    unit: 'files',
    scope: ONE_FOR_THE_HOST,
    // The kernel takes 0; NR_FILE, 8192, is the least that it chooses itself (files_maxfiles_init()).
    range: always(ours({ min: 8192, max: Number.MAX_SAFE_INTEGER })),
    defaults: [],
    coupled: ['fs.nr_open'],
    alsoSetBy: ['systemd'],
  },
  {
    ...HOST_INTEGER,
    key: 'fs.nr_open',
    summary: 'The most that the limit on open files of one process (RLIMIT_NOFILE) can be raised to.',
    reference: FS_SYSCTL,
    unit: 'files',
    scope: ONE_FOR_THE_HOST,
    // The kernel takes 64; 1024 is the soft limit that every process starts with.
    range: always({ min: 1024, max: 2_147_483_584 }),
    defaults: fixed('1048576'),
    coupled: ['fs.file-max'],
    alsoSetBy: ['systemd'],
  },
  {
    ...HOST_INTEGER,
    key: 'fs.inotify.max_user_watches',
    summary: 'Files and directories that all programs of one user together watch.',
    reference: 'man 7 inotify',
    unit: 'entries',
    scope: ONE_FOR_THE_HOST,
    // The kernel takes 0; 8192 is the least that it ever chose itself. From 5.11 it computes it from the memory.
    range: always({ min: 8192, max: INT_MAX }),
    defaults: [],
    coupled: ['fs.inotify.max_user_instances'],
  },
  {
    ...HOST_INTEGER,
    key: 'fs.inotify.max_user_instances',
    summary: 'Sets of watches that all programs of one user together have open.',
    reference: 'man 7 inotify',
    unit: 'entries',
    scope: ONE_FOR_THE_HOST,
    // The kernel takes 0, and then neither systemd nor udev can watch anything.
    range: always({ min: 128, max: INT_MAX }),
    defaults: fixed('128'),
    coupled: ['fs.inotify.max_user_watches'],
  },
  {
    ...HOST_INTEGER,
    key: 'fs.aio-max-nr',
    summary: 'Asynchronous requests that all programs together may have set up with io_setup().',
    reference: FS_SYSCTL,
    unit: 'requests',
    scope: ONE_FOR_THE_HOST,
    range: always(ours({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    defaults: fixed('65536'),
  },
];
