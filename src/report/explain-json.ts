import { plainText } from '../core/text.ts';
import type { Explanation } from '../pipeline/explain.ts';
import { findingJson, listenerJson } from './audit-json.ts';
import type { ExplanationDocument } from './explain-document.ts';
import { derivations } from './figure-tree.ts';

type ExplanationJson = ExplanationDocument['explanations'][number];

function explanationJson(explained: Explanation): ExplanationJson {
  switch (explained.kind) {
    case 'key': {
      const { others, ...facts } = explained;
      return {
        ...facts,
        writers: [...others.writers],
        ending: others.ending,
        live: [...explained.live],
        kernelDefault: explained.kernelDefault === null ? null : [...explained.kernelDefault],
        change: explained.change.map(plainText),
        findings: explained.findings.map(findingJson),
      };
    }
    case 'listener':
      return {
        kind: explained.kind,
        listener: listenerJson(explained.listener),
        derivation: [...derivations(explained.listener)],
        change: explained.change.map(plainText),
        findings: explained.findings.map(findingJson),
      };
    case 'rule': {
      const { id, title, why, references } = explained.rule;
      return {
        kind: explained.kind,
        rule: { id, title, why, references: [...references] },
        findings: explained.findings.map(findingJson),
        notChecked: [...explained.notChecked],
      };
    }
    case 'finding':
      return { kind: explained.kind, finding: findingJson(explained.finding) };
  }
}

export function explainDocument(target: string, explanations: readonly Explanation[]): ExplanationDocument {
  return { kind: 'explanation', schemaVersion: 0, target, explanations: explanations.map(explanationJson) };
}
