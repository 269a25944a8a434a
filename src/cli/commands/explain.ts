import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { explain, unreadKeys } from '../../pipeline/explain.ts';
import { explainDocument } from '../../report/explain-json.ts';
import { renderExplanationText } from '../../report/text/explain-text.ts';
import type { CommonOptions, SourceOptions } from '../options.ts';
import { ruleReason } from '../rule-reason.ts';
import { auditOf, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { lookForUnfinished } from '../unfinished.ts';

export async function runExplain(
  target: string,
  options: SourceOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const report = await auditOf(options, terminal, unreadKeys(target));
  await lookForUnfinished(options, terminal);
  const explanations = explain(target, report);
  await writeResult(
    {
      json: () => explainDocument(target, explanations),
      text: (layout) => renderExplanationText(explanations, report, ruleReason, layout),
    },
    options,
    terminal,
  );
  return EXIT.done;
}
