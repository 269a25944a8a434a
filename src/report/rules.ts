import type { AnyRule } from '../rules/rule.ts';
import { hanging, padEnd, usableColumns } from './layout.ts';
import type { RulesDocument } from './rules-document.ts';
import { styleFor } from './style.ts';
import type { TextOptions } from './text/audit-text.ts';

type RuleFacts = Pick<AnyRule, 'id' | 'title' | 'why' | 'references'>;

const LABEL_COLUMNS = 9;

export function rulesDocument(rules: readonly RuleFacts[]): RulesDocument {
  return {
    kind: 'rules',
    schemaVersion: 0,
    rules: rules.map(({ id, title, why, references }) => ({
      id,
      title,
      why,
      references: [...references],
      page: `docs/rules/${id}.md`,
    })),
  };
}

export function renderRuleList(rules: readonly RuleFacts[], { columns, color }: TextOptions): string {
  const style = styleFor(color);
  const width = Math.max(...rules.map(({ id }) => id.length)) + 2;
  const lines = rules.flatMap(({ id, title }) =>
    hanging(style.heading(padEnd(id, width)), title, usableColumns(columns)),
  );
  return `${lines.join('\n')}\n`;
}

export function renderRulePage(
  { id, title, why, references }: RuleFacts,
  { columns, color }: TextOptions,
): string {
  const style = styleFor(color);
  function field(label: string, body: string): readonly string[] {
    return hanging(style.faint(padEnd(label, LABEL_COLUMNS)), body, usableColumns(columns));
  }
  const lines = [
    style.heading(id),
    ...field('Problem', title),
    ...field('Why', why),
    ...references.flatMap((reference) => field('Source', reference)),
    ...field('Page', `docs/rules/${id}.md`),
  ];
  return `${lines.join('\n')}\n`;
}
