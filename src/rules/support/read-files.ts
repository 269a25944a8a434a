import { linkDestination } from '../../core/paths.ts';
import type { FileUse } from '../../resolve/resolution.ts';
import type { SysctlFile } from '../../snapshot/sysctl-file.ts';
import { decodeSysctlFile } from '../../sysctl/lines.ts';

export type FileText = { readonly path: string; readonly text: string };

function textOf({ text, base64 }: SysctlFile): string | null {
  if (text !== undefined) return text;
  return base64 === undefined ? null : decodeSysctlFile(Buffer.from(base64, 'base64'));
}

/** A link beside the file that it leads to, where both count: the same lines twice. */
function repeats({ path, target }: SysctlFile, paths: ReadonlySet<string>): boolean {
  return target !== undefined && paths.has(linkDestination(target, path));
}

/** The texts of the files that are put to that use, but for our own drop-in. */
export function filesOf(
  files: readonly SysctlFile[],
  uses: readonly FileUse[],
  wanted: FileUse['use'],
  ownDropIn: string,
): readonly FileText[] {
  const paths = new Set(uses.flatMap(({ path, use }) => (use === wanted ? [path] : [])));
  return files.flatMap((file) => {
    const isMeant = paths.has(file.path) && file.path !== ownDropIn && !repeats(file, paths);
    const text = isMeant ? textOf(file) : null;
    return text === null ? [] : [{ path: file.path, text }];
  });
}
