import stringWidth from 'fast-string-width';
import { escapeControls, spaced } from '../../core/text.ts';
import { type Way, wayText } from '../../core/way.ts';
import type { OtherKey } from '../../pipeline/other-keys.ts';
import type { KeyStatus, Status } from '../../pipeline/status.ts';
import { hanging, padEnd, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { commandLines } from './command-lines.ts';
import { namespaceText } from './namespace-text.ts';
import { unfinishedText, waitingText } from './unfinished-text.ts';

export type StatusTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  /** As they are typed, so that another command looks at the same facts. */
  readonly sourceOptions: string;
  /** What takes the changes back, as it is typed. */
  readonly undo: string;
  /** What ends what a run left in the middle, as it is typed. */
  readonly recover: string;
  readonly confirm: string;
  /** The network namespace, `blue` or `of process 4711`; left out for our own. */
  readonly netns?: string;
  /** A snapshot was looked at, which holds no journal. */
  readonly isSnapshot: boolean;
};

type Layout = { readonly columns: number; readonly style: Style };

type Row = OtherKey & { readonly planned: string | null };

const VERDICTS: Readonly<Record<KeyStatus['verdict'], string>> = {
  'in-step': 'in step',
  'set-at-boot': 'set at boot',
  'set-when-added': 'set once its interface is added',
  'until-boot': 'until the next boot: it was written to no file',
  'drifted-live': 'changed since',
  'changes-at-boot': 'changes at the next boot',
  shadowed: 'shadowed',
  'unknown-to-kernel': 'unknown to this kernel',
  'before-module': 'set before its module loads',
  unknown: 'not known',
};

function valueText(value: string | null): string {
  if (value === null) return 'not known';
  return escapeControls(spaced(value)) || '(empty)';
}

function bootText({ boot, bootFrom }: Row): string {
  if (boot === null) return 'not known';
  const place = bootFrom === null ? 'the kernel itself' : escapeControls(`${bootFrom.file}:${bootFrom.line}`);
  return `${valueText(boot)}, by ${place}`;
}

/** Columns of the values of plan and live, so that those of one list stand below each other. */
type Widths = { readonly planned: number; readonly live: number };

function widthsOf(rows: readonly Row[]): Widths {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => stringWidth(text)));
  return {
    planned: widest(rows.flatMap(({ planned }) => (planned === null ? [] : [valueText(planned)]))),
    live: widest(rows.map(({ live }) => valueText(live))),
  };
}

const INDENT = '      ';
const GAP = '   ';

/** Plan, live and boot value side by side, as far as they fit on a line. */
function cellLines(cells: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const cell of cells) {
    const last = lines.at(-1);
    const joined = `${last ?? ''}${GAP}${cell}`;
    if (last !== undefined && INDENT.length + stringWidth(joined) <= columns) lines.splice(-1, 1, joined);
    else lines.push(cell);
  }
  return lines.flatMap((line) => hanging(INDENT, line.trimEnd(), columns));
}

function rowLines(
  row: Row,
  widths: Widths,
  liveSeen: boolean,
  { columns, style }: Layout,
): readonly string[] {
  const { key, planned, live, verdict, why } = row;
  const label = (text: string) => style.faint(text);
  const cells = [
    ...(planned === null ? [] : [`${label('plan')} ${padEnd(valueText(planned), widths.planned)}`]),
    ...(liveSeen ? [`${label('live')} ${padEnd(valueText(live), widths.live)}`] : []),
    `${label('boot')} ${bootText(row)}`,
  ];
  return [
    ...hanging('  ', `${style.span({ kind: 'key', text: key })}: ${VERDICTS[verdict]}`, columns),
    ...cellLines(cells, columns),
    ...(why === null ? [] : hanging(INDENT, escapeControls(why), columns)),
  ];
}

function section(
  heading: string,
  rows: readonly Row[],
  liveSeen: boolean,
  layout: Layout,
): readonly string[] {
  if (rows.length === 0) return [];
  const widths = widthsOf(rows);
  return [
    layout.style.heading(heading),
    ...rows.flatMap((row) => rowLines(row, widths, liveSeen, layout)),
    '',
  ];
}

