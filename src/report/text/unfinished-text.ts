import type { Outlook } from '../../apply/outlook.ts';
import type { Waiting } from '../../apply/waiting.ts';
import { durationText } from '../../core/duration.ts';
import { countOf } from './mend-lines.ts';

function putBackText({ values, files }: Outlook): string {
  const parts = [
    ...(values === 0 ? [] : [countOf(values, 'live value')]),
    ...(files === 0 ? [] : [countOf(files, 'file')]),
  ];
  return parts.length === 0 ? 'finds nothing to put back, and closes it' : `puts back ${parts.join(' and ')}`;
}

const LEFT: Readonly<Record<Outlook['was'], string>> = {
  applying: 'was left in the middle of being applied',
  waiting: 'was not confirmed in time',
  confirming: 'was left in the middle of being confirmed',
  'rolling-back': 'was left in the middle of being rolled back',
};

/**
 * What goes back by itself.
 * @param confirm what keeps it, as it is typed
 */
export function waitingText({ id, leftMs }: Waiting, confirm: string): string {
  return `Transaction ${id} goes back by itself in ${durationText(leftMs)}, unless it is confirmed: ${confirm}`;
}

/**
 * What a run left in the middle, and what comes of it.
 * @param recover what does just that, as it is typed
 */
export function unfinishedText(outlook: Outlook, recover: string): string {
  const { id, was, begunAt, leftAlone } = outlook;
  const alone = leftAlone === 0 ? '' : `, and leaves alone ${leftAlone} that somebody else changed since`;
  return `Transaction ${id}, begun ${begunAt}, ${LEFT[was]}: the next apply or rollback first ${putBackText(outlook)}${alone}. To do just that: ${recover}`;
}
