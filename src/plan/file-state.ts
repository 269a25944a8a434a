import type { FileState } from './plan.ts';

/** 0644 and root's: what sysctl files are, and what every loader can read. */
export function textFile(text: string): FileState {
  return { text, mode: '0644', uid: 0, gid: 0 };
}

/** null for bytes that are no UTF-8: nothing of ours. */
export function textOf(state: FileState | null): string | null {
  return state?.text ?? null;
}
