import type { Stale } from '../../apply/apply.ts';
import type { Left } from '../../apply/records.ts';
import type { Recovery } from '../../apply/recover.ts';
import type { RolledBack, Stopped } from '../../apply/rollback.ts';
import type { Restored } from '../../apply/undo.ts';
import { durationText } from '../../core/duration.ts';
import { escapeControls, spaced } from '../../core/text.ts';
import type { Applied } from '../../pipeline/apply.ts';
import type { Confirmed } from '../../pipeline/confirm.ts';
import type { Barrier } from '../../pipeline/locked.ts';
import type { Ended } from '../../pipeline/recover.ts';
import type { RollbackResult } from '../../pipeline/rollback.ts';
import type { FileStep, Plan, Step } from '../../plan/plan.ts';
import { hanging, usableColumns } from '../layout.ts';
import { leftOut, unsavedText } from '../outcome.ts';
import { recoveredText } from '../recovered-words.ts';
import { type Style, styleFor } from '../style.ts';
import { commandLines } from './command-lines.ts';
import { manualLines } from './manual-lines.ts';
import { namespaceText } from './namespace-text.ts';
import { leftText, takenText } from './step-words.ts';

export type ChangeTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  /** What takes a change back, as it is typed. */
  readonly undo: string;
  /** What keeps what waits, as it is typed. */
  readonly confirm: string;
  /** What ends what a run left in the middle, as it is typed. */
  readonly recover: string;
  /** The network namespace that was changed, `blue` or `of process 4711`; left out for our own. */
  readonly netns?: string;
};

type Layout = Omit<ChangeTextOptions, 'color'> & { readonly style: Style };

function layoutOf({ columns, color, ...commands }: ChangeTextOptions): Layout {
  return { columns: usableColumns(columns), style: styleFor(color), ...commands };
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
  if (step.takeover !== undefined) return `${step.target.path}: ${takenText(step.takeover)}`;
  return step.to === null ? `${step.target.path} is removed` : `${step.target.path} is written`;
}

function staleText({ step, found }: Stale): string {
  return step.kind === 'live'
    ? `${step.target.key} was ${spaced(step.from)} when this was planned, and is ${found} now`
    : `${step.target.path} is not as it was when this was planned: it is ${found} now`;
}

