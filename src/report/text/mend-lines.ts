import { list, plainText } from '../../core/text.ts';
import type { Plan } from '../../plan/plan.ts';
import { hanging, padEnd } from '../layout.ts';
import type { Style } from '../style.ts';
import { commandLines } from './command-lines.ts';

/** What to type for a plan. */
export type PlanCommands = {
  readonly see: string;
  /** What is in conflict is left out. */
  readonly apply: string;
  /** The same with the drop-in under a name with which no line of it is beaten; null where none is, or no name helps. */
  readonly applyRenamed: string | null;
  /** The same with the lines of other files commented out that beat ours; null where a name does, or that does not help. */
  readonly applyTakingOver: string | null;
  /** The facts came from elsewhere, and so the plan is carried out there. */
  readonly applyThere: boolean;
  readonly undo: string;
};

/** What would mend what an audit found. */
export type Mend = { readonly plan: Plan; readonly commands: PlanCommands };

type Layout = { readonly columns: number; readonly style: Style };

export function countOf(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Whether a plan changes something, or would once a person has decided. */
export function isPending({ steps, conflicts }: Plan): boolean {
  return steps.length > 0 || conflicts.length > 0;
}

/** What a plan changes, by kind. */
type Changes = {
  readonly values: number;
  readonly dropIn: boolean;
  /** Lines of other files. */
  readonly commentedOut: number;
  readonly givenBack: number;
};

export function changesIn({ steps }: Plan): Changes {
  const files = steps.filter((step) => step.kind === 'file');
  const lines = files.flatMap(({ takeover = [] }) => takeover);
  return {
    values: steps.length - files.length,
    dropIn: files.some(({ takeover }) => takeover === undefined),
    commentedOut: lines.filter(({ change }) => change === 'comment-out').length,
    givenBack: lines.filter(({ change }) => change === 'restore').length,
  };
}

/** `2 values, the drop-in and 1 line that is not ours` */
function changesOf(plan: Plan): string {
  const { values, dropIn, commentedOut, givenBack } = changesIn(plan);
  const others = commentedOut + givenBack;
  const parts = [
    ...(values === 0 ? [] : [countOf(values, 'value')]),
    ...(dropIn ? ['the drop-in'] : []),
    ...(others === 0 ? [] : [`${countOf(others, 'line')} that ${others === 1 ? 'is' : 'are'} not ours`]),
  ];
  return plainText(list(parts.map((part) => [{ kind: 'plain', text: part }])));
}

function sentence(plan: Plan): string {
  const { conflicts, steps } = plan;
  if (steps.length === 0)
    return `The plan changes nothing until a person decides ${countOf(conflicts.length, 'conflict')}.`;
  const open = conflicts.length === 0 ? '' : ` ${countOf(conflicts.length, 'conflict')} to decide first.`;
  return `The plan changes ${changesOf(plan)}.${open}`;
}

const LABEL_COLUMNS = 11;

function labelled(
  label: string,
  typed: string,
  layout: Layout,
  remark: string | null = null,
): readonly string[] {
  return commandLines(`  ${layout.style.faint(padEnd(label, LABEL_COLUMNS))}`, typed, layout, remark);
}

function applyLines({ plan, commands }: Mend, layout: Layout): readonly string[] {
  const remarks = [
    ...(commands.applyThere ? ['on that host'] : []),
    ...(plan.conflicts.length > 0 ? ['all but what is in conflict'] : []),
  ];
  return labelled('Do it', commands.apply, layout, remarks.length === 0 ? null : remarks.join(', '));
}

/** What settles all conflicts, where they are about who is read last: a name of our file, else an edit of theirs. */
function settlingLines({ commands }: Mend, layout: Layout): readonly string[] {
  const { applyRenamed, applyTakingOver, applyThere } = commands;
  const typed = applyRenamed ?? applyTakingOver;
  if (typed === null) return [];
  const how =
    applyRenamed === null
      ? 'the lines that beat ours commented out'
      : 'our file read after those that beat it';
  return labelled('Do it all', typed, layout, `${applyThere ? 'on that host, ' : ''}with ${how}`);
}

/** What carries a plan out and what takes it back; no more than what settles it where a person has to decide first. */
export function doAndUndoLines(mend: Mend, layout: Layout): readonly string[] {
  if (mend.plan.steps.length === 0) return settlingLines(mend, layout);
  return [
    ...applyLines(mend, layout),
    ...settlingLines(mend, layout),
    ...labelled('Undo it', mend.commands.undo, layout),
  ];
}

/** The end of an audit: what would be changed, and what to type; nothing where there is nothing to change. */
export function mendLines(mend: Mend, layout: Layout): readonly string[] {
  const { plan, commands } = mend;
  if (!isPending(plan)) return [];
  return [
    '',
    ...hanging('', sentence(plan), layout.columns),
    ...labelled('See it', commands.see, layout),
    ...doAndUndoLines(mend, layout),
  ];
}
