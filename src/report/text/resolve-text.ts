import type { KeyValue } from '../../assess/key-value.ts';
import { escapeControls, spaced } from '../../core/text.ts';
import type { OtherWriters } from '../../pipeline/other-writers.ts';
import type { Live, SysctlResolution } from '../../pipeline/sysctl-resolve.ts';
import type { LoaderMessage, Shadowed } from '../../resolve/resolution.ts';
import { exclusionOf } from '../exclusion.ts';
import { hanging } from '../layout.ts';
import { byFile } from './resolve-files-text.ts';
import {
  field,
  INDENT,
  layoutOf,
  onSameFiles,
  placeText,
  type ResolveLayout,
  type ResolveTextOptions,
  valueText,
} from './resolve-layout.ts';
import { SHADOW_WORDS } from './shadow-words.ts';

/** Lines that name the key come to nothing, or there are none. */
function unsetText({ shadowed }: KeyValue): string {
  return shadowed.length === 0 ? 'no line sets it' : 'no line that sets it counts';
}

function isWhenAdded(resolved: KeyValue): boolean {
  return resolved.kind !== 'unknown' && resolved.whenAdded === true;
}

function headline(
  resolved: KeyValue,
  { ending, last }: OtherWriters,
  { live, style }: ResolveLayout,
): string {
  const { key, kind, value, why } = resolved;
  const after = live ? 'after the next boot' : 'after a boot';
  const when = isWhenAdded(resolved) ? 'once its interface is added, which is not there now' : after;
  const name = style.heading(escapeControls(key));
  if (last !== null) {
    const reason = style.text(last.reason);
    return ending === null
      ? `What ${name} will be ${when} cannot be told: ${reason}`
      : `${name} will be ${style.heading(valueText(ending.value))} ${when}: ${reason}`;
  }
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

/** The line that would decide if nobody came behind the files. */
function lastBeaten({ from, value }: KeyValue, { last }: OtherWriters, { style }: ResolveLayout) {
  if (from === null || last === null) return [];
  return [`${placeText(from)} = ${valueText(value ?? from.value)}: ${style.text(last.who)} sets it again`];
}

/** Configuration management may say the same hundreds of times. */
const MOST_BEATEN = 8;

function beatenLines(resolved: KeyValue, others: OtherWriters, layout: ResolveLayout): readonly string[] {
  const beaten = [...lastBeaten(resolved, others, layout), ...resolved.shadowed.map(beatenLine)];
  const isAll = layout.verbosity === 'verbose' || beaten.length <= MOST_BEATEN;
  const shown = isAll ? beaten : beaten.slice(0, MOST_BEATEN - 1);
  const rest = beaten.length - shown.length;
  const lines = [...shown, ...(rest === 0 ? [] : [`${rest} more: -v shows them`])];
  return lines.flatMap((each, index) => field(index === 0 ? 'Beaten' : '', each, layout));
}

function decidingText(
  { from, through, value }: KeyValue,
  { last }: OtherWriters,
  { style }: ResolveLayout,
): string | null {
  if (last !== null) return last.place === null ? null : style.text(last.place);
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

/** Whose keys the lines were held against, where that is not the host's own. */
const KEYS_OF: Readonly<Record<SysctlResolution['keysOf'], string>> = {
  host: '',
  list: '; its keys are those of the list',
  'other-kernel': '; its keys and interfaces are taken to be those of the kernel that runs here',
  snapshot: '; keys that nobody looked up are taken to be there',
};

/** A boot would empty it; a tree is taken as it stands. */
function runText(files: readonly string[], { live }: ResolveLayout): string {
  const counts = !live && files.some((file) => file.startsWith('/run/'));
  return counts ? '; its /run is taken as it stands' : '';
}

function filesCount(files: readonly string[]): string {
  return files.length === 1 ? '1 file' : `${files.length} files`;
}

/** What brings the key in time. */
function lateModuleText(module: string | null, layout: ResolveLayout): readonly string[] {
  if (module === null) return [];
  const file = layout.style.span({ kind: 'path', text: `/etc/modules-load.d/${module}.conf` });
  return field('Module', `${module}: name it in ${file}, and the key is there before the lines`, layout);
}

function keyBlock(
  resolved: KeyValue,
  resolution: SysctlResolution,
  layout: ResolveLayout,
): readonly string[] {
  const { loader, files, live, lateModule, keysOf } = resolution;
  const others = resolution.others(resolved);
  const decides = decidingText(resolved, others, layout);
  const excluding = exclusionOf(resolved);
  const now = liveText(live(resolved));
  return [
    ...hanging('', headline(resolved, others, layout), layout.columns),
    ...(decides === null ? [] : field('Decides', decides, layout)),
    ...(excluding === null ? [] : field('Excluded', `by ${placeText(excluding)}`, layout)),
    ...beatenLines(resolved, others, layout),
    ...lateModuleText(lateModule(resolved), layout),
    ...others.otherTexts.flatMap((each, index) =>
      field(index === 0 ? 'Others' : '', layout.style.text(each), layout),
    ),
    ...(now === null ? [] : field('Now', now, layout)),
    ...field('Read by', `${loader}, ${filesCount(files)}${KEYS_OF[keysOf]}${runText(files, layout)}`, layout),
  ];
}

/** Reasons that are of a whole file. */
const WHOLE_FILE: ReadonlySet<Shadowed['reason']> = new Set([
  'masked-file',
  'file-not-read',
  'volatile-file',
]);
/** Lines that another one has taken the place of are no surprise, and patterns set other keys. */
const TOLD: ReadonlySet<Shadowed['reason']> = new Set([
  'glob-beaten-by-key',
  'pattern-kept-off',
  'later-file',
  'later-line',
  'repeated',
  'side-effect',
]);

function addedLine({ key, value, from }: KeyValue): readonly string[] {
  if (from === null) return [];
  return [`${escapeControls(key)} = ${value === null ? '?' : valueText(value)}, by ${placeText(from)}`];
}

/** Files of which no line counts, each once. */
function idleFiles(values: readonly KeyValue[]): readonly string[] {
  const idle = new Map<string, { readonly reason: Shadowed['reason']; count: number }>();
  for (const { reason, file } of values.flatMap(({ shadowed }) => shadowed)) {
    if (!WHOLE_FILE.has(reason)) continue;
    const standing = idle.get(file);
    if (standing === undefined) idle.set(file, { reason, count: 1 });
    else standing.count += 1;
  }
  return [...idle].map(
    ([file, { reason, count }]) =>
      `${escapeControls(file)}, ${count === 1 ? '1 line' : `${count} lines`}: ${SHADOW_WORDS[reason]}`,
  );
}

/** Every line that does nothing at all, once. */
function idleLines(values: readonly KeyValue[]): readonly string[] {
  return values.flatMap(({ key, shadowed }) =>
    shadowed
      .filter(({ reason }) => !TOLD.has(reason) && !WHOLE_FILE.has(reason))
      .map((line) => `${escapeControls(key) || '(no key)'}, ${beatenLine(line)}`),
  );
}

/** What the loader says of files and lines as such; what becomes of a key's lines stands with the key. */
function isAboutFiles({ message }: LoaderMessage, values: readonly KeyValue[]): boolean {
  return !values.some(({ key }) => message.startsWith(`${key} = `));
}

function messageLine({ file, line, severity, message }: LoaderMessage): string {
  const place =
    file === undefined ? '' : line === undefined ? escapeControls(file) : placeText({ file, line });
  const weight = severity === 'error' || severity === 'abort' ? ' (an error to the loader)' : '';
  return `${place} ${escapeControls(message)}${weight}`;
}

function exitText({ exitStatus, loader, blocking }: SysctlResolution): string | null {
  if (blocking !== null) {
    const end = loader.startsWith('systemd') ? ', until systemd gives its unit up after 90 s' : '';
    return `Nothing is set: the loader waits for somebody to write into ${escapeControls(blocking)}${end}.`;
  }
  if (exitStatus === 0) return null;
  const unit = loader.startsWith('systemd') ? ', and systemd-sysctl.service counts as failed' : '';
  return `The loader ends with exit status ${exitStatus}${unit}; what it could set is set all the same.`;
}

/** Keys that are something else in the end than what the files leave. */
function laterLines(
  { values, others, maybe }: SysctlResolution,
  { style }: ResolveLayout,
): readonly string[] {
  return [
    ...values.flatMap((each) => {
      const { endingText } = others(each);
      return endingText === null ? [] : [style.text(endingText)];
    }),
    ...maybe.map((each) => style.text(each)),
  ];
}

function section(
  title: string,
  lines: readonly string[],
  { columns, style }: ResolveLayout,
): readonly string[] {
  return lines.length === 0
    ? []
    : ['', style.heading(title), ...lines.flatMap((each) => hanging(`${INDENT}- `, each, columns))];
}

function overview(resolution: SysctlResolution, layout: ResolveLayout): readonly string[] {
  const { loader, files, values, messages, keysOf } = resolution;
  const set = values.filter((each) => each.kind === 'set' && !isWhenAdded(each));
  const unknown = values.filter(({ kind }) => kind === 'unknown');
  const exit = exitText(resolution);
  const beaten = values.filter(({ shadowed }) => shadowed.length > 0).length;
  const sets = set.length === 1 ? 'sets 1 key' : `sets ${set.length} keys`;
  return [
    ...hanging(
      '',
      `${escapeControls(loader)} reads ${filesCount(files)} and ${sets} at boot${KEYS_OF[keysOf]}${runText(files, layout)}.`,
      layout.columns,
    ),
    ...byFile(set, resolution, layout),
    ...section(
      'Not known',
      unknown.map(({ key, why }) => escapeControls(`${key}: ${why ?? ''}`)),
      layout,
    ),
    ...section('Set once the interface is added', values.filter(isWhenAdded).flatMap(addedLine), layout),
    ...section('Lines that do nothing', [...idleLines(values), ...idleFiles(values)], layout),
    ...section('Set by others', laterLines(resolution, layout), layout),
    ...section(
      'Files and lines in trouble',
      messages.filter((each) => isAboutFiles(each, values)).map(messageLine),
      layout,
    ),
    ...(exit === null ? [] : ['', ...hanging('', exit, layout.columns)]),
    ...(beaten === 0 ? [] : ['', ...onSameFiles('Why a line loses', 'sysctl resolve KEY', layout)]),
  ];
}

/** `key = value`, or `?` where it cannot be told; nothing for what nobody sets and nobody asked after. */
function quietLine(resolved: KeyValue, { others, end: endOf }: SysctlResolution, asked: boolean): string {
  if (resolved.kind !== 'set' && others(resolved).last === null && !asked) return '';
  const end = endOf(resolved);
  return `${escapeControls(resolved.key)} = ${end === null ? '?' : escapeControls(spaced(end))}\n`;
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
    return values.map((each) => quietLine(each, resolution, asked)).join('');
  }
  const lines = asked
    ? values.map((each) => keyBlock(each, resolution, layout).join('\n')).join('\n\n')
    : overview(resolution, layout).join('\n');
  return `${lines}\n`;
}
