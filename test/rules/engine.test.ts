import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/assess/assess.ts';
import type { Fact } from '../../src/core/fact.ts';
import { plainText, text } from '../../src/core/text.ts';
import { actionsOf, runRules } from '../../src/rules/engine.ts';
import type { Waiver } from '../../src/rules/finding.ts';
import { RULES } from '../../src/rules/registry.ts';
import { ACTIONS, type Remedy } from '../../src/rules/remedy.ts';
import { type AnyRule, defineRule, type Severity, type Subject } from '../../src/rules/rule.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { hostOf, NETNS, namespaceOf } from './host.ts';

const KEY = 'net.core.somaxconn';
const OPTIONS = { waivers: [], today: '2026-11-20' };

function run(
  host: Snapshot,
  rules: readonly AnyRule[],
  waivers: readonly Waiver[] = [],
  today = '2026-11-20',
) {
  return runRules(assess(host), { rules, waivers, today });
}

function requireRemedy(value: string, relation: 'at-least' | 'at-most' | 'exactly' = 'at-least'): Remedy {
  return {
    kind: 'require',
    requirement: { key: KEY, netns: NETNS, relation, value, because: text`${value}` },
  };
}

type Part = {
  readonly subject: string;
  readonly cause?: string;
  readonly severity?: Severity;
  readonly remedies?: readonly Remedy[];
};

/** A rule that reports what it is given. */
function reporting(id: string, parts: readonly Part[]): AnyRule {
  return defineRule({
    id,
    title: 'A test',
    why: 'It is one.',
    references: [],
    requires: [],
    uses: [],
    messages: {
      found: (_args: Record<never, never>, subjects: readonly Subject[]) => text`${subjects.length} found`,
    },
    check: () => ({
      kind: 'fail',
      reports: parts.map(({ subject, cause = '', severity = 'low', remedies = [] }) => ({
        messageId: 'found' as const,
        args: {},
        subject: { id: subject, label: text`label of ${subject}` },
        cause,
        severity,
        confidence: 'measured' as const,
        evidence: [{ name: text`length`, measured: text`1`, expected: null }],
        remedies,
      })),
    }),
  });
}

describe('isolation', () => {
  test.each([
    [
      'an error',
      () => {
        throw new TypeError('no such member');
      },
      'test/throws failed: no such member',
    ],
    [
      'something that is no error',
      () => {
        throw 'text';
      },
      'test/throws failed: text',
    ],
  ])('a rule that throws %s costs its own verdict only', (_, check, why) => {
    const good = reporting('test/good', [{ subject: 'a' }]);
    const { findings, notChecked } = run(hostOf({}), [{ ...reporting('test/throws', []), check }, good]);
    expect(findings.map(({ rule }) => rule)).toEqual(['test/good']);
    expect(notChecked).toEqual([{ rule: 'test/throws', netns: NETNS, outcome: 'errored', why }]);
  });

  test('a rule gets what it declares and where it is, and nothing else', () => {
    let seen: readonly string[] = [];
    const curious: AnyRule = {
      ...reporting('test/curious', []),
      requires: ['listeners'],
      uses: ['rates', `sysctl:${KEY}`],
      check(facts) {
        seen = Object.keys(facts).sort();
        return { kind: 'pass' };
      },
    };
    run(hostOf({ increases: {}, files: {} }), [curious]);
    expect(seen).toEqual([
      'environment',
      'filesApply',
      'isHostWide',
      'listeners',
      'netns',
      'ownDropIn',
      'rates',
      `sysctl:${KEY}`,
      'traits',
    ]);
  });
});