function recoveredLines(recovered: readonly Recovery[], layout: Layout): readonly string[] {
  return recovered.flatMap((each) => [
    ...hanging('', recoveredText(each, layout.recover), layout.columns),
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

function namespaceLines({ netns, columns }: Layout): readonly string[] {
  return netns === undefined ? [] : hanging('', escapeControls(namespaceText(netns)), columns);
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
    case 'interrupted':
      return [`Nothing was changed: interrupted by ${outcome.signal}.`];
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
    case 'waiting':
      return waitingLines(plan, outcome, layout);
    case 'applied':
      return [
        style.heading(`Applied as transaction ${outcome.id}.`),
        ...items(outcome.steps.map(stepText), layout),
        ...leftOutLines(plan, layout),
        ...toDoLines(plan, layout),
        '',
        ...namespaceLines(layout),
        ...commandLines('Undo it  ', undo, layout),
      ];
  }
}

function fileFate({ target, to, takeover }: FileStep): string {
  if (takeover !== undefined) return `${target.path} gets ${takenText(takeover)}`;
  return `${target.path} is ${to === null ? 'removed' : 'written'}`;
}

/** Live values alone are set; what is not confirmed goes back. */
function waitingLines(
  plan: Plan,
  { id, steps, leftMs }: Extract<Applied['outcome'], { kind: 'waiting' }>,
  layout: Layout,
): readonly string[] {
  const { style, columns, undo, confirm } = layout;
  const live = steps.filter(({ kind }) => kind === 'live');
  const files = steps.flatMap((step) => (step.kind === 'file' ? [fileFate(step)] : []));
  const kept = ['they stay', ...files].join(', and ');
  return [
    style.heading(
      `Transaction ${id} goes back by itself in ${durationText(leftMs)}, unless it is confirmed.`,
    ),
    ...items(live.map(stepText), layout),
    ...leftOutLines(plan, layout),
    ...toDoLines(plan, layout),
    '',
    ...(layout.netns === undefined
      ? hanging(
          '',
          escapeControls(`Once confirmed, ${kept}. Until then a boot takes them back as well.`),
          columns,
        )
      : namespaceLines(layout)),
    ...commandLines('Keep it     ', confirm, layout),
    ...commandLines('Undo it now ', undo, layout),
  ];
}

function confirmedLines({ plan, outcome }: Confirmed, layout: Layout): readonly string[] {
  const { style, columns } = layout;
  switch (outcome.kind) {
    case 'applied':
    case 'undone':
      return outcomeLines({ plan, outcome, recovered: [] }, layout);
    case 'changed':
      return [
        style.heading(`Not confirmed: transaction ${outcome.id} is not as it was applied.`),
        ...items(outcome.stale.map(changedText), layout),
        ...hanging(
          '',
          'It still goes back by itself, but for what somebody changed. Apply again then.',
          columns,
        ),
      ];
    case 'no-record':
      return hanging(
        '',
        `Not confirmed: the journal could not be written. Transaction ${outcome.id} still goes back by itself.`,
        columns,
      );
    case 'interrupted':
      return hanging(
        '',
        `Interrupted by ${outcome.signal}: nothing was confirmed. Transaction ${outcome.id} still goes back by itself.`,
        columns,
      );
  }
}

/** Of a value or a file that is not as we set it, or found it. */
function changedText({ step, found }: Stale): string {
  return step.kind === 'live'
    ? `${step.target.key} was set to ${spaced(step.to)}, and is ${found} now`
    : `${step.target.path} is not as it was when this was planned: it is ${found} now`;
}

export function renderConfirmed(confirmed: Confirmed, options: ChangeTextOptions): string {
  return `${confirmedLines(confirmed, layoutOf(options)).join('\n')}\n`;
}

export function renderApplied(applied: Applied, options: ChangeTextOptions): string {
  const layout = layoutOf(options);
  return `${[...recoveredLines(applied.recovered, layout), ...outcomeLines(applied, layout)].join('\n')}\n`;
}

export function renderRecovery({ recovered, barrier }: Ended, options: ChangeTextOptions): string {
  const layout = layoutOf(options);
  const lines = [
    ...recoveredLines(recovered, layout),
    ...(barrier === null ? [] : barrierLines('ended', barrier, layout)),
  ];
  return lines.length === 0 ? 'No run was left in the middle.\n' : `${lines.join('\n').trimEnd()}\n`;
}

function rolledBackText({ id, finished, left }: RolledBack): string {
  if (!finished) return `Transaction ${id} could not be rolled back as a whole.`;
  return `Transaction ${id} is rolled back${left.length === 0 ? '' : ', but for what is left as it is'}.`;
}

function restoredText({ step, to, linesOnly }: Restored, left: readonly Left[]): string {
  if (step.kind === 'live') return `${step.target.key} is ${spaced(to ?? step.from)} again`;
  if (linesOnly) {
    const lines = left.some(({ step: id }) => id === step.id) ? 'its other lines' : 'its lines';
    return `${step.target.path} has ${lines} back, and keeps what somebody else changed in it since`;
  }
  return step.from === null ? `${step.target.path} is removed` : `${step.target.path} is as it was before`;
}

function forceLines({ left }: RolledBack, layout: Layout): readonly string[] {
  if (!left.some(({ why }) => why === 'foreign')) return [];
  return commandLines('Put back nevertheless  ', `${layout.undo} --force`, layout);
}

const STOPPED: Readonly<Record<Stopped, string>> = {
  SIGINT: 'Interrupted by SIGINT: nothing more was rolled back.',
  SIGTERM: 'Interrupted by SIGTERM: nothing more was rolled back.',
  'lock-lost': 'The lock was lost, so nothing more was rolled back. Try again.',
};

function barrierLines(
  done: 'ended' | 'rolled back',
  { error: { message, hint = '' } }: Barrier,
  { columns }: Layout,
): readonly string[] {
  const text = `What is older was not ${done}: ${message}. What to do: ${hint}.`;
  return ['', ...hanging('', escapeControls(text), columns)];
}

export function renderRollback(
  { rolledBack, recovered, stopped, barrier }: RollbackResult,
  options: ChangeTextOptions,
): string {
  const layout = layoutOf(options);
  const lines = rolledBack.flatMap((each) => [
    layout.style.heading(rolledBackText(each)),
    ...items(
      [...each.restored.map((restored) => restoredText(restored, each.left)), ...each.left.map(leftText)],
      layout,
    ),
    ...forceLines(each, layout),
  ]);
  const isNothing = rolledBack.length === 0 && recovered.length === 0 && stopped === null;
  const nothing = isNothing ? ['There is nothing to roll back.'] : [];
  const end = stopped === null ? [] : hanging('', STOPPED[stopped], layout.columns);
  const before = barrier === null ? [] : barrierLines('rolled back', barrier, layout);
  return `${[...recoveredLines(recovered, layout), ...nothing, ...lines, ...end, ...before].join('\n')}\n`;
}
