import { baseName } from '../../core/paths.ts';
import { escapeControls, spaced } from '../../core/text.ts';
import type { Conflict, FileStep, LiveStep, NoOp, Plan, Reason } from '../../plan/plan.ts';
import { hanging, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { diffLines, fateOf } from './file-diff.ts';
import { manualLines } from './manual-lines.ts';
import { changesIn, countOf, doAndUndoLines, type PlanCommands } from './mend-lines.ts';
import { namespaceText } from './namespace-text.ts';

export type PlanTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  /** The network namespace that would be changed, `blue` or `of process 4711`; left out for our own. */
  readonly netns?: string;
};

type Layout = { readonly columns: number; readonly style: Style; readonly verbose: boolean };

function valueText(value: string): string {
  return escapeControls(spaced(value));
}

export function reasonText({ by, name, text, source }: Reason): string {
  const from = source === undefined ? '' : ` (${source})`;
  return escapeControls(by === 'withdrawn' ? text : `${by} ${name}: ${text}${from}`);
}

function section(heading: string, lines: readonly string[], { style }: Layout): readonly string[] {
  return lines.length === 0 ? [] : [style.heading(heading), ...lines, ''];
}

function item(body: string, { columns }: Layout): readonly string[] {
  return hanging('  - ', body, columns);
}

/** A reason that the diff below shows as a comment need not be said twice. */
function liveLines(step: LiveStep, files: readonly FileStep[], layout: Layout): readonly string[] {
  const { style, columns } = layout;
  const change = `${style.span({ kind: 'key', text: step.target.key })}: ${valueText(step.from)} becomes ${style.span({ kind: 'value', text: valueText(step.to) })}`;
  const isSaid = (text: string) => files.some(({ to }) => to?.text?.includes(spaced(text)));
  const reasons = step.because.filter(({ text }) => !isSaid(text));
  return [
    ...hanging('  ', change, columns),
    ...reasons.flatMap((reason) => hanging('      ', style.faint(reasonText(reason)), columns)),
  ];
}

function fileLines(step: FileStep, fate: string, layout: Layout): readonly string[] {
  return section(
    `At boot: ${escapeControls(step.target.path)}${fate}`,
    diffLines(step, layout.style).map((line) => `  ${line}`),
    layout,
  );
}

/** A file that is made while another is removed is that one under a new name: only what changes in it is shown. */
function filesLines(files: readonly FileStep[], layout: Layout): readonly string[] {
  const own = files.filter(({ takeover }) => takeover === undefined);
  const made = own.find(({ to }) => to !== null);
  const removed = own.find(({ to }) => to === null);
  if (made === undefined || removed === undefined)
    return files.flatMap((step) => fileLines(step, fateOf(step), layout));
  const before = baseName(removed.target.path);
  const fate = ` (in place of ${escapeControls(before)})`;
  return files.flatMap((step) => {
    if (step === removed) return [];
    return step === made
      ? fileLines({ ...made, from: removed.from }, fate, layout)
      : fileLines(step, fateOf(step), layout);
  });
}

function conflictLines({ message, ways, because }: Conflict, layout: Layout): readonly string[] {
  const { columns } = layout;
  const asked =
    because.length === 0 ? [] : hanging('    Asked for by  ', because.map(reasonText).join('; '), columns);
  return [
    ...item(escapeControls(message), layout),
    ...asked,
    ...ways.flatMap((way, index) =>
      hanging(index === 0 ? '    Ways out      ' : '                  ', escapeControls(way), columns),
    ),
  ];
}

function noOpText({ key, value, why, at }: NoOp): string {
  const setting = `${key} is ${valueText(value)}`;
  switch (why) {
    case 'live-and-boot':
      return `${setting}, and our line keeps it so`;
    case 'kernel-default':
      return `${setting}, which this kernel sets by itself`;
    case 'set-by-file':
      return `${setting}, and ${at === undefined ? 'another file' : escapeControls(`${at.file}:${at.line}`)} keeps it so`;
  }
}

/** `1 line of another file is`, `2 lines of other files are` */
function linesAre(amount: number): string {
  return amount === 1 ? '1 line of another file is' : `${amount} lines of other files are`;
}

/** One sentence that stands for the whole plan. */
function planVerdict(plan: Plan): string {
  const { steps, conflicts } = plan;
  const { values, dropIn, commentedOut, givenBack } = changesIn(plan);
  const open =
    conflicts.length === 0 ? '' : ` ${countOf(conflicts.length, 'conflict')} for a person to decide.`;
  if (steps.length === 0) return `Nothing to change.${open}`;
  const parts = [
    ...(values === 0 ? [] : [`${countOf(values, 'value')} ${values === 1 ? 'changes' : 'change'} now`]),
    ...(dropIn ? ['the drop-in changes'] : []),
    ...(commentedOut === 0 ? [] : [`${linesAre(commentedOut)} commented out`]),
    ...(givenBack === 0 ? [] : [`${linesAre(givenBack)} given back`]),
  ];
  return `${[parts.slice(0, -1).join(', '), parts.at(-1)].filter((part) => part !== '').join(', and ')}.${open}`;
}

/**
 * What would change, what would not and why, and what is left to a person; ends with a newline.
 * @param commands what to type for it; null where a person is asked instead, or reads what was done
 */
export function renderPlanText(
  plan: Plan,
  options: PlanTextOptions,
  commands: PlanCommands | null = null,
): string {
  const layout = {
    columns: usableColumns(options.columns),
    style: styleFor(options.color),
    verbose: options.verbosity === 'verbose',
  };
  const verdict = planVerdict(plan);
  if (options.verbosity === 'quiet') return `${verdict}\n`;
  const live = plan.steps.filter((step) => step.kind === 'live');
  const files = plan.steps.filter((step) => step.kind === 'file');
  const [before, afterwards] = [
    plan.manual.filter(({ after }) => !after),
    plan.manual.filter(({ after }) => after),
  ];
  const lines = [
    ...section(
      'Changes now',
      live.flatMap((step) => liveLines(step, files, layout)),
      layout,
    ),
    ...filesLines(files, layout),
    ...section(
      'For a person to decide',
      plan.conflicts.flatMap((each) => conflictLines(each, layout)),
      layout,
    ),
    ...section(
      'Before you apply it',
      plan.warnings.flatMap(({ message }) => item(escapeControls(message), layout)),
      layout,
    ),
    ...section(
      'Left alone',
      plan.skipped.flatMap(({ message }) => item(escapeControls(message), layout)),
      layout,
    ),
    ...section(
      'In order already',
      plan.noOps.flatMap((each) => item(noOpText(each), layout)),
      layout,
    ),
    ...section(
      'By hand',
      before.flatMap((each) => manualLines(each, layout)),
      layout,
    ),
    ...section(
      'By hand, afterwards',
      afterwards.flatMap((each) => manualLines(each, layout)),
      layout,
    ),
    ...hanging('', layout.style.heading(verdict), layout.columns),
    ...(options.netns === undefined || live.length === 0
      ? []
      : hanging('', escapeControls(namespaceText(options.netns)), layout.columns)),
    ...(commands === null ? [] : doAndUndoLines({ plan, commands }, layout)),
  ];
  return `${lines.join('\n')}\n`;
}
