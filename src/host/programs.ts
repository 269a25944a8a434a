import type { Programs, Started } from '../core/lab-ports.ts';
import { channelOver } from './channel.ts';
import { CLEAN_RUN } from './environment.ts';

const MOST_COMPLAINT = 64 * 1024;
const MOST_SHOWN = 300;

async function start(argv: readonly [string, ...string[]]): Promise<Started> {
  const { execa } = await import('execa');
  const [program, ...rest] = argv;
  const child = execa(program, rest, {
    ...CLEAN_RUN,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true },
    maxBuffer: MOST_COMPLAINT,
    // It ends when its standard input does; this is for one that hangs.
    forceKillAfterDelay: 5_000,
  });
  const channel = channelOver(child.stdout, child.stdin);
  return {
    ...channel,
    pid: child.pid ?? 0,
    async end() {
      child.stdin.end();
      const hanging = setTimeout(() => child.kill(), 10_000);
      const { stderr, signal } = await child;
      clearTimeout(hanging);
      const complaint = stderr.trim().split('\n').at(-1)?.slice(0, MOST_SHOWN) ?? '';
      return complaint !== '' ? complaint : (signal ?? 'it said nothing');
    },
  };
}

/** Programs that we talk to, with a cleaned environment; each ends when its standard input does. */
export function hostPrograms(): Programs {
  return { start };
}
