import type { Text } from '../core/text.ts';
import type { Remedy } from './remedy.ts';
import type { Confidence, Evidence, MessageArgs, Severity, Subject } from './rule.ts';

/** Reports of one rule with one cause, in one network namespace. */
export type Finding = {
  /** Stable for the same rule, namespace and cause: something to name in `explain` and in a waiver. */
  readonly id: string;
  readonly rule: string;
  readonly netns: string;
  readonly subjects: readonly Subject[];
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly messageId: string;
  readonly args: MessageArgs;
  readonly message: Text;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
};

/** A finding that somebody waived, and why. */
export type SuppressedFinding = { readonly finding: Finding; readonly waiver: Waiver };

/**
 * From /etc/backlogctl/config.yaml: `ignore: [{rule, subject, until, reason}]`. Without a subject it holds for all
 * of the rule's; after `until` (a date, YYYY-MM-DD, included) it has lapsed.
 */
export type Waiver = {
  readonly rule: string;
  readonly subject: string | null;
  readonly until: string | null;
  readonly reason: string;
};

/** A rule that came to no verdict. */
export type NotChecked = {
  readonly rule: string;
  readonly netns: string;
  readonly outcome: 'unknown' | 'errored';
  readonly why: string;
};

export type RuleResults = {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  readonly notChecked: readonly NotChecked[];
  /** How many rules said what, over all namespaces. */
  readonly counts: { readonly pass: number; readonly notApplicable: number };
};
