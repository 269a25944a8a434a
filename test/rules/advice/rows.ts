import { findRule } from '../../../src/rules/registry.ts';
import type { Severity } from '../../../src/rules/rule.ts';
import { type RuleCases, testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

type HostFacts = Parameters<typeof hostOf>[0];

export const FILE = '/etc/sysctl.d/60-tuning.conf';

export const SOMAXCONN = { 'net.core.somaxconn': 4096 } as const;

/** A host whose tuning file holds these lines; its live values are those given. */
export function tuned(text: string, more: HostFacts = {}): HostFacts {
  return {
    ...more,
    sysctls: { ...SOMAXCONN, ...more.sysctls },
    files: { [FILE]: `${text}\n`, ...more.files },
  };
}

type Found = {
  readonly name: string;
  readonly host: HostFacts;
  readonly severity: Severity;
  readonly key: string;
  readonly value: string;
  readonly says: string;
  readonly remedies?: readonly string[];
  /** Of the file; left out where the live value is reported. */
  readonly line?: number;
};

function caseOf({
  name,
  host,
  severity,
  key,
  value,
  says,
  remedies = [],
  line,
}: Found): RuleCases['fail'][number] {
  const at = `${FILE}:${line}`;
  const args = { key, value, says };
  return {
    name,
    host: hostOf(host),
    findings: [
      {
        messageId: line === undefined ? 'live' : 'line',
        severity,
        confidence: 'inferred',
        subjects: [line === undefined ? key : at],
        args: line === undefined ? args : { ...args, line: at },
        remedies,
      },
    ],
  };
}

type Named = { readonly name: string; readonly host: HostFacts };

type RowCases = {
  readonly pass: readonly [Named, ...Named[]];
  readonly unknown?: readonly (Named & { readonly why: string })[];
  readonly fail: readonly [Found, ...Found[]];
};

/** The tests of one row: of the rule that is made from it. */
export function testRow(id: string, { pass, unknown = [], fail: [first, ...others] }: RowCases): void {
  const rule = findRule(`advice/${id}`);
  if (rule === undefined) throw new Error(`no rule advice/${id}`);
  const [good, ...more] = pass;
  const named = ({ name, host }: Named) => ({ name, host: hostOf(host) });
  testRule(rule, {
    pass: [named(good), ...more.map(named)],
    unknown: unknown.map(({ why, ...each }) => ({ ...named(each), why })),
    fail: [caseOf(first), ...others.map(caseOf)],
  });
}
