import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import type { AuditReport } from '../../pipeline/audit-report.ts';
import type { Plan } from '../../plan/plan.ts';
import { auditDocument, renderJson } from '../../report/audit-json.ts';
import { SEVERITIES } from '../../rules/rule.ts';
import { auditWithPlan } from '../audit-plan.ts';
import type { AuditOptions, CommonOptions } from '../options.ts';
import { planCommands } from '../plan-commands.ts';
import { ruleReason } from '../rule-reason.ts';
import { textOptions, wantsJson } from '../session.ts';
import type { Terminal } from '../terminal.ts';

function exitStatus(
  { findings, complete }: AuditReport,
  { failOn, requireComplete }: AuditOptions,
): ExitStatus {
  const threshold = failOn === undefined ? Number.POSITIVE_INFINITY : SEVERITIES.indexOf(failOn);
  const failed = findings.some(({ severity }) => SEVERITIES.indexOf(severity) >= threshold);
  return failed || (requireComplete === true && !complete) ? EXIT.findings : EXIT.done;
}

/** Tables and terminal widths cost as much as the audit itself, so JSON does not load them. */
async function outputOf(
  report: AuditReport,
  plan: Plan | null,
  options: AuditOptions & CommonOptions,
  terminal: Terminal,
): Promise<string> {
  if (wantsJson(options)) return renderJson(auditDocument(report, plan));
  const { renderAuditText } = await import('../../report/text/audit-text.ts');
  const mend = plan === null ? null : { plan, commands: planCommands(plan, options) };
  return renderAuditText(report, ruleReason, textOptions(options, terminal), mend);
}

export async function runAudit(
  options: AuditOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { report, plan } = await auditWithPlan(options, terminal);
  await terminal.write(await outputOf(report, plan, options, terminal));
  return exitStatus(report, options);
}
