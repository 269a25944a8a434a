import { escapeControls, spaced } from '../../core/text.ts';
import type { KeyStatus, Status } from '../../pipeline/status.ts';
import { hanging, usableColumns } from '../layout.ts';
import { styleFor } from '../style.ts';

function valueText(value: string | null): string {
  return value === null ? 'not known' : escapeControls(spaced(value));
}

function keyText({ key, planned, live, boot, bootFrom, verdict }: KeyStatus): string {
  const place =
    bootFrom === null
      ? "by the kernel's own choice"
      : `by ${escapeControls(`${bootFrom.file}:${bootFrom.line}`)}`;
  switch (verdict) {
    case 'in-step':
      return `${key} is ${valueText(live)}, now and at boot`;
    case 'until-boot':
      return `${key} is ${valueText(live)}, until the next boot: it was written to no file`;
    case 'drifted-live':
      return `${key} should be ${valueText(planned)} and is ${valueText(live)} now`;
    case 'changes-at-boot':
      return `${key} is ${valueText(live)} now, and will be ${valueText(boot)} after the next boot, ${place}`;
    case 'unknown':
      return `${key} should be ${valueText(planned)}; ${live === null ? 'what it is now' : 'what the next boot brings'} could not be told`;
  }
}

const AS_SET: ReadonlySet<KeyStatus['verdict']> = new Set(['in-step', 'until-boot']);

function nothingText({ unfinished, journalSeen }: Status): readonly string[] {
  if (unfinished.length > 0) return [];
  return [journalSeen ? 'backlogctl has set nothing on this host.' : 'No drop-in of backlogctl stands here.'];
}

/** What of ours stands, and what no longer does; ends with a newline. */
export function renderStatus(
  status: Status,
  options: { readonly columns: number; readonly color: boolean },
): string {
  const { keys, unfinished, journalSeen } = status;
  const columns = usableColumns(options.columns);
  const style = styleFor(options.color);
  const command = (text: string) => style.span({ kind: 'command', text });
  const item = (body: string) => hanging('  - ', body, columns);
  const drifted = keys.filter(({ verdict }) => !AS_SET.has(verdict));
  const unfinishedText = (id: string) =>
    `Transaction ${id} was left in the middle: the next apply or rollback ends it first.`;
  const lines = [
    ...unfinished.flatMap((id) => hanging('', unfinishedText(id), columns)),
    ...(keys.length === 0 ? nothingText(status) : []),
    ...keys.filter(({ verdict }) => AS_SET.has(verdict)).flatMap((each) => item(keyText(each))),
    ...(drifted.length === 0
      ? []
      : [
          style.heading('Not as it was set'),
          ...drifted.flatMap((each) => item(keyText(each))),
          ...hanging('Set it again  ', `${command('backlogctl apply')} with the same profiles`, columns),
          ...hanging('Take it back  ', command('backlogctl rollback'), columns),
        ]),
    ...(journalSeen
      ? []
      : hanging('', 'The journal is for root to read: what was set without a file is not seen.', columns)),
  ];
  return `${lines.join('\n')}\n`;
}
