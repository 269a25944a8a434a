import type { Assessment } from '../../assess/assessment.ts';
import { plainText } from '../../core/text.ts';
import type { Finding } from '../../rules/finding.ts';
import type { Evidence } from '../../rules/rule.ts';
import { hanging, padEnd } from '../layout.ts';
import type { Style } from '../style.ts';
import { type RemedyLine, remedyLines } from './remedy-lines.ts';

export type FindingLayout = {
  readonly columns: number;
  readonly style: Style;
  readonly assessment: Assessment;
  /** Why a rule is a problem, by the rule's id. */
  readonly why: (rule: string) => string;
  readonly allEvidence: boolean;
};

const LABEL_COLUMNS = 11;
const EVIDENCE_SHOWN = 3;

function labelled(label: string, body: string, { columns, style }: FindingLayout): readonly string[] {
  return hanging(`  ${style.faint(padEnd(label, LABEL_COLUMNS))}`, body, columns);
}

function evidenceBody({ name, measured, expected }: Evidence, { style }: FindingLayout): string {
  const beside = expected === null ? '' : `; expected ${style.text(expected)}`;
  return `${style.text(name)}: ${style.text(measured)}${beside}`;
}

function evidenceLines({ evidence }: Finding, layout: FindingLayout): readonly string[] {
  const shown = layout.allEvidence ? evidence : evidence.slice(0, EVIDENCE_SHOWN);
  const rest = evidence.length - shown.length;
  return [
    ...shown.flatMap((each) => labelled('Measured', evidenceBody(each, layout), layout)),
    ...(rest > 0 ? labelled('', `and ${rest} more of the kind (--verbose shows all)`, layout) : []),
  ];
}

const ORDER: readonly RemedyLine['label'][] = ['Look into', 'Edit', 'Do now', 'At boot', 'Then', 'Undo'];

function identity({ label, body }: RemedyLine): string {
  return `${label} ${plainText(body)}`;
}

/** In the order in which a person does them, nothing twice. */
export function orderedRemedyLines({ remedies }: Finding, assessment: Assessment): readonly RemedyLine[] {
  const lines = remedies.flatMap((remedy) => remedyLines(remedy, assessment));
  const seen = new Set<string>();
  return [...lines]
    .sort((a, b) => ORDER.indexOf(a.label) - ORDER.indexOf(b.label))
    .filter((line) => !seen.has(identity(line)) && seen.add(identity(line)));
}

function remedyBlock(lines: readonly RemedyLine[], layout: FindingLayout): readonly string[] {
  return lines.flatMap(({ label, body }) => labelled(label, layout.style.text(body), layout));
}

/**
 * A finding in full: what, measured against expected, why, what to type, how to undo.
 * @param mended what the findings above already said to do: what would only repeat it is said in three words
 */
export function findingLines(
  finding: Finding,
  layout: FindingLayout,
  mended: readonly RemedyLine[] = [],
): readonly string[] {
  const { style, columns, assessment } = layout;
  const lines = orderedRemedyLines(finding, assessment);
  const said = new Set(mended.map(identity));
  const repeats = lines.length > 0 && lines.every((line) => said.has(identity(line)));
  const badge = style.severity(finding.severity, padEnd(finding.severity.toUpperCase(), LABEL_COLUMNS + 2));
  return [
    ...hanging(badge, style.text(finding.message), columns),
    ...evidenceLines(finding, layout),
    ...labelled('Why', layout.why(finding.rule), layout),
    ...(repeats ? labelled('Mend', 'as above', layout) : remedyBlock(lines, layout)),
    ...labelled('More', style.faint(`backlogctl explain ${finding.id}`), layout),
  ];
}

/** An information: the message and where to read on. */
export function informationLines(finding: Finding, { style, columns }: FindingLayout): readonly string[] {
  return hanging('  - ', `${style.text(finding.message)} ${style.faint(`[${finding.id}]`)}`, columns);
}
