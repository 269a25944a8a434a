import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../core/errors.ts';
import type { HeldLock, LockResult, Locks } from '../core/ports.ts';
import { CLEAN_RUN } from './environment.ts';

/** flock(1)'s answer where somebody else holds the lock; a number that no failure of its own has. */
const BUSY = 75;
const PROBE = 'held\n';

/**
 * A lock that is exactly as long ours as we live: flock(1) holds it for a cat(1) that ends when our end of its
 * standard input is closed, which the kernel sees to even when we are killed. It is held once a word comes back
 * through that cat.
 */
export function hostLocks(): Locks {
  return { acquire };
}

/** @returns why no lock can be taken there; null where its directory is root's alone, or ours, and nothing else stands there */
function whyNotAt(path: string): string | null {
  const directory = dirname(path);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = lstatSync(directory);
    const isOurs = found.uid === 0 || found.uid === process.getuid?.();
    if (!found.isDirectory() || !isOurs || (found.mode & 0o022) !== 0)
      return `${directory} is no directory that root alone may write to`;
    // flock(1) would follow a link, and wait for somebody to open the other end of a FIFO.
    const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
    return isFile ? null : 'it is no regular file';
  } catch (thrown) {
    return messageOf(thrown);
  }
}

async function acquire(path: string): Promise<LockResult> {
  const why = whyNotAt(path);
  if (why !== null) return { kind: 'failed', why };
  const { execa } = await import('execa');
  const child = execa(
    'flock',
    ['--nonblock', '--no-fork', '--conflict-exit-code', String(BUSY), path, 'cat'],
    {
      ...CLEAN_RUN,
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: { stdout: false, stderr: true },
      // Not the terminal's process group: Ctrl-C is ours to answer, and the lock outlives it.
      detached: true,
    },
  );
  let isOver = false;
  const over = child.then((ended) => {
    isOver = true;
    return ended;
  });
  const held = new Promise<boolean>((resolve) => {
    child.stdout?.once('data', () => resolve(true));
    void over.then(() => resolve(false));
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(PROBE);
  if (await held) {
    const lock: HeldLock = {
      isHeld: () => !isOver,
      release: async () => {
        child.stdin?.end();
        await over;
      },
    };
    return { kind: 'held', lock };
  }
  const { exitCode, stderr, cause } = await over;
  if (exitCode === BUSY) return { kind: 'busy' };
  const said = typeof stderr === 'string' ? stderr.trim() : '';
  return { kind: 'failed', why: said === '' ? messageOf(cause ?? `flock ended with ${exitCode}`) : said };
}
