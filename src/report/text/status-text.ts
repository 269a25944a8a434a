import { escapeControls, spaced } from '../../core/text.ts';
import type { KeyStatus, Status } from '../../pipeline/status.ts';
import { hanging, usableColumns } from '../layout.ts';
import { styleFor } from '../style.ts';

function valueText(value: string | null): string {
  return value === null ? 'not known' : escapeControls(spaced(value));
}

function keyText({ key, planned, live, boot, bootFrom, verdict }: KeyStatus): string {
  const place = bootFrom === null ? '' : `, by ${escapeControls(`${bootFrom.file}:${bootFrom.line}`)}`;
  switch (verdict) {
    case 'in-step':
      return `${key} is ${valueText(live)}, now and at boot`;
    case 'drifted-live':
      return `${key} was set to ${valueText(planned)} and is ${valueText(live)} now: somebody changed it since`;
    case 'changes-at-boot':
      return `${key} is ${valueText(live)} now, and will be ${valueText(boot)} after the next boot${place}`;
    case 'unknown':
      return `${key} was set to ${valueText(planned)}; ${live === null ? 'what it is now' : 'what the next boot brings'} could not be told`;
  }
}

/** What of ours stands, and what no longer does; ends with a newline. */
export function renderStatus(
  { keys, unfinished, journalSeen }: Status,
  options: { readonly columns: number; readonly color: boolean },
): string {
  const columns = usableColumns(options.columns);
  const style = styleFor(options.color);
  const drifted = keys.filter(({ verdict }) => verdict !== 'in-step');
  const item = (body: string) => hanging('  - ', body, columns);
  const lines = [
    ...unfinished.flatMap((id) =>
      hanging(
        '',
        `Transaction ${id} was left in the middle: the next apply or rollback ends it first.`,
        columns,
      ),
    ),
    ...(keys.length === 0 ? ['backlogctl has set nothing on this host.'] : []),
    ...keys.filter(({ verdict }) => verdict === 'in-step').flatMap((each) => item(keyText(each))),
    ...(drifted.length === 0
      ? []
      : [style.heading('Not as it was set'), ...drifted.flatMap((each) => item(keyText(each)))]),
    ...(journalSeen ? [] : ['The journal is for root to read: only the drop-in was looked at.']),
  ];
  return `${lines.join('\n')}\n`;
}
