import { escapeControls } from '../../core/text.ts';
import type { Manual } from '../../plan/plan.ts';
import { hanging } from '../layout.ts';
import type { Style } from '../style.ts';
import { commandLines } from './command-lines.ts';

type Layout = { readonly columns: number; readonly style: Style };

/** One thing that is left to a person, and under it what to type. */
export function manualLines(
  { subject, instruction, command, disruptive }: Manual,
  layout: Layout,
): readonly string[] {
  const risk = disruptive ? 'interrupts its connections' : null;
  const typed = command === null ? [] : commandLines('    ', command, layout, risk);
  const item = `${escapeControls(subject)}: ${escapeControls(instruction)}`;
  return [...hanging('  - ', item, layout.columns), ...typed];
}
