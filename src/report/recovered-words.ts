import type { Recovery } from '../apply/recover.ts';

const WAS: Readonly<Record<Recovery['was'], (id: string) => string>> = {
  applying: (id) => `An earlier run was ended in the middle of transaction ${id}`,
  waiting: (id) => `Transaction ${id} was not confirmed`,
  confirming: (id) => `An earlier run was ended while it confirmed transaction ${id}`,
  'rolling-back': (id) => `An earlier run was ended in the middle of rolling back transaction ${id}`,
};

function endText({ was, left }: Recovery, recover: string): string {
  if (left.some(({ why }) => why === 'failed'))
    return `, and not everything could be put back. To try again: ${recover}. This is not as it was:`;
  const done = was === 'rolling-back' ? 'that is finished now' : 'everything that it had changed is put back';
  return `: ${done}${left.length === 0 ? '.' : ', but for what is left as it is:'}`;
}

/**
 * What became of what an earlier run left, as a sentence, or the beginning of a list.
 * @param recover what tries again what could not be put back, as it is typed
 */
export function recoveredText(recovery: Recovery, recover: string): string {
  return `${WAS[recovery.was](recovery.id)}${endText(recovery, recover)}`;
}
