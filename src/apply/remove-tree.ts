import type { CallResult, HostReader, HostWriter } from '../core/ports.ts';
import { inOrder } from './calls.ts';

/** A directory of ours with all that is in it. */
export async function removeTree(reader: HostReader, writer: HostWriter, path: string): Promise<CallResult> {
  const names = reader.list(path);
  const entries = names.ok ? names.value : [];
  return inOrder(
    ...entries.map((name) => () => {
      const entry = `${path}/${name}`;
      const stat = reader.lstat(entry);
      const isDirectory = stat.ok && stat.value.kind === 'directory';
      return isDirectory ? removeTree(reader, writer, entry) : writer.unlink(entry);
    }),
    () => writer.rmdir(path),
  );
}
