import { escapeControls } from '../../core/text.ts';
import type { Manual } from '../../plan/plan.ts';
import { hanging } from '../layout.ts';
import type { Style } from '../style.ts';

type Layout = { readonly columns: number; readonly style: Style };

/** One thing that is left to a person, and under it what to type. */
export function manualLines(
  { subject, instruction, command, disruptive }: Manual,
  { style, columns }: Layout,
): readonly string[] {
  const risk = disruptive ? ' (interrupts its connections)' : '';
  const typed =
    command === null
      ? []
      : hanging('    ', `${style.span({ kind: 'command', text: command })}${risk}`, columns);
  const item = `${escapeControls(subject)}: ${escapeControls(instruction)}`;
  return [...hanging('  - ', item, columns), ...typed];
}
