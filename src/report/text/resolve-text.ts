import { escapeControls, spaced } from '../../core/text.ts';
import type { KeyValue } from '../../pipeline/key-value.ts';
import type { Comparison, Disagreement, Live, SysctlResolution } from '../../pipeline/sysctl-resolve.ts';
import type { LoaderMessage, Origin, Shadowed } from '../../resolve/resolution.ts';
import { hanging, padEnd, padStart, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { SHADOW_WORDS } from './shadow-words.ts';

export type ResolveTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  /** Whether the host runs that the files are of. */
  readonly live: boolean;
  /** As they are typed, so that another command looks at the same files. */
  readonly sourceOptions: string;
};

type Layout = ResolveTextOptions & { readonly style: Style };

const LABEL_COLUMNS = 10;
const INDENT = '  ';

function layoutOf(options: ResolveTextOptions): Layout {
  return { ...options, columns: usableColumns(options.columns), style: styleFor(options.color) };
}

function valueText(value: string): string {
  return value === '' ? 'empty' : escapeControls(spaced(value));
}

function placeText({ file, line }: Origin): string {
  return escapeControls(`${file}:${line}`);
}

function field(label: string, body: string, { columns, style }: Layout): readonly string[] {
  return hanging(INDENT + style.faint(padEnd(label, LABEL_COLUMNS)), body, columns);
}

function commandText(words: string, { style, sourceOptions }: Layout): string {
  return style.span({
    kind: 'command',
    text: `backlogctl ${[words, sourceOptions].filter(Boolean).join(' ')}`,
  });
}

/** Lines that name the key come to nothing, or there are none. */
function unsetText({ shadowed }: KeyValue): string {
  return shadowed.length === 0 ? 'no line sets it' : 'no line that sets it counts';
}

function headline(resolved: KeyValue, { live, style }: Layout): string {
  const { key, kind, value, why } = resolved;
  const when = live ? 'after the next boot' : 'after a boot';
  const name = style.heading(escapeControls(key));
  switch (kind) {
    case 'set':
      return value === null
        ? `${name} is set at boot; what the kernel makes of the value is not known`
        : `${name} will be ${style.heading(valueText(value))} ${when}`;
    case 'unset':
      return value === null
        ? `${name} will be what the kernel gives it: ${unsetText(resolved)}`
        : `${name} will be ${style.heading(valueText(value))} ${when}, the kernel's own value: ${unsetText(resolved)}`;
    case 'unknown':
      return `What ${name} will be ${when} cannot be told: ${escapeControls(why ?? '')}`;
  }
}

function beatenLine({ value, reason, ...place }: Shadowed): string {
  const said = value === '' ? '' : ` = ${valueText(value)}`;
  return `${placeText(place)}${said}: ${SHADOW_WORDS[reason]}`;
}

function decidingText({ from, through, value }: KeyValue): string | null {
  if (from === null) return null;
  if (through !== null) {
    return `${placeText(from)}, which sets ${escapeControls(through)} to ${valueText(from.value)}: the kernel changes this key along with that one`;
  }
  const isRead = value === null || spaced(from.value) === spaced(value);
  return isRead ? placeText(from) : `${placeText(from)}, written there as ${valueText(from.value)}`;
}

function liveText(live: Live | null): string | null {
  if (live === null) return null;
  return `${valueText(live.value)}${live.lasts ? '' : ', so the next boot changes it'}`;
}

function keyBlock(resolved: KeyValue, resolution: SysctlResolution, layout: Layout): readonly string[] {
  const { loader, files, live, others } = resolution;
  const { texts, ending } = others(resolved);
  const decides = decidingText(resolved);
  const now = liveText(live(resolved));
  return [
    ...hanging('', headline(resolved, layout), layout.columns),
    ...(decides === null ? [] : field('Decides', decides, layout)),
    ...resolved.shadowed.flatMap((each, index) =>
      field(index === 0 ? 'Beaten' : '', beatenLine(each), layout),
    ),
    ...texts.flatMap((each, index) => field(index === 0 ? 'And then' : '', layout.style.text(each), layout)),
    ...(ending === null ? [] : field('So it is', `${valueText(ending.value)} in the end`, layout)),
    ...(now === null ? [] : field('Now', now, layout)),
    ...field('Read by', `${loader}, ${files.length === 1 ? '1 file' : `${files.length} files`}`, layout),
  ];
}

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

function keysText(keys: readonly string[], verbosity: Layout['verbosity']): string {
  const shown = verbosity === 'verbose' || keys.length <= MOST_KEYS ? keys : keys.slice(0, 1);
  const rest = keys.length - shown.length;
  return escapeControls(shown.join(', ')) + (rest === 0 ? '' : ` and ${rest} more`);
}

