import type { DamageReport } from '../../apply/damage.ts';
import type { Transaction } from '../../apply/journal.ts';
import type { SetAside } from '../../apply/journal-names.ts';
import { escapeControls } from '../../core/text.ts';
import type { History } from '../../pipeline/history.ts';
import type { Plan } from '../../plan/plan.ts';
import { hanging, padEnd, shorten, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import type { ChangeTextOptions } from './change-text.ts';
import { commandLines } from './command-lines.ts';
import { changesIn, countOf } from './mend-lines.ts';
import { unfinishedText, waitingText } from './unfinished-text.ts';
import { shortWho } from './who-text.ts';

type Layout = { readonly columns: number; readonly style: Style };

const STATES: Readonly<Record<Transaction['state']['kind'], string>> = {
  begun: 'unfinished',
  waiting: 'not confirmed',
  confirming: 'unfinished',
  committed: 'applied',
  undoing: 'unfinished',
  undone: 'undone',
  'rolling-back': 'unfinished',
  'rolled-back': 'rolled back',
};

/** What of it stands, in a word or two. */
export function stateText({ state }: Transaction): string {
  return STATES[state.kind];
}

/** `3 values, 1 file, 2 lines`: those of other files, as short as fits beside a reason in 80 columns. */
function countsText(plan: Plan): string {
  const { values, commentedOut, givenBack } = changesIn(plan);
  const files = plan.steps.filter((step) => step.kind === 'file' && step.takeover === undefined).length;
  const lines = commentedOut + givenBack;
  return [
    ...(values === 0 ? [] : [countOf(values, 'value')]),
    ...(files === 0 ? [] : [countOf(files, 'file')]),
    ...(lines === 0 ? [] : [countOf(lines, 'line')]),
  ].join(', ');
}

/** Why, as far as it was said, and how much. */
type Deed = { readonly why: string; readonly what: string };

function deedOf({ intent: { plan, why }, state }: Transaction): Deed {
  const left = 'left' in state && state.left.length > 0 ? `, ${state.left.length} left as found` : '';
  return {
    why: escapeControls(why ?? plan.profiles.join(', ')),
    what: `${countsText(plan)}${left}`,
  };
}

const FEWEST_OF_A_REASON = 12;

function cutOff(content: string, columns: number): string {
  const characters = [...content];
  return characters.length <= columns
    ? content
    : `${characters
        .slice(0, columns - 1)
        .join('')
        .trimEnd()}…`;
}

/** What was done is told as a whole, and of the reason as much as fits. */
function deedText({ why, what }: Deed, columns: number): string {
  if (why === '') return cutOff(what, columns);
  const space = Math.max(FEWEST_OF_A_REASON, columns - what.length - 2);
  return cutOff(`${cutOff(why, space)}; ${what}`, columns);
}

type Row = {
  readonly id: string;
  readonly at: string;
  readonly state: string;
  readonly who: string;
  readonly deed: Deed;
};

const MOST_OF_A_NAME = 16;
const HEADING: Row = {
  id: 'Number',
  at: 'Begun (UTC)',
  state: 'State',
  who: 'By',
  deed: { why: '', what: 'Why and what' },
};

/** RFC 3339 to the minute. */
function minute(at: string): string {
  return escapeControls(at.slice(0, 16).replace('T', ' '));
}

function rowOf(transaction: Transaction, { nameOf }: History): Row {
  const { intent } = transaction;
  return {
    id: intent.id,
    at: minute(intent.at),
    state: stateText(transaction),
    who: shorten(shortWho(intent.who, nameOf), MOST_OF_A_NAME),
    deed: deedOf(transaction),
  };
}

function damagedRow({ id, kind }: DamageReport): Row {
  return {
    id,
    at: '',
    state: kind === 'missing' ? 'missing' : 'not readable',
    who: '',
    deed: { why: '', what: '' },
  };
}

function table(rows: readonly Row[], { columns, style }: Layout): readonly string[] {
  const all = [HEADING, ...rows];
  const widest = (column: Exclude<keyof Row, 'deed'>) =>
    Math.max(...all.map((row) => [...row[column]].length));
  const widths = { id: widest('id'), at: widest('at'), state: widest('state'), who: widest('who') };
  const lines = all.map(({ id, at, state, who, deed }) => {
    const head = `${padEnd(id, widths.id)}  ${padEnd(at, widths.at)}  ${padEnd(state, widths.state)}  ${padEnd(who, widths.who)}  `;
    return `${head}${deedText(deed, columns - head.length)}`.trimEnd();
  });
  return lines.map((line, index) => (index === 0 ? style.heading(line) : line));
}

function damageLines(
  { why, at, kind, ways, id, lastId, keptText }: DamageReport,
  layout: Layout,
): readonly string[] {
  const { columns, style } = layout;
  const which = id === lastId ? `Transaction ${id}` : `Transactions ${id} to ${lastId}`;
  const place = at.line === undefined ? at.file : `${at.file}:${at.line}`;
  const what = kind === 'missing' ? 'missing' : kind === 'later' ? 'of a later version' : 'damaged';
  return [
    '',
    ...hanging('', style.heading(`${which}: ${what}`), columns),
    ...hanging('  ', escapeControls(`${place}: ${why}`), columns),
    ...(kind === 'missing'
      ? []
      : hanging('  ', escapeControls(`Of what stood there before, ${keptText}.`), columns)),
    ...ways.flatMap(({ instruction, command }) => [
      ...hanging('  - ', escapeControls(`${instruction}${command === null ? '' : ':'}`), columns),
      ...(command === null ? [] : commandLines('    ', command, layout)),
    ]),
  ];
}

function setAsideText({ first, last, how }: SetAside): string {
  const pad = (number: number) => String(number).padStart(6, '0');
  const which = first === last ? `${pad(first)} was` : `${pad(first)} to ${pad(last)} were`;
  return how === 'pruned'
    ? `${which} undone or rolled back long ago, and no longer kept.`
    : `${which} put aside by hand: no rollback takes back what was done.`;
}

export type HistoryTextOptions = ChangeTextOptions & {
  /** What shows one of them, as it is typed, but for its number. */
  readonly show: string;
  /** Another tree that is looked at, as typed. */
  readonly root?: string | undefined;
};

function placeText({ root, netns }: HistoryTextOptions): string {
  if (root !== undefined) return escapeControls(`in ${root}`);
  return netns === undefined ? 'on this host' : escapeControls(`in the network namespace ${netns}`);
}

/** A line for each transaction, the newest first, and what is to be said of the journal; ends with a newline. */
export function renderHistory(history: History, options: HistoryTextOptions): string {
  const { transactions, damaged, unfinished, waiting } = history;
  const layout = { columns: usableColumns(options.columns), style: styleFor(options.color) };
  if (transactions.length === 0 && damaged.length === 0 && history.setAside.length === 0)
    return `backlogctl has not changed anything ${placeText(options)}.\n`;
  const rows = [...transactions.map((each) => rowOf(each, history)), ...damaged.map(damagedRow)];
  rows.sort((a, b) => b.id.localeCompare(a.id));
  const sentences = [
    ...(waiting === null ? [] : [waitingText(waiting, options.confirm)]),
    ...unfinished.map((each) => unfinishedText(each, options.recover)),
    ...history.setAside.map(setAsideText),
  ];
  const newest = transactions.at(-1)?.intent.id;
  const lines = [
    ...table(rows, layout),
    ...damaged.flatMap((each) => damageLines(each, layout)),
    '',
    ...sentences.flatMap((sentence) => hanging('', sentence, layout.columns)),
    ...(newest === undefined ? [] : commandLines('More  ', `${options.show} ${newest}`, layout)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
