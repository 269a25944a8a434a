import { structuredPatch } from 'diff';
import { escapeControls } from '../../core/text.ts';
import type { FileState, FileStep } from '../../plan/plan.ts';
import type { Style } from '../style.ts';

const CONTEXT_LINES = 2;

/** Of bytes that are no UTF-8, one character each: lines are lines all the same. */
function contentOf(state: FileState | null): string {
  return state?.text ?? Buffer.from(state?.base64 ?? '', 'base64').toString('latin1');
}

function painted(line: string, style: Style): string {
  const escaped = escapeControls(line);
  if (line.startsWith('+')) return style.added(escaped);
  return line.startsWith('-') ? style.removed(escaped) : style.faint(escaped);
}

function modeLine({ from, to }: FileStep, style: Style): readonly string[] {
  if (from === null || to === null || from.mode === to.mode) return [];
  return [style.faint(`mode ${from.mode} becomes ${to.mode}`)];
}

/** `new file`, `removed`, or nothing to add where both stand. */
export function fateOf({ from, to, takeover }: FileStep): string {
  if (takeover !== undefined) return ' (not ours)';
  if (from === null) return ' (new file)';
  return to === null ? ' (removed)' : '';
}

/** The change of one file, a line each with `+`, `-` or a blank in front; unchanged stretches are left out. */
export function diffLines(step: FileStep, style: Style): readonly string[] {
  const { hunks } = structuredPatch(
    'before',
    'after',
    contentOf(step.from),
    contentOf(step.to),
    undefined,
    undefined,
    { context: CONTEXT_LINES },
  );
  const lines = hunks.flatMap(({ lines: of }, index) => [
    ...(index === 0 ? [] : [style.faint('  ...')]),
    ...of.map((line) => painted(line, style)),
  ]);
  return [...modeLine(step, style), ...lines];
}
