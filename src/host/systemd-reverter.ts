import { readFileSync, rmSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';
import type { Reverter } from '../core/ports.ts';
import { CLEAN_RUN } from './environment.ts';

const LONGEST_MS = 60_000;
const MOST_BYTES = 64 * 1024;

type Ended = { readonly ok: boolean; readonly said: string; readonly stdout: string };

async function run(argv: readonly [string, ...string[]]): Promise<Ended> {
  const { execa } = await import('execa');
  const [program, ...rest] = argv;
  const { exitCode, stdout, stderr, cause } = await execa(program, rest, {
    ...CLEAN_RUN,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    maxBuffer: MOST_BYTES,
    timeout: LONGEST_MS,
  });
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const said = last === '' ? messageOf(cause ?? `it ended with ${exitCode}`) : last;
  return { ok: exitCode === 0, said, stdout };
}

/**
 * A monotonic timer stands still while the host is suspended, and a calendar can be set: the first of both starts us.
 * Too early, we sleep until it is due. In whole seconds, for fractions of them are not everywhere understood.
 */
export function timerOptions(milliseconds: number, nowMs: number): readonly string[] {
  const due = new Date(Math.ceil((nowMs + milliseconds) / 1000) * 1000);
  const calendar = due.toISOString().replace('T', ' ').replace('.000Z', ' UTC');
  return [`--on-active=${milliseconds}ms`, `--on-calendar=${calendar}`, '--timer-property=AccuracySec=1s'];
}

function unitOf(id: string): string {
  return `backlogctl-revert-${id}`;
}

/** Where the lock is kept, which is held when this is asked for: root's alone. */
const DIRECTORY = '/run/backlogctl';

/** The last line of a file that is written once and read once. */
function takeLastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    return '';
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * A transient timer of the system manager (systemd-run(1)); the proof is a service of the same kind. Neither needs a
 * message bus, so what the service says goes through a file.
 */
export function systemdReverter(command: readonly [string, ...string[]]): Reverter {
  const start = (id: string) =>
    [
      'systemd-run',
      '--quiet',
      '--collect',
      `--unit=${unitOf(id)}`,
      `--description=backlogctl: put back transaction ${id} unless it is confirmed`,
      '--service-type=oneshot',
    ] as const;
  return {
    async prove(id) {
      const file = `${DIRECTORY}/self-test-${id}`;
      rmSync(file, { force: true });
      const complaints = `--property=StandardError=file:${file}`;
      const { ok, said } = await run([
        ...start(id),
        complaints,
        ...command,
        'revert-unconfirmed',
        id,
        '--self-test',
      ]);
      const complaint = takeLastLine(file);
      if (ok) return null;
      return complaint === '' ? said : complaint;
    },
    async arm(id, milliseconds) {
      const timer = timerOptions(milliseconds, Date.now());
      const { ok, said } = await run([...start(id), ...timer, ...command, 'revert-unconfirmed', id]);
      return ok ? null : said;
    },
    async isArmed(id) {
      const units = [`${unitOf(id)}.timer`, `${unitOf(id)}.service`];
      const { ok, stdout } = await run(['systemctl', 'show', '--property=LoadState', ...units]);
      return !ok || stdout.includes('LoadState=loaded');
    },
    async disarm(id) {
      await run(['systemctl', 'stop', `${unitOf(id)}.timer`]);
    },
  };
}
