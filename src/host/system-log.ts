import type { SystemLog } from '../core/ports.ts';
import { CLEAN_RUN } from './environment.ts';

const TIMEOUT_MS = 2_000;

/**
 * Writes through logger(1). A host without it, or without a log, is no reason to stop.
 * @param prefix before each message
 */
export function hostSystemLog(prefix = ''): SystemLog {
  return {
    async log(message) {
      const { execa } = await import('execa');
      const { exitCode } = await execa(
        'logger',
        ['--tag', 'backlogctl', '--priority', 'user.notice', '--', `${prefix}${message}`],
        {
          ...CLEAN_RUN,
          stdin: 'ignore',
          stdout: 'ignore',
          stderr: 'ignore',
          timeout: TIMEOUT_MS,
        },
      );
      return exitCode === 0;
    },
  };
}