describe('missing facts', () => {
  const SYNCOOKIES = 'net.ipv4.tcp_syncookies';
  const withFact = (fact: Fact<string>): Snapshot => ({
    ...hostOf({}),
    namespaces: [{ ...namespaceOf({}), sysctls: { [SYNCOOKIES]: fact } }],
  });
  const needs = (...requires: AnyRule['requires']): AnyRule => ({
    ...reporting('test/needs', [{ subject: 'a' }]),
    requires,
  });
  const { listeners: _listeners, ...deaf } = namespaceOf({});
  test.each([
    [
      'denied',
      withFact({ ok: false, why: 'denied' }),
      needs(`sysctl:${SYNCOOKIES}`),
      `${SYNCOOKIES} was not readable: denied`,
    ],
    [
      'absent',
      withFact({ ok: false, why: 'absent' }),
      needs(`sysctl:${SYNCOOKIES}`),
      `${SYNCOOKIES} does not exist here`,
    ],
    [
      'no number',
      withFact({ ok: true, value: 'x' }),
      needs(`sysctl:${SYNCOOKIES}`),
      `${SYNCOOKIES} is not a number`,
    ],
    ['left out', hostOf({}), needs(`sysctl:${SYNCOOKIES}`), `${SYNCOOKIES} was not collected`],
    ['no files', hostOf({}), needs('resolution'), 'the sysctl files were not collected'],
    ['no services', hostOf({}), needs('services'), 'the services were not collected'],
    ['one sample', hostOf({}), needs('rates'), 'a rate needs two samples of the counters (--sample 10s)'],
    [
      'no listeners',
      { ...hostOf({}), namespaces: [deaf] },
      needs('listeners'),
      'the listeners were not collected',
    ],
  ])('%s: the outcome is unknown, in words', (_, host, rule, why) => {
    const { findings, notChecked } = run(host, [rule]);
    expect(findings).toEqual([]);
    expect(notChecked).toEqual([{ rule: 'test/needs', netns: NETNS, outcome: 'unknown', why }]);
  });

  test('an optional fact that is missing is null', () => {
    let seen: unknown;
    const rule: AnyRule = {
      ...reporting('test/optional', []),
      uses: ['resolution', `sysctl:${SYNCOOKIES}`],
      check(facts) {
        seen = [facts.resolution, facts[`sysctl:${SYNCOOKIES}`]];
        return { kind: 'pass' };
      },
    };
    run(hostOf({}), [rule]);
    expect(seen).toEqual([null, null]);
  });
});

describe('grouping', () => {
  test('ten thousand listeners with one cause are one finding', () => {
    const listeners = Array.from({ length: 10_000 }, (_, index) => ({
      server: 'nginx',
      process: 'nginx',
      unit: 'nginx.service',
      port: index + 1,
      requested: 511,
      limit: 128,
    }));
    const { findings } = runRules(assess(hostOf({ sysctls: { [KEY]: 128 }, listeners })), OPTIONS);
    const clamped = findings.filter(({ rule }) => rule === 'accept-queue/bound-by-somaxconn');
    expect(clamped).toHaveLength(1);
    expect(clamped[0]?.subjects).toHaveLength(10_000);
    expect(clamped[0]?.subjects[9]?.id).toBe('tcp:0.0.0.0:10');
    expect(clamped[0]?.remedies.map(({ kind }) => kind)).toEqual(['require', 'relisten']);
    expect(clamped[0]?.evidence.length).toBeLessThanOrEqual(50);
  });

  test('causes stay apart; severity is the worst of one cause', () => {
    const rule = reporting('test/causes', [
      { subject: 'a', cause: 'x', severity: 'low' },
      { subject: 'b', cause: 'x', severity: 'high' },
      { subject: 'c', cause: 'y', severity: 'medium' },
    ]);
    const { findings } = run(hostOf({}), [rule]);
    expect(findings.map(({ severity, subjects }) => [severity, subjects.map(({ id }) => id)])).toEqual([
      ['high', ['a', 'b']],
      ['medium', ['c']],
    ]);
  });

  test('requirements of one key and relation fold to the strictest, remedies are kept once', () => {
    const investigate: Remedy = { kind: 'investigate', instruction: text`look` };
    const rule = reporting('test/fold', [
      { subject: 'a', remedies: [requireRemedy('1 9 3'), investigate, requireRemedy('100', 'at-most')] },
      { subject: 'b', remedies: [investigate, requireRemedy('2 5 3'), requireRemedy('70', 'at-most')] },
      { subject: 'c', remedies: [requireRemedy('5', 'exactly'), requireRemedy('6', 'exactly')] },
    ]);
    const [finding] = run(hostOf({}), [rule]).findings;
    const short = finding?.remedies.map((remedy) =>
      'requirement' in remedy ? `${remedy.requirement.relation} ${remedy.requirement.value}` : remedy.kind,
    );
    expect(short).toEqual(['at-least 2 9 3', 'investigate', 'at-most 70', 'exactly 5', 'exactly 6']);
  });

  test('the order of the reports changes nothing', () => {
    const part = fc.record({
      subject: fc.constantFrom('tcp:0.0.0.0:80', 'tcp:0.0.0.0:443', 'k', 'unix:/a'),
      cause: fc.constantFrom('x', 'y'),
      severity: fc.constantFrom<Severity[]>('info', 'low', 'high'),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const ids = (list: readonly Part[]) =>
          run(hostOf({}), [reporting('test/order', list)]).findings.map(({ id, severity, subjects }) => ({
            id,
            severity,
            subjects: subjects.map((subject) => subject.id),
          }));
        expect(ids(parts.toReversed())).toEqual(ids(parts));
      }),
    );
  });

  test('findings are listed by severity, then in the order of the rules, then by id', () => {
    const { findings } = run(hostOf({}), [
      reporting('test/z', [{ subject: 'a', severity: 'low' }]),
      reporting('test/a', [
        { subject: 'a', severity: 'low', cause: '1' },
        { subject: 'a', severity: 'low', cause: '2' },
        { subject: 'a', severity: 'high', cause: '3' },
      ]),
    ]);
    expect(findings.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
      'high test/a',
      'low test/z',
      'low test/a',
      'low test/a',
    ]);
    const [, , first, second] = findings.map(({ id }) => id);
    expect([first, second]).toEqual([first, second].toSorted());
  });
});