/** What the lines of one file decide, behind their numbers. */
function fileBlock(file: string, deeds: readonly Deed[], layout: Layout): readonly string[] {
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
function byFile(values: readonly KeyValue[], { files }: SysctlResolution, layout: Layout): readonly string[] {
  const deeds = deedsOf(values);
  return files.flatMap((file) => {
    const own = deeds.filter(({ from }) => from.file === file);
    return own.length === 0 ? [] : fileBlock(file, own, layout);
  });
}

/** Every line that does nothing at all, once. */
function idleLines(
  values: readonly KeyValue[],
): readonly { readonly key: string; readonly line: Shadowed }[] {
  const told: ReadonlySet<Shadowed['reason']> = new Set(['later-file', 'later-line', 'side-effect']);
  return values.flatMap(({ key, shadowed }) =>
    shadowed.filter(({ reason }) => !told.has(reason)).map((line) => ({ key, line })),
  );
}

/** What the loader says of files and lines as such; what becomes of a key's lines stands with the key. */
function isAboutFiles({ message }: LoaderMessage, values: readonly KeyValue[]): boolean {
  return !values.some(({ shadowed, key }) => shadowed.length > 0 && message.startsWith(`${key} = `));
}

function messageLine({ file, line, severity, message }: LoaderMessage): string {
  const place =
    file === undefined ? '' : line === undefined ? escapeControls(file) : placeText({ file, line });
  const weight = severity === 'error' || severity === 'abort' ? ' (an error to the loader)' : '';
  return `${place} ${escapeControls(message)}${weight}`;
}

function exitText({ exitStatus, loader }: SysctlResolution): string | null {
  if (exitStatus === 0) return null;
  const unit = loader.startsWith('systemd') ? ', and systemd-sysctl.service counts as failed' : '';
  return `The loader ends with exit status ${exitStatus}${unit}; what it could set is set all the same.`;
}

/** Keys that are something else in the end than what the files leave. */
function laterLines({ values, others }: SysctlResolution, { style }: Layout): readonly string[] {
  return values.flatMap((each) => {
    const { endingText } = others(each);
    return endingText === null ? [] : [style.text(endingText)];
  });
}

function section(title: string, lines: readonly string[], { columns, style }: Layout): readonly string[] {
  return lines.length === 0
    ? []
    : ['', style.heading(title), ...lines.flatMap((each) => hanging(`${INDENT}- `, each, columns))];
}

function overview(resolution: SysctlResolution, layout: Layout): readonly string[] {
  const { loader, files, values, messages } = resolution;
  const set = values.filter(({ kind }) => kind === 'set');
  const unknown = values.filter(({ kind }) => kind === 'unknown');
  const exit = exitText(resolution);
  const beaten = values.filter(({ shadowed }) => shadowed.length > 0).length;
  const sets = set.length === 1 ? 'sets 1 key' : `sets ${set.length} keys`;
  return [
    ...hanging(
      '',
      `${escapeControls(loader)} reads ${files.length === 1 ? '1 file' : `${files.length} files`} and ${sets} at boot.`,
      layout.columns,
    ),
    ...byFile(set, resolution, layout),
    ...section(
      'Not known',
      unknown.map(({ key, why }) => escapeControls(`${key}: ${why ?? ''}`)),
      layout,
    ),
    ...section(
      'Lines that do nothing',
      idleLines(values).map(({ key, line }) => `${escapeControls(key)}, ${beatenLine(line)}`),
      layout,
    ),
    ...section('Set by others later', laterLines(resolution, layout), layout),
    ...section(
      'Files and lines in trouble',
      messages.filter((each) => isAboutFiles(each, values)).map(messageLine),
      layout,
    ),
    ...(exit === null ? [] : ['', ...hanging('', exit, layout.columns)]),
    ...(beaten === 0
      ? []
      : ['', ...hanging('Why a line loses  ', commandText('sysctl resolve KEY', layout), layout.columns)]),
  ];
}

/** Each key that was asked after with the line that decides, or all that the loader sets; ends with a newline. */
export function renderResolution(
  resolution: SysctlResolution,
  asked: boolean,
  options: ResolveTextOptions,
): string {
  const layout = layoutOf(options);
  const { values } = resolution;
  if (options.verbosity === 'quiet') {
    const lines = values
      .filter(({ kind }) => kind === 'set')
      .map(
        ({ key, value }) =>
          `${escapeControls(key)} = ${value === null ? '?' : escapeControls(spaced(value))}`,
      );
    return lines.map((line) => `${line}\n`).join('');
  }
  const lines = asked
    ? values.map((each) => keyBlock(each, resolution, layout).join('\n')).join('\n\n')
    : overview(resolution, layout).join('\n');
  return `${lines}\n`;
}

function sideText({ value, from, through, kind, why }: KeyValue): string {
  if (kind === 'unknown') return `not known: ${escapeControls(why ?? '')}`;
  const place = from === null ? "the kernel's own" : `from ${placeText(from)}`;
  return `${value === null ? 'not known' : valueText(value)}, ${place}${through === null ? '' : ` through ${escapeControls(through)}`}`;
}

function disagreementLines({ key, boot, byHand }: Disagreement, layout: Layout): readonly string[] {
  return [
    layout.style.heading(escapeControls(key)),
    ...field('At boot', sideText(boot), layout),
    ...field('By hand', sideText(byHand), layout),
  ];
}

/** Every key that `sysctl --system` changes after the boot; ends with a newline. */
export function renderComparison(comparison: Comparison, options: ResolveTextOptions): string {
  const layout = layoutOf(options);
  const { boot, byHand, disagreements } = comparison;
  const lines =
    disagreements.length === 0
      ? hanging(
          '',
          `sysctl --system (${byHand}) leaves everything as ${boot} sets it at boot.`,
          layout.columns,
        )
      : [
          ...hanging(
            '',
            `sysctl --system (${byHand}) would change ${disagreements.length === 1 ? '1 key' : `${disagreements.length} keys`} after a boot with ${boot}; the next boot takes that back.`,
            layout.columns,
          ),
          ...disagreements.flatMap((each) => ['', ...disagreementLines(each, layout)]),
          '',
          ...hanging('What a boot does  ', commandText('sysctl resolve', layout), layout.columns),
        ];
  return `${lines.join('\n')}\n`;
}
