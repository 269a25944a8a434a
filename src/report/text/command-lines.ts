import stringWidth from 'fast-string-width';
import { escapeControls } from '../../core/text.ts';
import { hanging } from '../layout.ts';
import type { Style } from '../style.ts';

type Layout = { readonly columns: number; readonly style: Style };

const FEWEST_REMARK_COLUMNS = 20;

/**
 * A command that is pasted into a shell. It stays on one line, however long: pasted up to a break, it would do something
 * else. A remark is a comment for the shell, behind the command where there is room, else below it.
 */
export function commandLines(
  head: string,
  command: string,
  { columns, style }: Layout,
  remark: string | null = null,
): readonly string[] {
  const line = `${head}${style.span({ kind: 'command', text: command })}`;
  if (remark === null) return [line];
  const said = escapeControls(remark);
  const behind = `${line}  ${style.faint(`# ${said}`)}`;
  if (stringWidth(behind) <= columns) return [behind];
  const indent = stringWidth(head);
  const room = Math.max(FEWEST_REMARK_COLUMNS, columns - indent - '# '.length);
  const below = hanging('', said, room).map((each) => `${' '.repeat(indent)}${style.faint(`# ${each}`)}`);
  return [line, ...below];
}
