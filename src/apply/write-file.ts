import type { CallResult, HostWriter, WritableFile } from '../core/ports.ts';
import { inOrder, unless } from './calls.ts';

export type NewFile = {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number } | null;
};

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** Whatever became of the writing, the descriptor is closed; the first failure counts. */
async function closed(file: WritableFile, result: CallResult): Promise<CallResult> {
  const closing = await file.close();
  return result.ok ? closing : result;
}

/** A file that was not there, with its bytes and its mode on the disk; its name is only after a syncDir. */
export async function createFile(
  writer: HostWriter,
  { path, bytes, mode, owner }: NewFile,
): Promise<CallResult> {
  const created = await writer.createExclusive(path, 0o600);
  if (!created.ok) return created;
  const file = created.value;
  const written = await inOrder(
    () => file.write(bytes),
    () =>
      owner === null ? Promise.resolve({ ok: true, value: undefined }) : file.chown(owner.uid, owner.gid),
    // After chown(2), which takes set-id bits away.
    () => file.chmod(mode),
    () => file.sync(),
  );
  return closed(file, written);
}

/**
 * Replaces a file as a whole: readers see the old one or the new one. The new one is made beside it under a name that
 * no loader reads, which a run that was killed may have left behind.
 */
export async function replaceFile(writer: HostWriter, file: NewFile, temporary: string): Promise<CallResult> {
  return inOrder(
    async () => unless('ENOENT', await writer.unlink(temporary)),
    () => createFile(writer, { ...file, path: temporary }),
    () => writer.rename(temporary, file.path),
    () => writer.syncDir(parentOf(file.path)),
  );
}

export async function removeFile(writer: HostWriter, path: string): Promise<CallResult> {
  return inOrder(
    async () => unless('ENOENT', await writer.unlink(path)),
    () => writer.syncDir(parentOf(path)),
  );
}
