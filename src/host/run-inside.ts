import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { errnoText } from '../core/errno-text.ts';
import { ENDING_SIGNALS } from '../core/signals.ts';
import { CLEAN_ENVIRONMENT, CLEAN_RUN } from './environment.ts';
import { errnoOf } from './errno.ts';
import type { OpenNamespace } from './network-namespace.ts';

/**
 * Goes on in another network namespace, through nsenter(1). An exit status alone does not tell who ended: nsenter, the
 * Node that it was to start, or ourselves there. So we say there that we have arrived, over a descriptor of its own.
 */

/** The one behind those that every program has. */
const ARRIVAL = 3;

/** How a run there ended. */
export type EndInside =
  /** It has said why itself. */
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals; readonly hasArrived: boolean }
  /** Before it got there, so that it did nothing. */
  | { readonly kind: 'not-arrived'; readonly why: string };

/** By our descriptor, and not by its name, which may be another's by now. */
function nsenterWords({ descriptor }: OpenNamespace): readonly string[] {
  return [`--net=/proc/${process.pid}/fd/${descriptor}`, '--'];
}

function notRunText(thrown: unknown): string {
  return `nsenter cannot be run: ${errnoText(errnoOf(thrown))}`;
}

/**
 * Tries it with a program that does nothing.
 * @returns why it cannot be entered, as nsenter says it; null where it can
 */
export async function whyNotEntered(namespace: OpenNamespace): Promise<string | null> {
  const { execa } = await import('execa');
  const { exitCode, stderr, cause } = await execa('nsenter', [...nsenterWords(namespace), 'true'], {
    ...CLEAN_RUN,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  if (exitCode === 0) return null;
  const said = stderr.trim();
  if (said !== '') return said;
  return cause === undefined ? `nsenter ended with ${exitCode}` : notRunText(cause);
}

/** Says that we are there, and that whatever comes now is said by us. */
export function tellArrival(): void {
  try {
    writeSync(ARRIVAL, 'arrived');
    closeSync(ARRIVAL);
  } catch {
    // Whoever started us is gone, and nobody is left to be told.
  }
}

/** Runs a program there that tells its arrival, on our terminal and with our environment, and passes signals on to it. */
export async function runInside(
  namespace: OpenNamespace,
  argv: readonly [string, ...string[]],
): Promise<EndInside> {
  try {
    const child = spawn('nsenter', [...nsenterWords(namespace), ...argv], {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: { ...process.env, PATH: CLEAN_ENVIRONMENT.PATH },
    });
    return await endOf(child);
  } catch (thrown) {
    return { kind: 'not-arrived', why: notRunText(thrown) };
  } finally {
    closeSync(namespace.descriptor);
  }
}

async function endOf(child: ChildProcess): Promise<EndInside> {
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of ENDING_SIGNALS) process.on(signal, pass);
  let hasArrived = false;
  child.stdio[ARRIVAL]?.on('data', () => {
    hasArrived = true;
  });
  try {
    return await new Promise<EndInside>((resolve, reject) => {
      child.once('error', reject);
      // Not before the other end of each of its streams is closed: what it told has come by then.
      child.once('close', (status, signal) => {
        if (signal !== null) resolve({ kind: 'killed', signal, hasArrived });
        else if (hasArrived && status !== null) resolve({ kind: 'exited', status });
        else resolve({ kind: 'not-arrived', why: `nsenter ended with ${status}` });
      });
    });
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, pass);
  }
}
