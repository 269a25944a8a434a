import type { CallResult, HostWriter, WritableFile } from '../../src/core/ports.ts';

/** Which files and directories a power cut would still lose something of. */
export type Unsynced = { readonly files: readonly string[]; readonly directories: readonly string[] };

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** A writer that also keeps account of what has been written, made or renamed and not synced since. */
export function syncTracker(
  writer: HostWriter,
  /** Told of every value that is about to be written. */
  beforeSysctl: (path: string) => void,
): HostWriter & { readonly unsynced: () => Unsynced } {
  let files = new Set<string>();
  let directories = new Set<string>();
  async function then<T>(result: Promise<CallResult<T>>, act: () => void): Promise<CallResult<T>> {
    const done = await result;
    if (done.ok) act();
    return done;
  }
  const tracked = (path: string, file: WritableFile): WritableFile => {
    const dirty = () => void files.add(path);
    return {
      write: (bytes) => then(file.write(bytes), dirty),
      chmod: (mode) => then(file.chmod(mode), dirty),
      chown: (uid, gid) => then(file.chown(uid, gid), dirty),
      sync: () => then(file.sync(), () => void files.delete(path)),
      close: () => file.close(),
    };
  };
  const opened = async (path: string, result: Promise<CallResult<WritableFile>>) => {
    const done = await result;
    return done.ok ? { ok: true as const, value: tracked(path, done.value) } : done;
  };
  const moved = (paths: ReadonlySet<string>, from: string, to: string) =>
    new Set(
      [...paths].map((path) =>
        path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path,
      ),
    );
  return {
    unsynced: () => ({ files: [...files].sort(), directories: [...directories].sort() }),
    createExclusive: (path, mode) =>
      opened(
        path,
        then(writer.createExclusive(path, mode), () => {
          files.add(path);
          directories.add(parentOf(path));
        }),
      ),
    openAppend: (path) => opened(path, writer.openAppend(path)),
    mkdir: (path, mode) => then(writer.mkdir(path, mode), () => void directories.add(parentOf(path))),
    rename: (from, to) =>
      then(writer.rename(from, to), () => {
        files = moved(files, from, to);
        directories = moved(directories, from, to).add(parentOf(from)).add(parentOf(to));
      }),
    syncDir: (path) => then(writer.syncDir(path), () => void directories.delete(path)),
    unlink: (path) => then(writer.unlink(path), () => void directories.add(parentOf(path))),
    rmdir: (path) => then(writer.rmdir(path), () => void directories.add(parentOf(path))),
    writeSysctl: (path, value) => {
      beforeSysctl(path);
      return writer.writeSysctl(path, value);
    },
  };
}
