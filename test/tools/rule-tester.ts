import { describe, expect, test } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import { plainText } from '../../src/core/text.ts';
import { runRules } from '../../src/rules/engine.ts';
import type { Finding, RuleResults } from '../../src/rules/finding.ts';
import type { Remedy } from '../../src/rules/remedy.ts';
import type { AnyRule, Confidence, MessageArgs, Outcome, Severity } from '../../src/rules/rule.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { applyRemedies } from './apply-remedies.ts';

type Case = { readonly name: string; readonly host: Snapshot };

/** A finding in full, save for its wording: what is left out of it must not be in the finding either. */
type ExpectedFinding = {
  readonly messageId: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly subjects: readonly string[];
  readonly args: MessageArgs;
  /**
   * In their order: `require net.core.somaxconn at-least 511`, `relisten nginx`, `edit-config nginx 512`,
   * `delete-line /etc/sysctl.conf:1 bad-setting`, `change-other-manager ufw /etc/ufw/sysctl.conf:1`, `investigate`.
   */
  readonly remedies: readonly string[];
};

export type RuleCases = {
  readonly pass: readonly [Case, ...Case[]];
  readonly notApplicable?: readonly Case[];
  readonly unknown?: readonly (Case & { readonly why: string })[];
  readonly fail: readonly [FailCase, ...FailCase[]];
};

type FailCase = Case & { readonly findings: readonly [ExpectedFinding, ...ExpectedFinding[]] };

const TODAY = '2026-11-20';

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

/** Reports of one message and cause end in one finding, which has room for one set of arguments. */
function expectSameArgs(rule: AnyRule, outcome: Outcome): Outcome {
  const reports = outcome.kind === 'fail' ? outcome.reports : [];
  const argsOf = new Map<string, string>();
  for (const { messageId, cause, args } of reports) {
    const group = JSON.stringify([messageId, cause]);
    const mine = JSON.stringify(args);
    if ((argsOf.get(group) ?? mine) !== mine) throw new Error(`${rule.id} has two sets of args for ${group}`);
    argsOf.set(group, mine);
  }
  return outcome;
}

/** Nothing that a rule has not declared can be read without an error. */
export function guarded(rule: AnyRule): AnyRule {
  return {
    ...rule,
    check: (facts) =>
      expectSameArgs(
        rule,
        rule.check(
          new Proxy(facts, {
            get(target, property, receiver) {
              const isDeclared = typeof property === 'symbol' || Object.hasOwn(target, property);
              if (!isDeclared) throw new Error(`${rule.id} reads ${property} without declaring it`);
              return Reflect.get(target, property, receiver);
            },
          }),
        ),
      ),
  };
}

function run(rule: AnyRule, host: Snapshot): RuleResults {
  return runRules(assess(deepFreeze(structuredClone(host))), {
    rules: [guarded(rule)],
    waivers: [],
    today: TODAY,
  });
}

function remedyLine(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'require':
    case 'set-in-container': {
      const { key, relation, value } = remedy.requirement;
      return `${remedy.kind} ${key} ${relation} ${value}`;
    }
    case 'edit-config':
      return [remedy.kind, remedy.server, remedy.backlog].filter((part) => part !== undefined).join(' ');
    case 'relisten':
      return `${remedy.kind} ${remedy.server}`;
    case 'delete-line':
      return `${remedy.kind} ${remedy.at.file}:${remedy.at.line} ${remedy.purpose}`;
    case 'change-other-manager':
      return `${remedy.kind} ${remedy.manager}${remedy.at === null ? '' : ` ${remedy.at.file}:${remedy.at.line}`}`;
    case 'investigate':
      return remedy.kind;
  }
}

function inShort({ messageId, severity, confidence, subjects, args, remedies }: Finding): ExpectedFinding {
  return {
    messageId,
    severity,
    confidence,
    subjects: subjects.map(({ id }) => id),
    args,
    remedies: remedies.map(remedyLine),
  };
}

