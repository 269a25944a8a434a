import type { Left } from '../../apply/records.ts';
import { spaced } from '../../core/text.ts';
import type { TakenLine } from '../../plan/plan.ts';

const TAKEN: Readonly<Record<TakenLine['change'], string>> = {
  'comment-out': 'commented out',
  keep: 'left commented out',
  restore: 'given back',
};

/** `line 3 commented out (net.core.somaxconn = 128)` */
export function takenText(takeover: readonly TakenLine[]): string {
  return takeover
    .filter(({ change }) => change !== 'keep')
    .map(({ line, text, change }) => `line ${line} ${TAKEN[change]} (${spaced(text)})`)
    .join(', ');
}

/** The id of a step is its kind and its target. */
export function leftText({ step, why, detail }: Left): string {
  if (step === 'journal') return detail;
  const target = step.slice(step.indexOf(':') + 1);
  switch (why) {
    case 'foreign':
      return `${target} was changed by somebody else since and is left as it is: ${detail}`;
    case 'failed':
      return `${target} could not be put back: ${detail}`;
    case 'gone':
      return `${target} is left out: ${detail}`;
    case 'reboot':
      return `${target} stays as it is until the next boot: ${detail}`;
  }
}
