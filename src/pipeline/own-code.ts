import { inputError } from '../core/errors.ts';
import type { Unknown } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import { checkTrustAbove } from './trust.ts';

const ROOT = 0;

/**
 * What root is to run later, without anybody looking, must be nobody else's to change until then.
 * @param paths absolute, links followed
 * @throws UserError where others than root may write to one of them, or to a directory above it
 */
export function checkRootsOwn(reader: HostReader, paths: readonly string[]): void {
  const unreadable = (file: string, { why, detail }: Unknown) =>
    inputError(
      'unreadable',
      { file },
      `root is to run this later, and it cannot be looked at: ${detail ?? why}`,
    );
  for (const path of paths) checkTrustAbove(reader, path, ROOT, unreadable);
}
