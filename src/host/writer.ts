import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rmdir, unlink } from 'node:fs/promises';
import type { CallResult, HostWriter, WritableFile } from '../core/ports.ts';
import { errnoOf } from './errno.ts';
import { resolveInRoot } from './rooted-path.ts';

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } =
  constants;

const PROC_SYS = '/proc/sys/';

async function result<T>(call: string, path: string, act: () => Promise<T>): Promise<CallResult<T>> {
  try {
    return { ok: true, value: await act() };
  } catch (thrown) {
    return { ok: false, call, path, errno: errnoOf(thrown) };
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written);
    written += bytesWritten;
  }
}

function writableFile(handle: FileHandle, path: string): WritableFile {
  return {
    write: (bytes) => result('write', path, () => writeAll(handle, bytes)),
    sync: () => result('fsync', path, () => handle.sync()),
    chmod: (mode) => result('fchmod', path, () => handle.chmod(mode)),
    chown: (uid, gid) => result('fchown', path, () => handle.chown(uid, gid)),
    close: () => result('close', path, () => handle.close()),
  };
}

async function syncDirectory(there: string): Promise<void> {
  const handle = await open(there, O_RDONLY | O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The value as one write(2): the kernel takes each write for a whole value. */
async function writeOnce(there: string, value: string): Promise<void> {
  const handle = await open(there, O_WRONLY | O_NOFOLLOW | O_NOCTTY);
  try {
    const bytes = Buffer.from(`${value}\n`, 'utf8');
    const { bytesWritten } = await handle.write(bytes, 0, bytes.length, null);
    if (bytesWritten !== bytes.length) throw Object.assign(new Error('short write'), { code: 'EIO' });
  } finally {
    await handle.close();
  }
}

/**
 * Changes this host, or with another root a tree that stands for one.
 * @param root a directory; every path and link is resolved inside it
 */
export function hostWriter(root = '/'): HostWriter {
  /** Where the path leads, the last part not followed. */
  async function at<T>(
    call: string,
    path: string,
    act: (there: string) => Promise<T>,
  ): Promise<CallResult<T>> {
    if (root === '/') return result(call, path, () => act(path));
    const there = resolveInRoot(root, path, false);
    if (!there.ok) return { ok: false, call, path, errno: there.why === 'absent' ? 'ENOENT' : 'EINVAL' };
    return result(call, path, () => act(there.value));
  }
  return {
    createExclusive: (path, mode) =>
      at('open', path, async (there) =>
        writableFile(await open(there, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY, mode), path),
      ),
    openAppend: (path) =>
      at('open', path, async (there) =>
        writableFile(await open(there, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY), path),
      ),
    mkdir: (path, mode) =>
      at('mkdir', path, async (there) => {
        await mkdir(there, { mode });
      }),
    rename: async (from, to) => {
      const source = await at('rename', from, async (there) => there);
      return source.ok ? at('rename', to, (there) => rename(source.value, there)) : source;
    },
    syncDir: (path) => at('fsync', path, syncDirectory),
    unlink: (path) => at('unlink', path, unlink),
    rmdir: (path) => at('rmdir', path, rmdir),
    writeSysctl: async (path, value) =>
      path.startsWith(PROC_SYS) && !path.split('/').includes('..')
        ? at('write', path, (there) => writeOnce(there, value))
        : { ok: false, call: 'write', path, errno: 'EPERM' },
  };
}
