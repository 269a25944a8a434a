import { errnoText } from '../core/errno-text.ts';
import type { CallFailure } from '../core/ports.ts';
import type { Plan } from '../plan/plan.ts';
import type { Receipt } from './change-document.ts';

/** Asked for, and not done; a setting whose own condition does not hold was not asked for here. */
export function leftOut({ conflicts, skipped }: Pick<Plan, 'conflicts' | 'skipped'>): Receipt['leftOut'] {
  return [
    ...conflicts.map(({ key, kind, message }) => ({ key, why: kind, message })),
    ...skipped.flatMap(({ key, why, message }) => (why === 'condition' ? [] : [{ key, why, message }])),
  ];
}

/** Why nothing was begun, where the journal could not be written. */
export function unsavedText({ call, path, errno }: CallFailure): string {
  return `the old values could not be saved first (${call} of ${path}: ${errnoText(errno)})`;
}
