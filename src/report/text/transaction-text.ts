import type { Transaction } from '../../apply/journal.ts';
import { durationText } from '../../core/duration.ts';
import { shellQuote } from '../../core/shell.ts';
import { escapeControls, spaced } from '../../core/text.ts';
import type { StepNow, StepReport, TransactionReport } from '../../pipeline/transaction-report.ts';
import type { FileStep, LiveStep } from '../../plan/plan.ts';
import { hanging, padEnd, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import type { ChangeTextOptions } from './change-text.ts';
import { commandLines } from './command-lines.ts';
import { diffLines, fateOf } from './file-diff.ts';
import { stateText } from './history-text.ts';
import { reasonText } from './plan-text.ts';
import { leftText, takenText } from './step-words.ts';
import { fullWho } from './who-text.ts';

type Layout = { readonly columns: number; readonly style: Style };

const LABEL_COLUMNS = 10;

function field(label: string, bodies: readonly string[], { columns, style }: Layout): readonly string[] {
  return bodies.flatMap((body, index) => {
    const head = padEnd(index === 0 ? label : '', LABEL_COLUMNS);
    return hanging(`  ${style.faint(head)}`, body, columns);
  });
}

type Event = Exclude<Transaction['records'][number], { readonly kind: 'started' }>;

function eventText(event: Event): string {
  switch (event.kind) {
    case 'waiting':
      return 'set, to wait for its confirmation';
    case 'confirming':
      return 'being confirmed';
    case 'committed':
      return 'committed';
    case 'undoing':
      return `being undone: ${event.why}`;
    case 'undone':
      return 'undone';
    case 'rolling-back':
      return event.force ? 'being rolled back, by force' : 'being rolled back';
    case 'rolled-back':
      return 'rolled back';
  }
}

function eventsOf({ intent, records }: Transaction): readonly string[] {
  const events = records.flatMap((record) => (record.kind === 'started' ? [] : [record]));
  return [`${intent.at} begun`, ...events.map((event) => `${event.at} ${eventText(event)}`)];
}

const BOOTS: Readonly<Record<TransactionReport['boot'], string>> = {
  this: 'in this boot',
  earlier: 'in an earlier boot',
  none: 'an image, of which no kernel ran',
  unknown: 'in a boot of a host that does not run here',
};

function headLines(report: TransactionReport, layout: Layout): readonly string[] {
  const { transaction, nameOf, boot } = report;
  const { id, who, why, kernel, plan } = transaction.intent;
  return [
    layout.style.heading(`Transaction ${id}: ${stateText(transaction)}`),
    ...field('When', eventsOf(transaction).map(escapeControls), layout),
    ...field('Who', [fullWho(who, nameOf)], layout),
    ...field('Why', [why === null ? 'not said (apply --reason says it)' : escapeControls(why)], layout),
    ...field('Kernel', [escapeControls(`${kernel}, ${BOOTS[boot]}`)], layout),
    ...(plan.profiles.length === 0
      ? []
      : field('Profiles', [escapeControls(plan.profiles.join(', '))], layout)),
    '',
  ];
}

function whoDid(by: string | null, step: StepReport['step'], boot: TransactionReport['boot']): string {
  if (by !== null) return `by transaction ${by}`;
  return step.kind === 'live' && boot === 'earlier' ? 'by a boot or somebody else' : 'by somebody else';
}

/** Whether what it did is meant to stand now. */
function isStanding({ transaction, leftMs }: TransactionReport): boolean {
  return transaction.state.kind === 'committed' || leftMs !== null;
}

/** What became of a step, in the words of the state in which its transaction is. */
function nowText({ started, now, step }: StepReport, report: TransactionReport): string {
  const { boot, leftMs } = report;
  const waits = leftMs !== null;
  if (!started) return waits ? 'is done once it is confirmed' : 'never begun: the run ended before it';
  const stands = isStanding(report);
  switch (now.kind) {
    case 'as-set':
      if (waits) return 'stands as it was set, and goes back unless it is confirmed';
      if (stands) return 'stands as it was set';
      return now.by === null ? 'is as this transaction set it' : `is so again, by transaction ${now.by}`;
    case 'as-before':
      return stands ? `is as it was before, ${whoDid(now.by, step, boot)}` : 'is as it was before';
    case 'changed': {
      const who = whoDid(now.by, step, boot);
      if (step.kind === 'live') return `was changed to ${escapeControls(now.found)} since, ${who}`;
      return `was changed since, ${who}${now.by === null ? `: it is ${escapeControls(now.found)} now` : ''}`;
    }
    case 'gone':
      return 'is not there: this kernel has no such key now';
    case 'not-seen':
      return `not looked at: ${escapeControls(now.why)}`;
  }
}

function isAsExpected({ now, started }: StepReport, report: TransactionReport): boolean {
  // The files of one that waits are still to come.
  const isDone = isStanding(report) && (started || report.leftMs === null);
  const expected: StepNow['kind'] = isDone ? 'as-set' : 'as-before';
  return now.kind === expected;
}

function nowLines(
  each: StepReport,
  report: TransactionReport,
  { columns, style }: Layout,
): readonly string[] {
  const words = nowText(each, report);
  const isQuiet = isAsExpected(each, report);
  return hanging('    ', isQuiet ? style.faint(words) : style.heading(words), columns);
}

function valueText(value: string): string {
  return escapeControls(spaced(value)) || '(empty)';
}

function liveLines(
  step: LiveStep,
  each: StepReport,
  report: TransactionReport,
  layout: Layout,
): readonly string[] {
  const { style, columns } = layout;
  const key = style.span({ kind: 'key', text: step.target.key });
  return [
    ...hanging(
      '  ',
      `${key}: ${valueText(step.from)} became ${style.span({ kind: 'value', text: valueText(step.to) })}`,
      columns,
    ),
    ...step.because.flatMap((reason) => hanging('      ', style.faint(reasonText(reason)), columns)),
    ...nowLines(each, report, layout),
  ];
}

function fileLines(
  step: FileStep,
  each: StepReport,
  report: TransactionReport,
  layout: Layout,
): readonly string[] {
  const { style, columns } = layout;
  const path = style.span({ kind: 'path', text: step.target.path });
  return [
    ...hanging('  ', `${path}${fateOf(step)}`, columns),
    ...(step.takeover === undefined
      ? []
      : hanging('    ', escapeControls(takenText(step.takeover)), columns)),
    ...diffLines(step, style).map((line) => `    ${line}`),
    ...nowLines(each, report, layout),
  ];
}

function section(heading: string, lines: readonly string[], { style }: Layout): readonly string[] {
  return lines.length === 0 ? [] : [style.heading(heading), ...lines, ''];
}

function stepSections(report: TransactionReport, layout: Layout): readonly string[] {
  const { steps } = report;
  const live = steps.flatMap((each) =>
    each.step.kind === 'live' ? liveLines(each.step, each, report, layout) : [],
  );
  const files = steps.flatMap((each) =>
    each.step.kind === 'file' ? fileLines(each.step, each, report, layout) : [],
  );
  return [...section('Live values', live, layout), ...section('Files', files, layout)];
}

function leftLines({ transaction: { state } }: TransactionReport, layout: Layout): readonly string[] {
  const left = 'left' in state ? state.left : [];
  return section(
    'Not put back',
    left.flatMap((each) => hanging('  - ', escapeControls(leftText(each)), layout.columns)),
    layout,
  );
}

function keepLines(
  { leftMs }: TransactionReport,
  { confirm }: ChangeTextOptions,
  layout: Layout,
): readonly string[] {
  if (leftMs === null) return [];
  const command = commandLines('  ', confirm, layout);
  return section(`To keep it, within ${durationText(leftMs)}`, command, layout);
}

function undoLines(
  { undo }: TransactionReport,
  options: ChangeTextOptions,
  layout: Layout,
): readonly string[] {
  if (undo === null) return [];
  const typed = undo.command === 'recover' ? options.recover : options.undo;
  const command = commandLines('  ', [typed, ...undo.options].join(' '), layout);
  const before =
    undo.before.length === 0
      ? []
      : hanging('  ', `It takes back ${undo.before.join(', ')} first.`, layout.columns);
  return section('To take it back', [...command, ...before], layout);
}

function byHandLines(
  { byHand, directory, keptText, root }: TransactionReport,
  layout: Layout,
): readonly string[] {
  const { style, columns } = layout;
  const commands = [{ command: `cd ${shellQuote(directory)}`, remark: null }, ...byHand];
  const where = root === '/' ? '' : `, in a chroot of ${root}`;
  return [
    style.heading(escapeControls(`Without backlogctl, as root${where}`)),
    ...commands.flatMap(({ command, remark }) => commandLines('  ', command, layout, remark)),
    ...hanging('  ', escapeControls(`There, ${keptText}.`), columns),
  ];
}

/** One transaction: who, when, why, what, and whether it still stands; ends with a newline. */
export function renderTransaction(report: TransactionReport, options: ChangeTextOptions): string {
  const layout = { columns: usableColumns(options.columns), style: styleFor(options.color) };
  const lines = [
    ...headLines(report, layout),
    ...stepSections(report, layout),
    ...leftLines(report, layout),
    ...keepLines(report, options, layout),
    ...undoLines(report, options, layout),
    ...byHandLines(report, layout),
  ];
  return `${lines.join('\n')}\n`;
}
