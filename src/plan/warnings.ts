import { catalogueEntry } from '../sysctl/catalogue.ts';
import { specialKey } from '../sysctl/special-keys.ts';
import type { Decision } from './decision.ts';
import type { Warning } from './plan.ts';

type Decided = Extract<Decision, { kind: 'decided' }>;

/** null where writing the old value back brings the old state back, as far as we know. */
function oneWayText({ key }: Decided): string | null {
  const special = specialKey(key);
  if (special?.kind === 'one-way') return `${key} cannot be taken back: ${special.why}`;
  const reversible = catalogueEntry(key)?.reversible;
  return reversible === undefined || reversible.is
    ? null
    : `${key} cannot be taken back as a whole: ${reversible.why}`;
}

function sideEffectsText({ key }: Decided): string | null {
  const sideEffects = catalogueEntry(key)?.sideEffects;
  return sideEffects === undefined ? null : `a write of ${key} does more than set it: ${sideEffects}`;
}

/** What a loader cannot set because its key is not there yet, it passes over. */
function moduleText({ key, line }: Decided): string | null {
  const module = catalogueEntry(key)?.module;
  return module === undefined || line === null
    ? null
    : `${key} is set at boot only where the kernel module ${module} is loaded by then: name it in a file of /etc/modules-load.d`;
}

/** What has to be said of a key before anything is written. */
export function warningsOf(decided: Decided): readonly Warning[] {
  const { key, live, line, noOp, pending } = decided;
  const isWritten = live !== null || (line !== null && noOp === null);
  const written = isWritten
    ? [live === null ? null : oneWayText(decided), sideEffectsText(decided), moduleText(decided)]
    : [];
  return [...written, pending].flatMap((message) => (message === null ? [] : [{ key, message }]));
}