const AS_SET: ReadonlySet<KeyStatus['verdict']> = new Set([
  'in-step',
  'set-at-boot',
  'set-when-added',
  'until-boot',
]);

/** With the command below where they do not fit on one line: that is not wrapped. */
function wayLines({ instruction, command }: Way, layout: Layout): readonly string[] {
  if (command === null) return hanging('  - ', escapeControls(instruction), layout.columns);
  const head = `  - ${escapeControls(instruction)}: `;
  const [line = ''] = commandLines(head, command, layout);
  if (stringWidth(line) <= layout.columns) return [line];
  return [
    ...hanging('  - ', `${escapeControls(instruction)}:`, layout.columns),
    ...commandLines('    ', command, layout),
  ];
}

function whatToType(keys: readonly KeyStatus[], undo: string, layout: Layout): readonly string[] {
  const ways = new Map(keys.flatMap((each) => each.ways.map((way) => [wayText(way), way])));
  if (ways.size === 0) return [];
  return [
    layout.style.heading('What to do'),
    ...[...ways.values()].flatMap((way) => wayLines(way, layout)),
    ...wayLines({ instruction: 'take everything back', command: undo }, layout),
    '',
  ];
}

function nothingText({ keys, unfinished, waiting, journalSeen }: Status): readonly string[] {
  if (keys.length > 0 || unfinished.length > 0 || waiting !== null) return [];
  return [
    journalSeen
      ? 'backlogctl has set nothing here.'
      : 'No drop-in of backlogctl stands here, so as far as files tell it has set nothing.',
  ];
}

function othersText({ keys, othersDiffer, others }: Status, sourceOptions: string): readonly string[] {
  const count = othersDiffer.length;
  if (count === 0 || others !== null) return [];
  const besides = keys.length === 0 ? '' : ' that we did not set';
  const what = count === 1 ? `One key${besides} has` : `${count} keys${besides} have`;
  const ours = (words: string) => `backlogctl ${words} ${sourceOptions}`.trimEnd();
  return [
    `${what} another value now than the sysctl files set: ${ours('status --all')} shows ${count === 1 ? 'it' : 'them'}, and ${ours('audit')} says why.`,
  ];
}

function notSeenText({ journalSeen, liveSeen }: Status, isSnapshot: boolean): readonly string[] {
  const journal = isSnapshot
    ? 'A snapshot holds no journal: what was set without a file is not seen.'
    : 'The journal is for root to read: what was set without a file is not seen.';
  return [
    ...(liveSeen ? [] : ['There are no live values here, as of an image: only the next boot is judged.']),
    ...(journalSeen ? [] : [journal]),
  ];
}

/** What of ours stands, and what no longer does, and what to do about it; ends with a newline. */
export function renderStatus(status: Status, options: StatusTextOptions): string {
  const { keys, unfinished, others, liveSeen } = status;
  const layout = { columns: usableColumns(options.columns), style: styleFor(options.color) };
  const prose = (texts: readonly string[]) => texts.flatMap((text) => hanging('', text, layout.columns));
  const asSet = keys.filter(({ verdict }) => AS_SET.has(verdict));
  const notAsSet = keys.filter(({ verdict }) => !AS_SET.has(verdict));
  const lines = [
    ...section(
      'Set by sysctl files, not by backlogctl',
      (others ?? []).map((each) => ({ ...each, planned: null })),
      liveSeen,
      layout,
    ),
    ...section('As it was set', asSet, liveSeen, layout),
    ...section('Not as it was set', notAsSet, liveSeen, layout),
    ...whatToType(notAsSet, options.undo, layout),
    ...prose([
      ...(status.waiting === null ? [] : [waitingText(status.waiting, options.confirm)]),
      ...unfinished.map((each) => unfinishedText(each, options.recover)),
      ...(options.netns === undefined || keys.length === 0 ? [] : [namespaceText(options.netns)]),
      ...nothingText(status),
      ...othersText(status, options.sourceOptions),
      ...notSeenText(status, options.isSnapshot),
    ]),
  ];
  const last = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return `${last.join('\n')}\n`;
}
