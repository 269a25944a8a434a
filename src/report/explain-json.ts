import type { KeyValue } from '../assess/key-value.ts';
import { plainText } from '../core/text.ts';
import type { Explanation } from '../pipeline/explain.ts';
import { findingJson, listenerJson } from './audit-json.ts';
import type { ExplanationDocument } from './explain-document.ts';
import { derivations } from './figure-tree.ts';

type ExplanationJson = ExplanationDocument['explanations'][number];
type KeyJson = Extract<ExplanationJson, { kind: 'key' }>;

function bootJson(boot: KeyValue): NonNullable<KeyJson['boot']> {
  const shadowed = boot.shadowed.map((each) => ({ ...each }));
  switch (boot.kind) {
    case 'set':
      return { kind: boot.kind, value: boot.value, from: boot.from, through: boot.through, shadowed };
    case 'unset':
      return {
        kind: boot.kind,
        ...(boot.excludedBy === undefined ? {} : { excludedBy: boot.excludedBy }),
        shadowed,
      };
    case 'unknown':
      return { kind: boot.kind, why: boot.why, shadowed };
  }
}

function explanationJson(explained: Explanation): ExplanationJson {
  switch (explained.kind) {
    case 'key': {
      const { others, boot, ...facts } = explained;
      return {
        ...facts,
        boot: boot === null ? null : bootJson(boot),
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
