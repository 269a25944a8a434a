import { messageOf } from '../core/errors.ts';
import { CLEAN_ENVIRONMENT } from './environment.ts';

const MOST_BYTES = 64 * 1024;
const MOST_SHOWN = 200;

/**
 * Runs a program that says by its exit status whether all is well, without a shell.
 * @param file what is run, links followed: where a link leads may change until then
 * @param argv as it was typed: by that name a program that is many (busybox) knows what it is to be
 * @returns why it is not; null where it is
 */
export async function runHealthCheck(
  file: string,
  argv: readonly [string, ...string[]],
  timeoutMs: number,
): Promise<string | null> {
  const { execa } = await import('execa');
  const [program, ...rest] = argv;
  const ended = await execa(file, rest, {
    argv0: program,
    cwd: '/',
    env: CLEAN_ENVIRONMENT,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    all: true,
    maxBuffer: MOST_BYTES,
    timeout: timeoutMs,
    forceKillAfterDelay: 1_000,
  });
  if (ended.exitCode === 0) return null;
  const said = (ended.all ?? '').trim().split('\n').at(-1)?.slice(0, MOST_SHOWN) ?? '';
  return `${program} ${howItEnded(ended)}${said === '' ? '' : `: ${said}`}`;
}

type End = {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly cause?: unknown;
};

function howItEnded({ exitCode, signal, timedOut, cause }: End): string {
  if (timedOut) return 'was not done in time';
  if (exitCode !== undefined) return `ended with ${exitCode}`;
  return signal === undefined ? `could not be run (${messageOf(cause)})` : `was ended by ${signal}`;
}
