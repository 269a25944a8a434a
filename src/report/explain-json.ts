import { plainText } from '../core/text.ts';
import type { Explanation } from '../pipeline/explain.ts';
import { findingJson, listenerJson } from './audit-json.ts';
import { derivations } from './figure-tree.ts';

function explanationJson(explained: Explanation) {
  switch (explained.kind) {
    case 'key':
      return {
        ...explained,
        change: explained.change.map(plainText),
        findings: explained.findings.map(findingJson),
      };
    case 'listener':
      return {
        kind: explained.kind,
        listener: listenerJson(explained.listener),
        derivation: derivations(explained.listener),
        change: explained.change.map(plainText),
        findings: explained.findings.map(findingJson),
      };
    case 'rule': {
      const { id, title, why, references } = explained.rule;
      return {
        kind: explained.kind,
        rule: { id, title, why, references },
        findings: explained.findings.map(findingJson),
        notChecked: explained.notChecked,
      };
    }
    case 'finding':
      return { kind: explained.kind, finding: findingJson(explained.finding) };
  }
}

export function explainDocument(target: string, explanations: readonly Explanation[]) {
  return { kind: 'explanation', schemaVersion: 0, target, explanations: explanations.map(explanationJson) };
}
