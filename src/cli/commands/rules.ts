import { unknownNameError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { renderRuleList, renderRulePage, rulesDocument } from '../../report/rules.ts';
import { findRule, RULES } from '../../rules/registry.ts';
import type { CommonOptions } from '../options.ts';
import { writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export async function runRulesList(options: CommonOptions, terminal: Terminal): Promise<ExitStatus> {
  await writeResult(
    { json: () => rulesDocument(RULES), text: (layout) => renderRuleList(RULES, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}

export async function runRulesShow(
  id: string,
  options: CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const rule = findRule(id);
  if (rule === undefined) {
    throw unknownNameError(
      'rule',
      id,
      RULES.map((each) => each.id),
      'backlogctl rules',
    );
  }
  await writeResult(
    { json: () => rulesDocument([rule]), text: (layout) => renderRulePage(rule, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}
