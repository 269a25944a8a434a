import type { Assessment } from '../../assess/assessment.ts';
import { escapeControls, plainText, text } from '../../core/text.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Finding } from '../../rules/finding.ts';
import { hanging, padEnd } from '../layout.ts';
import type { Style } from '../style.ts';
import { commandLines } from './command-lines.ts';
import { type RemedyLine, remedyLines } from './remedy-lines.ts';

export type FindingLayout = {
  readonly columns: number;
  readonly style: Style;
  readonly assessment: Assessment;
  /** Why a rule is a problem, by the rule's id. */
  readonly why: (rule: string) => string;
  readonly allEvidence: boolean;
  /** Options that lead `explain` to the same facts, `--snapshot host.json`; null where this is the explanation. */
  readonly sourceOptions: string | null;
  /** What takes a change back, as it is typed. */
  readonly undo: string;
  /** What would be done about the findings; null where nothing was planned. */
  readonly plan: Plan | null;
};

type Facts = Pick<FindingLayout, 'assessment' | 'plan' | 'undo'>;

const LABEL_COLUMNS = 11;
const EVIDENCE_SHOWN = 3;
/** Lines of one label. */
const REMEDIES_SHOWN = 6;

/** A body is shown as it is, a command as such, and whole. */
type Labelled = { readonly label: string } & (
  | { readonly body: string }
  | { readonly command: string; readonly remark: string | null }
);

/** Lines under labels; a label that stands above already is not repeated. */
function block(lines: readonly Labelled[], layout: FindingLayout): readonly string[] {
  return lines.flatMap((line, index) => {
    const label = lines[index - 1]?.label === line.label ? '' : line.label;
    const head = `  ${layout.style.faint(padEnd(label, LABEL_COLUMNS))}`;
    return 'body' in line
      ? hanging(head, line.body, layout.columns)
      : commandLines(head, line.command, layout, line.remark);
  });
}

function labelled({ label, body, remark }: RemedyLine, { style }: FindingLayout): Labelled {
  const [only, ...others] = body;
  return only?.kind === 'command' && others.length === 0
    ? { label, command: only.text, remark: remark ?? null }
    : { label, body: style.text(body) };
}

function evidenceLines({ evidence }: Finding, { style, allEvidence }: FindingLayout): readonly Labelled[] {
  const shown = allEvidence ? evidence : evidence.slice(0, EVIDENCE_SHOWN);
  const rest = evidence.length - shown.length;
  return [
    ...shown.map(({ name, measured, expected }) => ({
      label: 'Measured',
      body: `${style.text(name)}: ${style.text(measured)}${expected === null ? '' : `; expected ${style.text(expected)}`}`,
    })),
    ...(rest > 0 ? [{ label: 'Measured', body: 'and more of the kind (--verbose)' }] : []),
  ];
}

const ORDER: readonly RemedyLine['label'][] = ['Look into', 'Edit', 'Set', 'At boot', 'But', 'Then', 'Undo'];

function identity({ label, body }: RemedyLine): string {
  return `${label} ${plainText(body)}`;
}

const NOTHING_TO_UNDO: RemedyLine = { label: 'Undo', body: text`nothing to put back: no setting changes` };

/** In the order in which a person does them, nothing twice, and never without a word on the way back. */
function orderedRemedyLines({ remedies }: Finding, facts: Facts): readonly RemedyLine[] {
  const deleted = new Set(
    remedies.flatMap((each) => (each.kind === 'delete-line' ? [`${each.at.file}:${each.at.line}`] : [])),
  );
  const lines = remedies.flatMap((remedy) => remedyLines(remedy, { ...facts, deleted }));
  const onlyRelistens =
    lines.some(({ label }) => label === 'Then') && !lines.some(({ label }) => label === 'Undo');
  const seen = new Set<string>();
  return [...lines, ...(onlyRelistens ? [NOTHING_TO_UNDO] : [])]
    .sort((a, b) => ORDER.indexOf(a.label) - ORDER.indexOf(b.label))
    .filter((line) => !seen.has(identity(line)) && seen.add(identity(line)));
}

/** Which namespace is meant goes without saying on a host that has but one. */
function whereLines({ netns }: Finding, { namespaces }: Assessment): readonly Labelled[] {
  const place = namespaces.find(({ namespace }) => namespace.id === netns)?.namespace.name ?? netns;
  return namespaces.length < 2
    ? []
    : [{ label: 'Where', body: `network namespace ${escapeControls(place)}` }];
}

function moreLines({ id }: Finding, { sourceOptions }: FindingLayout): readonly Labelled[] {
  if (sourceOptions === null) return [];
  return [{ label: 'More', command: `backlogctl explain ${id} ${sourceOptions}`.trimEnd(), remark: null }];
}

/** A thousand units have a thousand restarts: enough of each kind to see what is meant. */
function capped(lines: readonly Labelled[], most: number): readonly Labelled[] {
  const labels = [...new Set(lines.map(({ label }) => label))];
  return labels.flatMap((label) => {
    const alike = lines.filter((line) => line.label === label);
    const rest = alike.length - most;
    return rest > 0 ? [...alike.slice(0, most), { label, body: `and ${rest} more (--verbose)` }] : alike;
  });
}

/** What a finding says to do, line by line, for the findings below it. */
export function mendsOf(finding: Finding, facts: Facts): readonly string[] {
  return orderedRemedyLines(finding, facts).map(identity);
}

/**
 * A finding in full: what, measured against expected, why, what to type, how to undo.
 * @param said what the findings above already said to do: what would only repeat it is said in three words
 */
export function findingLines(
  finding: Finding,
  layout: FindingLayout,
  said: ReadonlySet<string> = new Set(),
): readonly string[] {
  const { style, columns, assessment } = layout;
  const lines = orderedRemedyLines(finding, layout);
  const repeats = lines.length > 0 && lines.every((line) => said.has(identity(line)));
  const badge = style.severity(finding.severity, padEnd(finding.severity.toUpperCase(), LABEL_COLUMNS + 2));
  const remedies = repeats
    ? [{ label: 'Mend', body: 'as above' }]
    : capped(
        lines.map((line) => labelled(line, layout)),
        layout.allEvidence ? Number.POSITIVE_INFINITY : REMEDIES_SHOWN,
      );
  return [
    ...hanging(badge, style.text(finding.message), columns),
    ...block(
      [
        ...whereLines(finding, assessment),
        ...evidenceLines(finding, layout),
        { label: 'Why', body: layout.why(finding.rule) },
        ...remedies,
        ...moreLines(finding, layout),
      ],
      layout,
    ),
  ];
}

/** An information: the message and where to read on. */
export function informationLines(finding: Finding, { style, columns }: FindingLayout): readonly string[] {
  return hanging('  - ', `${style.text(finding.message)} ${style.faint(`[${finding.id}]`)}`, columns);
}

/** For scripts and narrow eyes: severity, message and id on one line, however long. */
export function oneLine({ severity, message, id }: Finding, { style }: FindingLayout): string {
  return `${style.severity(severity, severity.toUpperCase())} ${style.text(message)} ${style.faint(`[${id}]`)}`;
}
