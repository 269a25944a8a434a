import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../src/rules/finding.ts';
import { actionOf, type Remedy } from '../../src/rules/remedy.ts';
import type { Requirement } from '../../src/sysctl/requirement.ts';
import { ACCEPT_QUEUE } from '../fixtures/scenarios/accept-queue.ts';
import type { Prohibition, Scenario } from '../fixtures/scenarios/scenario.ts';
import { SYSCTL_FILES } from '../fixtures/scenarios/sysctl-files.ts';
import { type Audited, audit, requirementsOf } from './audited.ts';
import { alwaysWrong, isBroken } from './prohibitions.ts';

const KEY = 'net.core.somaxconn';
const NETNS = '4026531840';

function scenario(id: string): Scenario {
  const found = [...ACCEPT_QUEUE, ...SYSCTL_FILES].find((each) => each.id === id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found;
}

/** A host on which there is nothing to do, so that all advice is what a test adds. */
const QUIET = audit(scenario('tomcat-acceptcount-misread').facts);

function advising(...remedies: readonly Remedy[]): Audited {
  const finding: Finding = {
    id: 'test-0',
    rule: 'test/test',
    netns: NETNS,
    subjects: [],
    severity: 'medium',
    confidence: 'measured',
    messageId: 'test',
    args: {},
    message: [],
    evidence: [],
    remedies,
  };
  return {
    ...QUIET,
    findings: [finding],
    asking: [finding],
    remedies,
    actions: remedies.map(actionOf),
    requirements: requirementsOf(finding),
  };
}

function asking(key: string, relation: Requirement['relation'], value: string): Remedy {
  return { kind: 'require', requirement: { key, netns: NETNS, relation, value, because: [] } };
}

/** Of the host, as if it were a container. */
const MISPLACED: Remedy = {
  kind: 'set-in-container',
  requirement: { key: 'net.core.somaxconn', netns: NETNS, relation: 'at-least', value: '1', because: [] },
};

const EDIT: Remedy = { kind: 'edit-config', server: 'java', line: null, at: null, instruction: [] };
const RELISTEN: Remedy = {
  kind: 'relisten',
  server: 'java',
  command: null,
  disruptive: true,
  instruction: [],
};
const MANAGER: Remedy = { kind: 'change-other-manager', manager: 'ufw', at: null, instruction: [] };
const RAISE = asking(KEY, 'at-least', '8192');
const RMEM = 'net.ipv4.tcp_rmem';

const CASES: readonly (readonly [Prohibition, broken: readonly Remedy[], kept: readonly Remedy[]])[] = [
  [{ never: 'raise', key: KEY }, [RAISE], [asking(KEY, 'at-most', '8192'), asking(KEY, 'exactly', '4096')]],
  [{ never: 'raise', key: KEY, where: 'host' }, [RAISE], [asking(RMEM, 'exactly', '4096 131072 6291456')]],
  [{ never: 'lower', key: KEY }, [asking(KEY, 'exactly', '128')], [RAISE, asking(KEY, 'at-least', '128')]],
  [{ never: 'touch', key: KEY }, [asking(KEY, 'at-most', '8192')], [asking(RMEM, 'at-least', '1 1 1')]],
  [{ never: 'set', key: KEY, to: '0' }, [asking(KEY, 'exactly', '0')], [asking(KEY, 'exactly', '1')]],
  [
    { never: 'exceed', number: 2_147_483_647 },
    [asking(RMEM, 'exactly', '4096 131072 2147483648')],
    [asking(RMEM, 'exactly', '4096 131072 2147483647')],
  ],
  [{ never: 'edit-server', process: 'java' }, [EDIT], [{ ...EDIT, server: 'nginx' }]],
  [{ never: 'relisten', process: 'java' }, [RELISTEN], [{ ...RELISTEN, server: 'nginx' }]],
  [{ never: 'relisten-without-raise', process: 'java', key: KEY }, [RELISTEN], [RELISTEN, RAISE]],
  [{ never: 'raise-without-server', process: 'java', key: KEY }, [RAISE], [RAISE, EDIT]],
  [{ never: 'drop-in-alone', key: KEY }, [RAISE], [RAISE, MANAGER]],
  [{ never: 'blame-key', key: KEY }, [RAISE], [EDIT]],
];

describe('a prohibition', () => {
  it.each(CASES)('%j is seen to be broken, and to be kept', (prohibition, broken, kept) => {
    expect(isBroken(prohibition, advising(...broken))).toBe(true);
    expect(isBroken(prohibition, advising(...kept))).toBe(false);
    expect(isBroken(prohibition, advising())).toBe(false);
  });

  it('to raise one member looks at that member alone', () => {
    const audited = audit({
      ...scenario('tomcat-acceptcount-misread').facts,
      namespaces: [{ environment: 'host', sysctls: { [RMEM]: '4096 131072 6291456' } }],
    });
    const raised = (value: string) => ({
      ...audited,
      requirements: advising(asking(RMEM, 'exactly', value)).requirements,
    });
    const prohibition = { never: 'raise-member', key: RMEM, member: 1 } as const;
    expect(isBroken(prohibition, raised('4096 262144 6291456'))).toBe(true);
    expect(isBroken(prohibition, raised('4096 131072 67108864'))).toBe(false);
  });

  it('to ignore a listener is broken where no finding names it', () => {
    const full = scenario('stale-listener-after-raise');
    const prohibition = { never: 'ignore-listener', local: '0.0.0.0:8080' } as const;
    const audited = audit(full.facts);
    expect(isBroken(prohibition, audited)).toBe(false);
    expect(isBroken(prohibition, { ...audited, asking: [] })).toBe(true);
  });

  it('to resolve a boot value wrongly compares with the resolution', () => {
    const audited = audit(scenario('suffix-bak-file').facts);
    expect(isBroken({ never: 'boot-value', key: KEY, is: '1024' }, audited)).toBe(true);
    expect(isBroken({ never: 'boot-value', key: KEY, is: '16384' }, audited)).toBe(false);
  });
});

describe('advice that is wrong anywhere', () => {
  it.each([
    [asking('net.ipv4.tcp_abort_on_overflow', 'exactly', '1')],
    [asking('net.ipv4.tcp_tw_recycle', 'at-least', '1')],
    [asking('net.ipv4.tcp_syncookies', 'exactly', '0')],
    [asking('net.ipv4.tcp_timestamps', 'exactly', '0')],
    [asking(KEY, 'at-least', 'NaN')],
    [asking(RMEM, 'exactly', '6291456 131072 4096')],
    [MISPLACED],
  ] as const)('%j is told', (remedy) => {
    expect(alwaysWrong(advising(remedy))).toHaveLength(1);
  });

  it('is not seen in good advice', () => {
    expect(alwaysWrong(advising(RAISE, EDIT, RELISTEN, MANAGER))).toEqual([]);
  });

  it('is a remedy of a finding that is only info', () => {
    const audited = advising(EDIT);
    const info = audited.findings.map((finding) => ({ ...finding, severity: 'info' as const }));
    expect(alwaysWrong({ ...audited, findings: info })).toHaveLength(1);
  });
});
