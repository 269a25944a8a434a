import { findRule } from '../rules/registry.ts';

/** Why a rule is a problem, in a sentence. */
export function ruleReason(id: string): string {
  return findRule(id)?.why ?? '';
}
