import type { Unknown } from '../core/fact.ts';
import type { Identity } from '../core/ports.ts';
import type { Unseen } from '../snapshot/snapshot.ts';

/** Gathers, in words for a person, what the probes could not see. The same words are said once. */
export type UnseenLog = {
  add(what: string, why: string | Unknown): void;
  readonly entries: readonly Unseen[];
};

/** @param identity root is not told to become root */
export function unseenLog(identity: Identity): UnseenLog {
  const entries = new Map<string, Unseen>();
  const denied = identity.uid === 0 ? 'not permitted' : 'not permitted (run as root)';
  return {
    add: (what, reason) => {
      const why = typeof reason === 'string' ? reason : whyText(reason, denied);
      entries.set(`${what}\0${why}`, { what, why });
    },
    get entries() {
      return [...entries.values()];
    },
  };
}

const WHY = {
  absent: 'not there',
  malformed: 'not readable',
  'timed-out': 'took too long',
  'not-collected': 'not collected',
} as const;

function whyText({ why, detail }: Unknown, denied: string): string {
  const words = why === 'denied' ? denied : WHY[why];
  return detail === undefined ? words : `${words}: ${detail}`;
}

/** `1 listener`, `3 listeners` */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
