import type { Stale } from '../../apply/apply.ts';
import type { Left } from '../../apply/records.ts';
import type { Recovery } from '../../apply/recover.ts';
import type { RolledBack, Stopped } from '../../apply/rollback.ts';
import type { Restored } from '../../apply/undo.ts';
import { escapeControls, spaced } from '../../core/text.ts';
import type { Applied } from '../../pipeline/apply.ts';
import type { Barrier } from '../../pipeline/locked.ts';
import type { RollbackResult } from '../../pipeline/rollback.ts';
import type { Plan, Step } from '../../plan/plan.ts';
import { hanging, usableColumns } from '../layout.ts';
import { leftOut, unsavedText } from '../outcome.ts';
import { type Style, styleFor } from '../style.ts';
import { manualLines } from './manual-lines.ts';

export type ChangeTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  /** What takes a change back, as it is typed. */
  readonly undo: string;
};

type Layout = { readonly columns: number; readonly style: Style; readonly undo: string };

function layoutOf({ columns, color, undo }: ChangeTextOptions): Layout {
  return { columns: usableColumns(columns), style: styleFor(color), undo };
}

function items(lines: readonly string[], { columns }: Layout): readonly string[] {
  return lines.flatMap((line) => hanging('  - ', escapeControls(line), columns));
}

function stepText(step: Step): string {
  if (step.kind === 'live') {
    const isTakenBack = step.because.some(({ by }) => by === 'withdrawn');
    const why = isTakenBack ? ': taken back, for nothing asks for it any more' : '';
    return `${step.target.key} is ${spaced(step.to)} now, and was ${spaced(step.from)}${why}`;
  }
  return step.to === null ? `${step.target.path} is removed` : `${step.target.path} is written`;
}

function staleText({ step, found }: Stale): string {
  return step.kind === 'live'
    ? `${step.target.key} was ${spaced(step.from)} when this was planned, and is ${found} now`
    : `${step.target.path} is not as it was when this was planned: it is ${found} now`;
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

function recoveredText({ id, was, left }: Recovery): string {
  const isApplying = was === 'applying';
  const before = `An earlier run was ended in the middle of ${isApplying ? '' : 'rolling back '}transaction ${id}: `;
  const done = isApplying ? 'everything that it had changed is put back' : 'that is finished now';
  return `${before}${done}${left.length === 0 ? '.' : ', but for what is left as it is:'}`;
}

function recoveredLines(recovered: readonly Recovery[], layout: Layout): readonly string[] {
  return recovered.flatMap((each) => [
    ...hanging('', recoveredText(each), layout.columns),
    ...items(each.left.map(leftText), layout),
    '',
  ]);
}

/** What is left to a person: edits before restarts, for a restart reads what was edited. */
function toDoLines({ manual }: Plan, layout: Layout): readonly string[] {
  const inOrder = [...manual].sort((a, b) => Number(a.after) - Number(b.after));
  const lines = inOrder.flatMap((each) => manualLines(each, layout));
  return lines.length === 0 ? [] : ['', layout.style.heading('Still to do by hand'), ...lines];
}

function leftOutLines(plan: Plan, layout: Layout): readonly string[] {
  const lines = leftOut(plan).map(({ message }) => message);
  return lines.length === 0 ? [] : ['', layout.style.heading('Not done'), ...items(lines, layout)];
}

function outcomeLines({ plan, outcome }: Applied, layout: Layout): readonly string[] {
  const { style, columns, undo } = layout;
  switch (outcome.kind) {
    case 'unchanged':
      return [
        style.heading(
          leftOut(plan).length === 0
            ? 'Nothing to change: everything is as planned.'
            : 'Nothing to change, but for what is left alone.',
        ),
        ...leftOutLines(plan, layout),
      ];
    case 'declined':
    case 'planned':
      return ['Nothing was changed.'];
    case 'conflict':
      return hanging(
        '',
        `Nothing was changed: ${plan.conflicts.length === 1 ? 'a conflict is' : `${plan.conflicts.length} conflicts are`} for a person to decide. --on-conflict skip applies the rest.`,
        columns,
      );
    case 'stale':
      return [
        'Nothing was changed: the host is no longer as it was when this was planned.',
        ...items(outcome.stale.map(staleText), layout),
      ];
    case 'lock-lost':
      return ['Nothing was changed: the lock was lost in the meantime. Try again.'];
    case 'no-journal':
      return hanging('', `Nothing was changed: ${unsavedText(outcome.failure)}.`, columns);
    case 'undone':
      return [
        ...hanging(
          '',
          `Failed: ${escapeControls(outcome.why)}. ${outcome.left.length === 0 ? 'Everything was put back.' : 'This is not as it was:'}`,
          columns,
        ),
        ...items(outcome.left.map(leftText), layout),
      ];
    case 'applied':
      return [
        style.heading(`Applied as transaction ${outcome.id}.`),
        ...items(outcome.steps.map(stepText), layout),
        ...leftOutLines(plan, layout),
        ...toDoLines(plan, layout),
        '',
        ...hanging('Undo it  ', style.span({ kind: 'command', text: undo }), columns),
      ];
  }
}

export function renderApplied(applied: Applied, options: ChangeTextOptions): string {
  const layout = layoutOf(options);
  return `${[...recoveredLines(applied.recovered, layout), ...outcomeLines(applied, layout)].join('\n')}\n`;
}

function rolledBackText({ id, finished, left }: RolledBack): string {
  if (!finished) return `Transaction ${id} could not be rolled back as a whole.`;
  return `Transaction ${id} is rolled back${left.length === 0 ? '' : ', but for what is left as it is'}.`;
}

function restoredText({ step, to }: Restored): string {
  if (step.kind === 'live') return `${step.target.key} is ${spaced(to ?? step.from)} again`;
  return step.from === null ? `${step.target.path} is removed` : `${step.target.path} is as it was before`;
}

function forceLines({ left }: RolledBack, layout: Layout): readonly string[] {
  const { style, columns, undo } = layout;
  if (!left.some(({ why }) => why === 'foreign')) return [];
  const command = `${undo} --force`;
  return hanging('Put back nevertheless  ', style.span({ kind: 'command', text: command }), columns);
}

const STOPPED: Readonly<Record<Stopped, string>> = {
  SIGINT: 'Interrupted by SIGINT: nothing more was rolled back.',
  SIGTERM: 'Interrupted by SIGTERM: nothing more was rolled back.',
  'lock-lost': 'The lock was lost, so nothing more was rolled back. Try again.',
};

function barrierLines({ error: { message, hint = '' } }: Barrier, { columns }: Layout): readonly string[] {
  const text = `What is older was not rolled back: ${message}. What to do: ${hint}.`;
  return ['', ...hanging('', escapeControls(text), columns)];
}

export function renderRollback(
  { rolledBack, recovered, stopped, barrier }: RollbackResult,
  options: ChangeTextOptions,
): string {
  const layout = layoutOf(options);
  const lines = rolledBack.flatMap((each) => [
    layout.style.heading(rolledBackText(each)),
    ...items([...each.restored.map(restoredText), ...each.left.map(leftText)], layout),
    ...forceLines(each, layout),
  ]);
  const isNothing = rolledBack.length === 0 && recovered.length === 0 && stopped === null;
  const nothing = isNothing ? ['There is nothing to roll back.'] : [];
  const end = stopped === null ? [] : hanging('', STOPPED[stopped], layout.columns);
  const before = barrier === null ? [] : barrierLines(barrier, layout);
  return `${[...recoveredLines(recovered, layout), ...nothing, ...lines, ...end, ...before].join('\n')}\n`;
}
