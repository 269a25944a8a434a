import { shortHash } from '../core/hash.ts';
import type { Finding } from './finding.ts';
import { foldRemedies } from './fold-remedies.ts';
import {
  type AnyRule,
  type Confidence,
  type Evidence,
  type Report,
  SEVERITIES,
  type Subject,
} from './rule.ts';

export type PlacedReport = { readonly rule: AnyRule; readonly netns: string; readonly report: Report };

/** Enough to see the pattern: with 10,000 listeners the subjects name them all. */
const EVIDENCE_KEPT = 50;

const CONFIDENCES: readonly Confidence[] = ['measured', 'inferred', 'assumed'];

function causeOf({ rule, netns, report }: PlacedReport): string {
  return JSON.stringify([rule.id, netns, report.messageId, report.cause]);
}

/** The rule's own name and a short hash of the cause: to type, and the same on the next run. */
function idOf(ruleId: string, cause: string): string {
  return `${ruleId.slice(ruleId.lastIndexOf('/') + 1)}-${shortHash(cause)}`;
}

/** Text in whose order :80 comes before :443, and 10.0.0.2 before 10.0.0.10. */
export function sortKey({ id }: Subject): string {
  return id.replace(/\d+/g, (digits) => digits.padStart(10, '0'));
}

function bySubject(reports: readonly Report[]): readonly Report[] {
  return reports
    .map((report) => ({ report, key: sortKey(report.subject) }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ report }) => report);
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

function findingOf(cause: string, members: readonly [PlacedReport, ...PlacedReport[]]): Finding {
  const [{ rule, netns, report: first }] = members;
  const reports = bySubject(members.map(({ report }) => report));
  const subjects = [...new Map(reports.map(({ subject }) => [subject.id, subject])).values()];
  const severity = SEVERITIES.findLast((each) => reports.some((report) => report.severity === each));
  const confidence = CONFIDENCES.findLast((each) => reports.some((report) => report.confidence === each));
  const evidence: readonly Evidence[] = distinct(reports.flatMap((report) => report.evidence));
  const message = rule.messages[first.messageId];
  if (message === undefined) throw new TypeError(`${rule.id} has no message ${first.messageId}`);
  return {
    id: idOf(rule.id, cause),
    rule: rule.id,
    netns,
    subjects,
    severity: severity ?? first.severity,
    confidence: confidence ?? first.confidence,
    messageId: first.messageId,
    args: first.args,
    message: message(first.args, subjects),
    evidence: evidence.slice(0, EVIDENCE_KEPT),
    remedies: foldRemedies(reports.flatMap(({ remedies }) => remedies)),
  };
}

/**
 * One finding per rule, network namespace, message and cause: as severe as its worst report and as sure as its
 * least sure one. The order of the reports does not matter.
 */
export function group(reports: readonly PlacedReport[]): readonly Finding[] {
  const groups = new Map<string, [PlacedReport, ...PlacedReport[]]>();
  for (const placed of reports) {
    const cause = causeOf(placed);
    const members = groups.get(cause);
    if (members === undefined) groups.set(cause, [placed]);
    else members.push(placed);
  }
  return [...groups].map(([cause, members]) => findingOf(cause, members));
}
