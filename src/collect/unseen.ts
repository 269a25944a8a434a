import type { Unknown } from '../core/fact.ts';
import type { Unseen } from '../snapshot/snapshot.ts';

/** Gathers, in words for a person, what the probes could not see. The same words are said once. */
export type UnseenLog = {
  add(what: string, why: string): void;
  readonly entries: readonly Unseen[];
};

export function unseenLog(): UnseenLog {
  const entries = new Map<string, Unseen>();
  return {
    add: (what, why) => {
      entries.set(`${what}\0${why}`, { what, why });
    },
    get entries() {
      return [...entries.values()];
    },
  };
}

const WHY = {
  absent: 'not there',
  denied: 'not permitted (run as root)',
  malformed: 'not readable',
  'timed-out': 'took too long',
  'not-collected': 'not collected',
} as const;

export function whyText({ why, detail }: Unknown): string {
  return detail === undefined ? WHY[why] : `${WHY[why]}: ${detail}`;
}

export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
