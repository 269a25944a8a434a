import type { ServerEntry } from './server-entry.ts';

/** What somaxconn was before anybody changed it: 128, and 4096 since Linux 5.4 (commit 19f92a030ca6). */
const USUAL_SOMAXCONN: readonly number[] = [128, 4096];

/**
 * Whether the entry is a language's runtime or a library: the number stands in the program's own code, and any
 * program may have written another one there.
 */
export function isChosenByProgram({ configChange }: ServerEntry): boolean {
  return configChange.action === 'code-change+restart';
}

/**
 * Whether a live limit speaks for a runtime's default: it is the default itself, or what somaxconn may have cut it
 * to. Any other number is more likely the program's own.
 * @param defaults what listen() gets by default; none where the runtime reads somaxconn
 * @param somaxconn the live value; null where not known
 */
export function speaksForDefault(
  limit: number | undefined,
  defaults: readonly number[],
  somaxconn: number | null,
): boolean {
  if (limit === undefined) return false;
  return defaults.includes(limit) || limit === somaxconn || USUAL_SOMAXCONN.includes(limit);
}