describe('ids', () => {
  const idOf = (rule: AnyRule, host = hostOf({})) => run(host, [rule]).findings[0]?.id;

  test('the same for the same rule, namespace and cause, whatever the subjects and numbers', () => {
    const one = idOf(reporting('test/same', [{ subject: 'a', cause: 'x' }]));
    expect(one).toMatch(/^same-[0-9a-f]{8}$/);
    expect(idOf(reporting('test/same', [{ subject: 'b', cause: 'x', severity: 'high' }]))).toBe(one);
    expect(idOf(reporting('test/same', [{ subject: 'a', cause: 'y' }]))).not.toBe(one);
    expect(idOf(reporting('other/same', [{ subject: 'a', cause: 'x' }]))).not.toBe(one);
    const elsewhere = { ...hostOf({}), namespaces: [namespaceOf({}, '4026532000')] };
    expect(idOf(reporting('test/same', [{ subject: 'a', cause: 'x' }]), elsewhere)).not.toBe(one);
  });
});

describe('waivers', () => {
  const rule = reporting('test/waived', [{ subject: 'tcp:0.0.0.0:80' }, { subject: 'tcp:0.0.0.0:443' }]);
  const waiver = (subject: string | null, until: string | null = null): Waiver => ({
    rule: 'test/waived',
    subject,
    until,
    reason: 'agreed',
  });
  const outcome = (waivers: readonly Waiver[], today?: string) => {
    const { findings, suppressed } = run(hostOf({}), [rule], waivers, today);
    return {
      open: findings.flatMap(({ subjects }) => subjects.map(({ id }) => id)),
      waived: suppressed.flatMap(({ finding }) => finding.subjects.map(({ id }) => id)),
    };
  };
  const both = ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:443'];

  test.each([
    ['none', [], both, []],
    ['of the whole rule', [waiver(null)], [], both],
    ['of one subject by its id', [waiver('tcp:0.0.0.0:80')], ['tcp:0.0.0.0:443'], ['tcp:0.0.0.0:80']],
    ['of one subject without the protocol', [waiver('0.0.0.0:443')], ['tcp:0.0.0.0:80'], ['tcp:0.0.0.0:443']],
    [
      'of one subject as it is shown',
      [waiver('label of tcp:0.0.0.0:80')],
      ['tcp:0.0.0.0:443'],
      ['tcp:0.0.0.0:80'],
    ],
    ['of a subject that only begins alike', [waiver('tcp:0.0.0.0:8')], both, []],
    ['of another rule', [{ ...waiver(null), rule: 'test/other' }], both, []],
    ['on its last day', [waiver(null, '2026-11-20')], [], both],
    ['lapsed', [waiver(null, '2026-11-19')], both, []],
    ['of both subjects, one by one', [waiver(both[0] ?? ''), waiver(both[1] ?? '')], [], both],
  ])('%s', (_, waivers, open, waived) => {
    expect(outcome(waivers)).toEqual({ open, waived });
  });

  test('what is waived keeps its id and says why; what is left speaks of itself alone', () => {
    const [before] = run(hostOf({}), [rule]).findings;
    const { findings, suppressed } = run(hostOf({}), [rule], [waiver('0.0.0.0:80')]);
    expect(suppressed.map(({ waiver: by, finding }) => [by.reason, finding.id])).toEqual([
      ['agreed', before?.id],
    ]);
    expect(findings.map(({ id, message }) => [id, plainText(message)])).toEqual([[before?.id, '1 found']]);
  });
});

