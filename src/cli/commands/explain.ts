import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { explain } from '../../pipeline/explain.ts';
import { renderJson } from '../../report/audit-json.ts';
import { explainDocument } from '../../report/explain-json.ts';
import { renderExplanationText } from '../../report/text/explain-text.ts';
import type { CommonOptions, SourceOptions } from '../options.ts';
import { ruleReason } from '../rule-reason.ts';
import { auditOf, textOptions, wantsJson } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export async function runExplain(
  target: string,
  options: SourceOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const report = await auditOf(options, terminal);
  const explanations = explain(target, report);
  const output = wantsJson(options)
    ? renderJson(explainDocument(target, explanations))
    : renderExplanationText(explanations, report, ruleReason, textOptions(options, terminal));
  await terminal.write(output);
  return EXIT.done;
}
