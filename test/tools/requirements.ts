import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { describe } from '@jest/globals';

const SEARCHED = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Program and the Debian package that brings it. */
const PACKAGES = {
  nginx: 'nginx',
  'redis-server': 'redis-server',
  strace: 'strace',
  ss: 'iproute2',
  ip: 'iproute2',
  flock: 'util-linux',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  sysctl: 'procps',
  'systemd-analyze': 'systemd',
  'systemd-socket-activate': 'systemd',
  python3: 'python3',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  busybox: 'busybox-static',
  depmod: 'kmod',
  lz4: 'lz4',
  zstd: 'zstd',
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
} as const;

export type Program = keyof typeof PACKAGES;

export const SANDBOX_PROGRAMS: readonly Program[] = ['unshare', 'nsenter', 'setpriv', 'ip', 'ss', 'sysctl'];

export const GUEST_PROGRAMS: readonly Program[] = [
  'python3',
  'qemu-system-x86_64',
  'qemu-img',
  'busybox',
  'depmod',
  'lz4',
  'zstd',
  'mmdebstrap',
  'mke2fs',
];

/** Where the distribution's packages put it: a shim earlier in a developer's PATH is not what we want to test with. */
function programPath(program: Program): string | null {
  return SEARCHED.map((directory) => path.join(directory, program)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function whatIsMissing(programs: readonly Program[]): readonly string[] {
  const root = process.getuid?.() === 0 ? [] : ['root'];
  const absent = programs.filter((program) => programPath(program) === null);
  return [...root, ...absent.map((program) => `${program} (package ${PACKAGES[program]})`)];
}

/**
 * A describe whose tests are skipped, with the reason on stderr, where this machine cannot run them.
 * In CI nothing is skipped: what is missing there is a failure.
 */
export function describeWith(programs: readonly Program[], name: string, tests: () => void): void {
  const missing = whatIsMissing(programs);
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const reason = `${name}: needs ${missing.join(', ')}; scripts/setup-tests.sh installs the packages`;
  if (process.env.CI) throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  describe.skip(name, tests);
}