/** A gap where an argument should stand shows as one of these. */
const UNFILLED = /undefined|null|NaN|Infinity|\[object|\{|\}|\s{2,}|\s[,.:;]/;

export function expectReadable(finding: Finding): void {
  const texts = [
    finding.message,
    ...finding.evidence.flatMap(({ name, measured, expected }) => [name, measured, expected ?? name]),
    ...finding.remedies.map((each) => ('instruction' in each ? each.instruction : each.requirement.because)),
  ].map(plainText);
  for (const each of texts) {
    expect(each).not.toMatch(UNFILLED);
    expect(each.length).toBeGreaterThan(0);
  }
  expect(finding.evidence.length).toBeGreaterThan(0);
  for (const each of Object.values(finding.args)) expect(Number.isNaN(each)).toBe(false);
}

/** What a person can do so that the rule would pass; the others only lead to finding out more. */
function canMend(remedy: Remedy): boolean {
  return remedy.kind !== 'investigate' && !(remedy.kind === 'edit-config' && remedy.backlog === undefined);
}

function isBadSetting({ remedies }: Finding): boolean {
  return remedies.some((remedy) => remedy.kind === 'delete-line' && remedy.purpose === 'bad-setting');
}

/** Without a line and without a requirement, a key gets the kernel's own value at the next boot: none that we know. */
function rebooted(host: Snapshot, findings: readonly Finding[]): Snapshot {
  const freed = findings
    .filter(({ remedies }) => !remedies.some((remedy) => 'requirement' in remedy))
    .flatMap(({ subjects }) => subjects.map(({ id }) => id));
  return {
    ...host,
    namespaces: host.namespaces.map((namespace) => ({
      ...namespace,
      sysctls: Object.fromEntries(Object.entries(namespace.sysctls).filter(([key]) => !freed.includes(key))),
    })),
  };
}

function expectMended(rule: AnyRule, host: Snapshot, findings: readonly Finding[]): void {
  const mendable = findings.filter(({ remedies }) => remedies.some(canMend)).map(({ id }) => id);
  let [state, remaining] = [host, findings];
  // Some changes show the next one only once they are made, as a shadowed line that then wins.
  for (let round = 0; round < 3; round += 1) {
    state = applyRemedies(
      state,
      remaining.flatMap(({ remedies }) => remedies),
    );
    state = rebooted(state, remaining.filter(isBadSetting));
    remaining = run(rule, state).findings;
  }
  expect(remaining.filter(({ id, severity }) => mendable.includes(id) && severity !== 'info')).toEqual([]);
}

function testFailing(rule: AnyRule, { host, findings: expected }: FailCase): void {
  const { findings, notChecked } = run(rule, host);
  expect(notChecked).toEqual([]);
  expect(findings.map(inShort)).toEqual(expected);
  expect(run(rule, host).findings).toEqual(findings);
  for (const finding of findings) {
    expectReadable(finding);
    expect(finding.remedies.length === 0).toBe(finding.severity === 'info');
  }
  expectMended(rule, host, findings);
}

/**
 * The tests of one rule. Strict on purpose: every message is met by some case, findings are given in full, inputs are
 * frozen, facts must be declared, info asks for nothing, and doing what the remedies say makes the rule content.
 */
export function testRule(rule: AnyRule, { pass, notApplicable = [], unknown = [], fail }: RuleCases): void {
  describe(rule.id, () => {
    test('its cases have names of their own and meet every message', () => {
      const names = [...pass, ...notApplicable, ...unknown, ...fail].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      const met = new Set(fail.flatMap(({ findings }) => findings.map(({ messageId }) => messageId)));
      expect([...met].sort()).toEqual(Object.keys(rule.messages).sort());
    });

    test.each(pass)('passes: $name', ({ host }) => {
      expect(run(rule, host)).toEqual({
        findings: [],
        suppressed: [],
        notChecked: [],
        counts: { pass: host.namespaces.length, notApplicable: 0 },
      });
    });

    if (notApplicable.length > 0)
      test.each(notApplicable)('does not apply: $name', ({ host }) => {
        const { findings, counts } = run(rule, host);
        expect({ findings, counts }).toEqual({
          findings: [],
          counts: { pass: 0, notApplicable: host.namespaces.length },
        });
      });

    if (unknown.length > 0)
      test.each(unknown)('cannot tell: $name', ({ host, why }) => {
        const { findings, notChecked } = run(rule, host);
        expect(findings).toEqual([]);
        expect(notChecked.map(({ outcome, why: said }) => ({ outcome, why: said }))).toEqual([
          { outcome: 'unknown', why },
        ]);
      });

    test.each(fail)('fails: $name', (each) => testFailing(rule, each));
  });
}
