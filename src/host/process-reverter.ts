import { createInterface } from 'node:readline';
import { messageOf } from '../core/errors.ts';
import type { Reverter } from '../core/ports.ts';
import { CLEAN_RUN } from './environment.ts';

const LONGEST_MS = 60_000;

/** What a reverter says once it sleeps in a session of its own, so that nothing which ends us ends it. */
export const READY = 'ready';

/** @returns the first line that it says, or why there is none; from then on it is on its own */
async function firstLine(argv: readonly [string, ...string[]]): Promise<string> {
  const { execa } = await import('execa');
  const [program, ...rest] = argv;
  const child = execa(program, rest, {
    ...CLEAN_RUN,
    // setsid(2): no terminal, and no signal of ours.
    detached: true,
    cleanup: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
  });
  const said = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).once('line', resolve);
    void child.then(({ exitCode, cause }) => resolve(messageOf(cause ?? `it ended with ${exitCode}`)));
    setTimeout(() => resolve('it said nothing for a minute'), LONGEST_MS).unref();
  });
  const line = await said;
  child.unref();
  child.stdout.destroy();
  child.stderr.destroy();
  return line;
}

/** A process that sleeps until then: for hosts without systemd, and for network namespaces that it does not run in. */
export function processReverter(command: readonly [string, ...string[]]): Reverter {
  const start = async (id: string, ...words: readonly string[]): Promise<string | null> => {
    const said = await firstLine([...command, 'revert-unconfirmed', id, '--own-session', ...words]);
    return said === READY ? null : said;
  };
  return {
    prove: (id) => start(id, '--self-test'),
    arm: (id, milliseconds) => start(id, '--after', String(milliseconds)),
    // Nobody notes which process it is.
    isArmed: async () => true,
    // It looks every few seconds whether there is still something to do.
    disarm: async () => undefined,
  };
}
