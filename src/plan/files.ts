import type { Assessment } from '../assess/assessment.ts';
import { linkDestination } from '../core/paths.ts';
import { bytesOf, type Content, contentOf } from './file-state.ts';
import type { FileState } from './plan.ts';

/** The sysctl files of a host, as they were collected or as a plan would leave them. */
export type Files = Parameters<Assessment['resolutionOf']>[0];
type File = Files[number];

/** What a plan may write: files of the host's own administrator that a loader reads. */
export function isEtcSysctlFile(path: string): boolean {
  return /^\/etc\/(?:sysctl\.conf|sysctl\.d\/[^/\0]+\.conf)$/.test(path);
}

const MOST_LINKS = 8;

/**
 * The regular file whose bytes are read at the path, links followed as far as their own text and the files tell; null
 * where that leads out of them.
 */
export function fileReadAt(path: string, files: Files): File | null {
  let file = files.find((each) => each.path === path);
  for (let links = 0; file?.kind === 'link' && links < MOST_LINKS; links += 1) {
    const to = linkDestination(file.target ?? '', file.path);
    file = files.find((each) => each.path === to);
  }
  return file?.kind === 'file' ? file : null;
}

/** null for what was not read. */
export function bytesOfFile(file: File): Buffer | null {
  return file.text === undefined && file.base64 === undefined ? null : bytesOf(file);
}

function withContent({ text: _, base64: __, ...file }: File, { text, base64 }: Content): File {
  if (base64 !== undefined) return { ...file, base64 };
  return text === undefined ? file : { ...file, text };
}

/** The files with other bytes in one of them, and so in every link that leads to it. */
export function withBytesAt(files: Files, path: string, bytes: Buffer): Files {
  const content = contentOf(bytes);
  const isIt = (file: File) =>
    file.kind === 'link' ? fileReadAt(file.path, files)?.path === path : file.path === path;
  return files.map((file) => (isIt(file) ? withContent(file, content) : file));
}

/** The files with one of them as given: made, replaced or removed. */
export function withFile(files: Files, path: string, state: FileState | null): Files {
  const others = files.filter((file) => file.path !== path);
  if (state === null) return others;
  return withBytesAt([...others, { path, kind: 'file', mode: state.mode }], path, bytesOf(state));
}