describe('namespaces', () => {
  const facts = { sysctls: { [KEY]: 128 }, listeners: [{ process: 'nginx', requested: 511, limit: 128 }] };
  const node = namespaceOf({ sysctls: { [KEY]: 4096 } });
  const pod = namespaceOf({ ...facts, environment: 'container' }, '4026532700');

  test.each([
    ['node first', [node, pod]],
    ['pod first', [pod, node]],
  ])('a pod is judged by its own values and mended in its own definition (%s)', (_, namespaces) => {
    const host = { ...hostOf({ files: { '/etc/sysctl.d/a.conf': `${KEY} = 4096\n` } }), namespaces };
    const { findings } = runRules(assess(host), OPTIONS);
    const asking = findings.filter(({ remedies }) => remedies.length > 0);
    expect(new Set(asking.map(({ netns }) => netns))).toEqual(new Set(['4026532700']));
    expect(actionsOf(findings)).toEqual(['relisten', 'set-in-container']);
  });

  test('the sysctl files decide the first namespace of the host, and no later one', () => {
    const later = namespaceOf({ sysctls: { [KEY]: 1024 } }, '4026532800');
    const host = {
      ...hostOf({ files: { '/etc/sysctl.d/a.conf': `${KEY} = 4096\n` } }),
      namespaces: [node, later],
    };
    const about = runRules(assess(host), OPTIONS).findings.filter(
      ({ rule }) => rule === 'sysctl/live-differs-from-boot',
    );
    expect(about).toEqual([]);
  });

  test('services belong to the host and count once', () => {
    const services = [{ name: 'uwsgi', backlog: { ok: true, value: 1024 } }] as const;
    const namespaces = [pod, namespaceOf({ sysctls: { [KEY]: 128 } })];
    const host: Snapshot = { ...hostOf({ services }), namespaces };
    const about = runRules(assess(host), OPTIONS).findings.filter(
      ({ messageId }) => messageId === 'notListening',
    );
    expect(about.map(({ netns }) => netns)).toEqual([NETNS]);
  });
});

test('actions come in the order of ACTIONS, each once; none means: change nothing', () => {
  const remedies: readonly Remedy[] = [
    { kind: 'investigate', instruction: text`look` },
    requireRemedy('1'),
    { kind: 'delete-line', at: { file: '/a', line: 1 }, purpose: 'persistence', instruction: text`delete` },
    { kind: 'delete-line', at: { file: '/a', line: 2 }, purpose: 'bad-setting', instruction: text`delete` },
    requireRemedy('2'),
  ];
  const { findings } = run(hostOf({}), [reporting('test/actions', [{ subject: 'a', remedies }])]);
  expect(actionsOf(findings)).toEqual(['set-sysctl', 'fix-persistence', 'remove-setting', 'investigate']);
  expect(actionsOf(findings).every((action) => ACTIONS.includes(action))).toBe(true);
  expect(actionsOf([])).toEqual([]);
});

test('a healthy host gets no advice', () => {
  const host = hostOf({
    sysctls: { [KEY]: 4096, 'net.ipv4.tcp_syncookies': 1, 'net.ipv4.tcp_abort_on_overflow': 0 },
    listeners: [{ server: 'nginx', process: 'nginx', requested: 511, limit: 511 }],
    increases: { ListenOverflows: 0 },
    files: {},
  });
  const { findings, notChecked } = runRules(assess(host), OPTIONS);
  expect(actionsOf(findings)).toEqual([]);
  expect(findings.every(({ severity }) => severity === 'info')).toBe(true);
  expect(notChecked.map(({ rule }) => rule)).toEqual(['syn-queue/max-syn-backlog-without-effect']);
  expect(RULES).toHaveLength(47);
});
