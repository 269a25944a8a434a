import { unknownNameError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { renderJson } from '../../report/audit-json.ts';
import { renderRuleList, renderRulePage, rulesDocument } from '../../report/rules.ts';
import { findRule, RULES } from '../../rules/registry.ts';
import type { CommonOptions } from '../options.ts';
import { textOptions, wantsJson } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export async function runRulesList(options: CommonOptions, terminal: Terminal): Promise<ExitStatus> {
  await terminal.write(
    wantsJson(options)
      ? renderJson(rulesDocument(RULES))
      : renderRuleList(RULES, textOptions(options, terminal)),
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
    );
  }
  await terminal.write(
    wantsJson(options)
      ? renderJson(rulesDocument([rule]))
      : renderRulePage(rule, textOptions(options, terminal)),
  );
  return EXIT.done;
}
