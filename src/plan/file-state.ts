import type { FileState } from './plan.ts';

/** 0644 and root's: what sysctl files are, and what every loader can read. */
export function textFile(text: string): FileState {
  return { text, mode: '0644', uid: 0, gid: 0 };
}

/** null for bytes that are no UTF-8: nothing of ours. */
export function textOf(state: FileState | null): string | null {
  return state?.text ?? null;
}

/** Bytes as JSON holds them: `text` where they are UTF-8, else `base64`. */
export type Content = { readonly text?: string; readonly base64?: string };

/** No bytes where neither is given. */
export function bytesOf({ text, base64 }: Content): Buffer {
  return base64 === undefined ? Buffer.from(text ?? '', 'utf8') : Buffer.from(base64, 'base64');
}

export function contentOf(bytes: Buffer): { text: string } | { base64: string } {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? { text } : { base64: bytes.toString('base64') };
}

/** The same file with other bytes. */
export function withBytes({ mode, uid, gid }: FileState, bytes: Buffer): FileState {
  return { ...contentOf(bytes), mode, uid, gid };
}
