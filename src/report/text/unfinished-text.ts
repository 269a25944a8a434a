import type { Outlook } from '../../apply/outlook.ts';
import { countOf } from './mend-lines.ts';

function putBackText({ values, files }: Outlook): string {
  const parts = [
    ...(values === 0 ? [] : [countOf(values, 'live value')]),
    ...(files === 0 ? [] : [countOf(files, 'file')]),
  ];
  return parts.length === 0 ? 'finds nothing to put back, and closes it' : `puts back ${parts.join(' and ')}`;
}

/**
 * What a run left in the middle, and what comes of it.
 * @param undo what does just that, as it is typed
 */
export function unfinishedText(outlook: Outlook, undo: string): string {
  const { id, was, begunAt, leftAlone } = outlook;
  const alone = leftAlone === 0 ? '' : `, and leaves alone ${leftAlone} that somebody else changed since`;
  const doing = was === 'applying' ? 'applied' : 'rolled back';
  return `Transaction ${id}, begun ${begunAt}, was left in the middle of being ${doing}: the next apply or rollback first ${putBackText(outlook)}${alone}. To do just that: ${undo}`;
}
