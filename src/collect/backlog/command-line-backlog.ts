import type { ServerEntry } from '../../servers/server-entry.ts';
import { asBacklog, type ListenerOwner } from './backlog-reading.ts';

/** The written number of one word, or `next` where the next word is it. */
function valueIn(word: string, flag: string): string | 'next' | null {
  if (flag.endsWith('=')) return word.startsWith(flag) ? word.slice(flag.length) : null;
  if (word === flag) return 'next';
  if (flag.startsWith('--')) return word.startsWith(`${flag}=`) ? word.slice(flag.length + 1) : null;
  return word.startsWith(flag) ? word.slice(flag.length) : null;
}

/**
 * The backlog that the server's own arguments set, the last one counting; null for none. Negative numbers mean
 * something else to each server (-1 is `automatic` to MySQL), so they count as none.
 */
export function commandLineBacklog(server: ServerEntry, owner: ListenerOwner): number | null {
  const words = owner.commandLine;
  let backlog: number | null = null;
  for (const [index, word] of words.entries()) {
    for (const flag of server.backlogFlags ?? []) {
      const written = valueIn(word, flag);
      const value = written === 'next' ? words[index + 1] : written;
      if (value !== null && value !== undefined && /^\d/.test(value)) backlog = asBacklog(value) ?? backlog;
    }
  }
  return backlog;
}
