import { existsSync } from 'node:fs';
import type { FileLabels } from '../core/ports.ts';
import { CLEAN_RUN } from './environment.ts';

const TIMEOUT_MS = 10_000;
/** There where SELinux is compiled in, switched on and has its file system mounted (selinuxfs). */
const SELINUX = '/sys/fs/selinux/enforce';

/**
 * By restorecon(8) where SELinux is at work. A file that is renamed keeps the label with which it was made: that of its
 * directory, which for /etc/sysctl.conf is another than its own.
 * @param sign what tells that labels count
 */
export function hostFileLabels(sign = SELINUX): FileLabels {
  return {
    async restore(path) {
      if (!existsSync(sign)) return true;
      const { execa } = await import('execa');
      const { exitCode } = await execa('restorecon', ['--', path], {
        ...CLEAN_RUN,
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'ignore',
        timeout: TIMEOUT_MS,
      });
      return exitCode === 0;
    },
  };
}

/** Of another tree: whoever boots it labels it, and this host's policy says nothing of it. */
export const NO_LABELS: FileLabels = { restore: async () => true };
