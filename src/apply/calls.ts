import type { CallResult } from '../core/ports.ts';

const DONE: CallResult = { ok: true, value: undefined };

/** One call after the other, until one fails. */
export async function inOrder(...calls: readonly (() => Promise<CallResult>)[]): Promise<CallResult> {
  for (const call of calls) {
    const result = await call();
    if (!result.ok) return result;
  }
  return DONE;
}

/** Failing with that errno is as good as done: the thing is there, or gone, already. */
export function unless(errno: string, result: CallResult): CallResult {
  return !result.ok && result.errno === errno ? DONE : result;
}
