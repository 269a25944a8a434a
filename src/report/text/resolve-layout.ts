import { escapeControls, spaced } from '../../core/text.ts';
import type { Origin } from '../../resolve/resolution.ts';
import { hanging, padEnd, shorten, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { commandLines } from './command-lines.ts';

export type ResolveTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  /** Whether the host runs that the files are of. */
  readonly live: boolean;
  /** As they are typed, so that another command looks at the same files. */
  readonly sourceOptions: string;
};

export type ResolveLayout = ResolveTextOptions & { readonly style: Style };

const LABEL_COLUMNS = 10;
export const INDENT = '  ';

export function layoutOf(options: ResolveTextOptions): ResolveLayout {
  return { ...options, columns: usableColumns(options.columns), style: styleFor(options.color) };
}

/** A list of ports may fill a page, and says nothing more in its middle. */
const LONGEST_VALUE = 100;

export function valueText(value: string): string {
  return value === '' ? 'empty' : shorten(escapeControls(spaced(value)), LONGEST_VALUE);
}

export function placeText({ file, line }: Origin): string {
  return escapeControls(`${file}:${line}`);
}

export function field(label: string, body: string, { columns, style }: ResolveLayout): readonly string[] {
  return hanging(INDENT + style.faint(padEnd(label, LABEL_COLUMNS)), body, columns);
}

/** A command of ours that looks at the same files. */
export function onSameFiles(label: string, words: string, layout: ResolveLayout): readonly string[] {
  const typed = ['backlogctl', words, layout.sourceOptions].filter(Boolean).join(' ');
  return commandLines(`${label}  `, typed, layout);
}
