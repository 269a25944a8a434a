import type { BoundBy, ListenerAssessment } from '../../assess/assessment.ts';
import type { KeyValue, SetAtBoot } from '../../assess/key-value.ts';
import type { UnknownWhy } from '../../core/fact.ts';
import { formatFigure } from '../../core/figure.ts';
import { escapeControls, spaced, type Text } from '../../core/text.ts';
import type { AuditReport } from '../../pipeline/audit-report.ts';
import type { Explanation, KeyExplanation } from '../../pipeline/explain.ts';
import type { OtherWriters } from '../../pipeline/other-writers.ts';
import type { CatalogueEntry, DefaultRule, Scope } from '../../sysctl/catalogue-entry.ts';
import { derivations, figureTrees } from '../figure-tree.ts';
import { hanging, padEnd, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import type { TextOptions } from './audit-text.ts';
import { commandLines } from './command-lines.ts';
import { findingLines, informationLines } from './finding-lines.ts';
import { SHADOW_WORDS } from './shadow-words.ts';

type Layout = {
  readonly columns: number;
  readonly style: Style;
  readonly report: AuditReport;
  readonly why: (rule: string) => string;
};

const LABEL_COLUMNS = 18;

type DerivedBy = Extract<DefaultRule, { kind: 'derived' }>['by'];

function field(label: string, body: string, { columns, style }: Layout): readonly string[] {
  return hanging(style.faint(padEnd(label, LABEL_COLUMNS)), body, columns);
}

/** A dash where each begins, so that its end shows among lines that are wrapped. */
function changeLines(change: readonly Text[], layout: Layout): readonly string[] {
  return change.flatMap((content, index) => {
    const label = padEnd(index === 0 ? 'A change' : '', LABEL_COLUMNS - 2);
    return field(`${label}-`, layout.style.text(content), layout);
  });
}

const SCOPES: Readonly<Record<Scope, string>> = {
  'network-namespace': 'each network namespace has its own',
  global: 'one for the host; absent from a child network namespace',
  'global-read-only-in-child': 'one for the host; a child network namespace sees it and cannot write it',
  host: 'one for the host, whatever the network namespace',
};

const NEW_NAMESPACE: Readonly<Record<CatalogueEntry['newNamespace'], string>> = {
  default: "a new network namespace starts with the kernel's default, not with the host's value",
  'copy-of-initial': "a new network namespace starts with a copy of the host's value",
  recomputed: 'a new network namespace computes its own',
  shared: 'shared with the host',
};

function setText({ value, from, through, whenAdded }: SetAtBoot): string {
  const place = `${from.file}:${from.line}${whenAdded ? ', once its interface is added' : ''}`;
  if (through !== null) return `${value ?? 'not known'}, from ${place}, which sets ${through}`;
  if (value === null) return `not known: what the kernel makes of '${from.value}', from ${place}`;
  const isAsWritten = spaced(from.value) === spaced(value);
  return `${spaced(value)}, from ${place}${isAsWritten ? '' : `, written there as ${from.value}`}`;
}

/** What stands in the end, where the files do not have the last word. */
function endLines({ ending, last }: OtherWriters, layout: Layout): readonly string[] {
  if (last === null) return [];
  const value = ending === null ? 'not known' : escapeControls(spaced(ending.value));
  return field('After a boot', `${value}: ${layout.style.text(last.reason)}`, layout);
}

function bootLines(boot: KeyValue | null, others: OtherWriters, layout: Layout): readonly string[] {
  const isLast = others.last === null;
  const label = isLast ? 'After a boot' : 'The files leave';
  if (boot === null)
    return field(
      label,
      'not known: no sysctl files were collected, or nothing tells which loader reads them',
      layout,
    );
  const lost = boot.shadowed.flatMap(({ file, line, value, reason }) =>
    field('  beaten', escapeControls(`${file}:${line} = ${value}: ${SHADOW_WORDS[reason]}`), layout),
  );
  switch (boot.kind) {
    case 'set':
      return [...field(label, escapeControls(setText(boot)), layout), ...lost];
    case 'unset':
      return [
        ...field(label, `no file sets it${isLast ? ": the kernel's own default" : ''}`, layout),
        ...lost,
      ];
    case 'unknown':
      return [...field(label, `not known: ${escapeControls(boot.why)}`, layout), ...lost];
  }
}

function scopeText(scope: Scope, { newNamespace }: CatalogueEntry): string {
  return scope === 'host' ? SCOPES[scope] : `${SCOPES[scope]}; ${NEW_NAMESPACE[newNamespace]}`;
}

function entryLines(entry: CatalogueEntry, { report, ...rest }: Layout): readonly string[] {
  const layout = { report, ...rest };
  const { traits } = report.assessment;
  const scope = traits.current(entry.scope).at(-1);
  const ranges = traits.current(entry.range).map(({ min, max }) => `${min} to ${max}`);
  const sound = entry.oneOf?.join(', ') ?? [...new Set(ranges)].join(', or ');
  return [
    ...field('What it does', entry.summary, layout),
    ...field('Unit', entry.unit, layout),
    ...(ranges.length === 0 ? [] : field('Sound values', sound, layout)),
    ...(scope === undefined ? [] : field('Scope', scopeText(scope, entry), layout)),
    ...(entry.module === undefined
      ? []
      : field('Module', `${entry.module}; without it the key is absent`, layout)),
    ...(entry.alsoSetBy === undefined ? [] : field('Also set by', entry.alsoSetBy.join(', '), layout)),
    ...(entry.coupled.length === 0 ? [] : field('Read with', entry.coupled.join(', '), layout)),
    ...(historyOf(entry) === '' ? [] : field('History', historyOf(entry), layout)),
    ...field('Source', entry.reference, layout),
  ];
}

const WHY_UNKNOWN: Readonly<Record<UnknownWhy, string>> = {
  absent: 'it does not exist here',
  denied: 'it may not be read',
  malformed: 'it could not be understood',
  'timed-out': 'reading it took too long',
  'not-collected': 'it was not collected',
};

const DERIVED: Readonly<Record<DerivedBy, string>> = {
  'max-syn-backlog/256': 'a 256th of the connection table, at least 128',
  'max-syn-backlog/128': 'a 128th of the connection table, at least 128',
  'half-ehash': 'half of the connection table',
  'tcp-rmem': 'computed from the memory',
  'tcp-wmem': 'computed from the memory',
  'tcp-mem': 'computed from the memory',
};

function historyOf({ defaults, introduced, removed }: CatalogueEntry): string {
  const values = defaults.map(
    ({ since, is }) => `${is.kind === 'fixed' ? is.value : DERIVED[is.by]} from ${since}`,
  );
  return [
    ...(introduced === undefined ? [] : [`exists since ${introduced}`]),
    ...(removed === undefined ? [] : [`removed in ${removed}`]),
    ...(values.length === 0 ? [] : [`default ${values.join(', ')}`]),
  ].join('; ');
}

function keyLines(explained: KeyExplanation, layout: Layout): readonly string[] {
  const { key, entry, live, boot, others, kernelDefault, change } = explained;
  const several = live.length > 1;
  return [
    layout.style.heading(escapeControls(key)),
    ...live.flatMap(({ namespace, value, why }) =>
      field(
        'Now',
        escapeControls(
          `${value?.replaceAll('\t', ' ') ?? `not known: ${WHY_UNKNOWN[why ?? 'not-collected']}`}${several ? ` in ${namespace}` : ''}`,
        ),
        layout,
      ),
    ),
    ...endLines(others, layout),
    ...bootLines(boot, others, layout),
    ...others.texts.flatMap((each) => field('  besides', layout.style.text(each), layout)),
    ...(kernelDefault === null
      ? []
      : field("Kernel's default", kernelDefault.map(formatFigure).join('  '), layout)),
    ...(entry === null
      ? field('Catalogue', 'backlogctl knows nothing of this key', layout)
      : entryLines(entry, layout)),
    ...changeLines(change, layout),
  ];
}

const BOUND_BY: Readonly<Record<BoundBy, string>> = {
  backlog: 'the backlog that the program asked for; a higher somaxconn changes nothing',
  somaxconn: 'net.core.somaxconn; the program asked for more',
  both: 'the program asked for exactly what net.core.somaxconn allows',
  'somaxconn-at-listen':
    'net.core.somaxconn as it was when the program called listen(); it must call listen() again',
  unknown: 'not known: what the program asked for could not be found out, or its configuration changed since',
};

function backlogText({ backlog }: ListenerAssessment): string {
  const { requested, source, at, followsSomaxconn } = backlog;
  if (requested === null) return 'not known';
  const place = at === null ? '' : `, ${escapeControls(at.file)}:${at.line}`;
  return followsSomaxconn
    ? `whatever somaxconn allows (${source}${place})`
    : `${requested} (${source}${place})`;
}

/** `reload-only-if-value-changed` as words; the JSON keeps the name. */
function wordsOf(action: string): string {
  return action === 'n/a' ? 'nothing but another program' : action.replaceAll('-', ' ');
}

function relistenLines({ how, command }: ListenerAssessment['relisten'], layout: Layout): readonly string[] {
  const label = 'New limit takes';
  if (command === null) return field(label, wordsOf(how), layout);
  const head = `${layout.style.faint(padEnd(label, LABEL_COLUMNS))}${wordsOf(how)}: `;
  return commandLines(head, command, layout);
}

function listenerLines(
  assessed: ListenerAssessment,
  change: readonly Text[],
  layout: Layout,
): readonly string[] {
  const { synQueue, relisten, listener } = assessed;
  return [
    layout.style.heading(`${escapeControls(assessed.label)}  ${escapeControls(assessed.who)}`),
    ...field(
      'Processes',
      (listener.processes ?? []).map(({ name, pid }) => `${escapeControls(name)} (${pid})`).join(', ') ||
        'not known',
      layout,
    ),
    ...(listener.unit === undefined ? [] : field('Unit', escapeControls(listener.unit), layout)),
    ...field('Asked for', backlogText(assessed), layout),
    ...field('Bound by', BOUND_BY[assessed.boundBy], layout),
    ...field(
      'Queued now',
      listener.length === undefined ? 'not known' : `${listener.length}${assessed.full ? ', full' : ''}`,
      layout,
    ),
    ...(synQueue === null
      ? []
      : field(
          'SYN queue full',
          synQueue.whenFull === 'cookies' ? 'answers with SYN cookies' : 'drops the SYN',
          layout,
        )),
    ...relistenLines(relisten, layout),
    ...changeLines(change, layout),
    '',
    ...figureTrees(derivations(assessed), layout.columns),
  ];
}

function explanationLines(
  explained: Exclude<Explanation, { kind: 'finding' }>,
  layout: Layout,
): readonly string[] {
  switch (explained.kind) {
    case 'key':
      return keyLines(explained, layout);
    case 'listener':
      return listenerLines(explained.listener, explained.change, layout);
    case 'rule':
      return [
        layout.style.heading(explained.rule.id),
        ...field('Problem', explained.rule.title, layout),
        ...field('Why', explained.rule.why, layout),
        ...explained.rule.references.flatMap((reference) => field('Source', reference, layout)),
        ...explained.notChecked.flatMap((why) => field('Not checked', escapeControls(why), layout)),
      ];
  }
}

export function renderExplanationText(
  explanations: readonly Explanation[],
  report: AuditReport,
  why: (rule: string) => string,
  options: TextOptions,
): string {
  const columns = usableColumns(options.columns);
  const style = styleFor(options.color);
  const layout = { columns, style, report, why };
  const findingLayout = {
    columns,
    style,
    assessment: report.assessment,
    why,
    allEvidence: true,
    sourceOptions: null,
    undo: options.undo,
    plan: null,
  };
  const blocks = explanations.flatMap((explained) =>
    explained.kind === 'finding'
      ? [findingLines(explained.finding, findingLayout)]
      : [
          explanationLines(explained, layout),
          explained.findings.flatMap((finding) => informationLines(finding, findingLayout)),
        ],
  );
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}
