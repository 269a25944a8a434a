import type { KeyValue } from '../../assess/key-value.ts';
import { escapeControls } from '../../core/text.ts';
import type { SysctlResolution } from '../../pipeline/sysctl-resolve.ts';
import type { Origin } from '../../resolve/resolution.ts';
import { hanging, padStart } from '../layout.ts';
import { INDENT, type ResolveLayout, valueText } from './resolve-layout.ts';

/** Keys that one line sets to one value: a pattern stands for many, and some writes change others along. */
type Deed = {
  readonly from: Origin;
  readonly value: string;
  readonly through: string | null;
  readonly keys: readonly string[];
};

function deedsOf(values: readonly KeyValue[]): readonly Deed[] {
  const deeds = new Map<string, Deed>();
  for (const { key, value, from, through } of values) {
    if (from === null) continue;
    const id = JSON.stringify([from.file, from.line, value, through]);
    const keys = [...(deeds.get(id)?.keys ?? []), key];
    deeds.set(id, { from, value: value === null ? '?' : valueText(value), through, keys });
  }
  const isAlong = ({ through }: Deed) => Number(through !== null);
  return [...deeds.values()].sort((a, b) => a.from.line - b.from.line || isAlong(a) - isAlong(b));
}

const MOST_KEYS = 3;

function keysText(keys: readonly string[], verbosity: ResolveLayout['verbosity']): string {
  const shown = verbosity === 'verbose' || keys.length <= MOST_KEYS ? keys : keys.slice(0, 1);
  const rest = keys.length - shown.length;
  return escapeControls(shown.join(', ')) + (rest === 0 ? '' : ` and ${rest} more`);
}

/** What the lines of one file decide, behind their numbers. */
function fileBlock(file: string, deeds: readonly Deed[], layout: ResolveLayout): readonly string[] {
  const width = Math.max(...deeds.map(({ from }) => String(from.line).length));
  let last = -1;
  const lines = deeds.flatMap(({ from, value, through, keys }) => {
    const number = from.line === last ? '' : String(from.line);
    last = from.line;
    const along = through === null ? '' : 'along with it ';
    const head = INDENT + layout.style.faint(padStart(number, width + 1)) + INDENT;
    return hanging(head, `${along}${keysText(keys, layout.verbosity)} = ${value}`, layout.columns);
  });
  return ['', layout.style.span({ kind: 'path', text: file }), ...lines];
}

/** By file, in the order in which the loader opens them. */
export function byFile(
  values: readonly KeyValue[],
  { files }: SysctlResolution,
  layout: ResolveLayout,
): readonly string[] {
  const deeds = deedsOf(values);
  return files.flatMap((file) => {
    const own = deeds.filter(({ from }) => from.file === file);
    return own.length === 0 ? [] : fileBlock(file, own, layout);
  });
}
