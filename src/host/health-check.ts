import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { messageOf } from '../core/errors.ts';
import { ENDING_SIGNALS } from '../core/signals.ts';
import { CLEAN_ENVIRONMENT } from './environment.ts';

const MOST_KEPT = 64 * 1024;
const MOST_SHOWN = 200;

/** For what it wrote before it ended to be read; what has left its group may keep the pipe open for ever. */
const LAST_WORDS_MS = 500;

type Child = ChildProcessByStdio<null, Readable, Readable>;

type End =
  | { readonly kind: 'exited'; readonly status: number | null }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'late' };

/**
 * Runs a program that says by its exit status whether all is well, without a shell. It is over when the program ends or
 * the time does, whichever is first, and what it started in its process group ends with it.
 * @param file what is run, links followed: where a link leads may change until then
 * @param argv as it was typed: by that name a program that is many (busybox) knows what it is to be
 * @returns why it is not; null where it is
 */
export async function runHealthCheck(
  file: string,
  argv: readonly [string, ...string[]],
  timeoutMs: number,
): Promise<string | null> {
  const [program, ...rest] = argv;
  const child = started(file, program, rest);
  if (typeof child === 'string') return `${program} could not be run (${child})`;
  const output = listenTo(child);
  const end = await endOf(child, timeoutMs);
  signalGroup(child, 'SIGKILL');
  await output.over(LAST_WORDS_MS);
  if (end.kind === 'exited' && end.status === 0) return null;
  const said = output.text().trim().split('\n').at(-1)?.slice(0, MOST_SHOWN) ?? '';
  return `${program} ${howItEnded(end)}${said === '' ? '' : `: ${said}`}`;
}

/** @returns why it could not be started, where that is known at once */
function started(file: string, argv0: string, args: readonly string[]): Child | string {
  try {
    return spawn(file, args, {
      argv0,
      cwd: '/',
      env: CLEAN_ENVIRONMENT,
      // A process group of its own, to be ended as a whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function signalGroup({ pid }: Child, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing is left of it.
  }
}

async function endOf(child: Child, timeoutMs: number): Promise<End> {
  const pass = (signal: NodeJS.Signals) => signalGroup(child, signal);
  for (const signal of ENDING_SIGNALS) process.on(signal, pass);
  let timer: NodeJS.Timeout | undefined;
  const end = await new Promise<End>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'late' }), timeoutMs);
    child.once('error', (error) => resolve({ kind: 'failed', why: messageOf(error) }));
    child.once('exit', (status, signal) =>
      resolve(signal === null ? { kind: 'exited', status } : { kind: 'signal', signal }),
    );
  });
  clearTimeout(timer);
  for (const signal of ENDING_SIGNALS) process.off(signal, pass);
  return end;
}

/** What both streams say, of which the end is kept. */
function listenTo(child: Child) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-MOST_KEPT);
    });
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    text: () => text,
    /** Waits for the rest, at most so long, and lets go of it. */
    over: async (milliseconds: number) => {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        closed,
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, milliseconds);
        }),
      ]);
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    },
  };
}

function howItEnded(end: End): string {
  switch (end.kind) {
    case 'late':
      return 'was not done in time';
    case 'failed':
      return `could not be run (${end.why})`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'exited':
      return `ended with ${end.status}`;
  }
}
