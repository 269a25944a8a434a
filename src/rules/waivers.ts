import { plainText } from '../core/text.ts';
import type { Waiver } from './finding.ts';
import type { PlacedReport } from './grouping.ts';
import type { Subject } from './rule.ts';

/** A subject by its id, without the protocol, or as the audit's text shows it. */
function isMeant(wanted: string, { id, label }: Subject): boolean {
  return [id, id.replace(/^(tcp|unix|service):/, ''), plainText(label)].includes(wanted);
}

/** The first waiver in force that covers the report; `until` is the last day on which it holds. */
export function waiverFor(
  { rule, report }: PlacedReport,
  waivers: readonly Waiver[],
  today: string,
): Waiver | null {
  const covering = waivers.find(
    (waiver) =>
      waiver.rule === rule.id &&
      (waiver.until === null || waiver.until >= today) &&
      (waiver.subject === null || isMeant(waiver.subject, report.subject)),
  );
  return covering ?? null;
}
