import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainText } from '../../src/core/text.ts';
import { audit } from '../../src/pipeline/audit.ts';
import type { AuditReport } from '../../src/pipeline/audit-report.ts';
import { KEY_EFFECTS } from '../../src/pipeline/effects/key-effects.ts';
import { explain } from '../../src/pipeline/explain.ts';
import { explainDocument } from '../../src/report/explain-json.ts';
import { renderExplanationText } from '../../src/report/text/explain-text.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { CATALOGUE } from '../../src/sysctl/catalogue.ts';
import { ACCEPT_QUEUE } from '../fixtures/scenarios/accept-queue.ts';
import { CONTAINERS } from '../fixtures/scenarios/containers.ts';
import { OWN_KERNELS } from '../fixtures/scenarios/own-kernels.ts';
import { OWN_LIMITS } from '../fixtures/scenarios/own-limits.ts';
import { SETTINGS } from '../fixtures/scenarios/settings.ts';
import { hostOf, namespaceOf } from '../rules/host.ts';
import { snapshotOf } from '../scenarios/snapshot-of.ts';
import { schemaFaults } from '../tools/published-schema.ts';

type Facts = Parameters<typeof hostOf>[0];

const NGINX = { port: 80, server: 'nginx', requested: 1024, limit: 512 };
const REDIS = { port: 6379, server: 'redis', requested: 511, limit: 128 };
const SSHD = { port: 22, process: 'sshd', requested: 128, limit: 128 };

function reportOn(snapshot: Snapshot): AuditReport {
  return audit({ snapshot, waivers: [], loader: null });
}

function changeBy(report: AuditReport, target: string): readonly string[] {
  return explain(target, report).flatMap((each) => ('change' in each ? each.change.map(plainText) : []));
}

function changeIn(snapshot: Snapshot, target: string): readonly string[] {
  return changeBy(reportOn(snapshot), target);
}

function change(target: string, facts: Facts): string {
  return changeIn(hostOf(facts), target).join('\n');
}

describe('net.core.somaxconn', () => {
  const sysctls = { 'net.core.somaxconn': 512 };

  it('reaches whom it clamps, and says who gains nothing, who waits for listen() and who is not known', () => {
    const unknown = { port: 9000, process: 'app', limit: 512 };
    const said = change('net.core.somaxconn', { sysctls, listeners: [NGINX, REDIS, SSHD, unknown] });
    expect(said).toContain('gives 1 of 4 listeners more');
    expect(said).toContain('nginx on 0.0.0.0:80 (512 of 1024)');
    expect(said).toContain('gives nothing to 1 of 4 listeners, for it has all that it asks for: sshd');
    expect(said).toContain('redis on 0.0.0.0:6379 (128, then 511)');
    expect(said).toContain('Whether 1 of 4 listeners would get more is not known: app');
    expect(said).toContain('Nothing happens at once');
    expect(said).toContain('Lowered, it drops nobody');
  });

  it('names three programs and counts the others', () => {
    const listeners = Array.from({ length: 6 }, (_, index) => ({
      ...NGINX,
      port: 8000 + index,
      server: undefined,
      process: `app${index}`,
    })).map(({ server: _, ...rest }) => rest);
    const said = change('net.core.somaxconn', { sysctls, listeners });
    expect(said).toContain('all 6 listeners');
    expect(said).toContain('app2 on 0.0.0.0:8002 (512 of 1024); 3 more');
    expect(said).not.toContain('app3');
  });

  it.each([
    [{}, /reaches only what starts to listen later/],
    [{ sysctls, listeners: [NGINX], sinceBoot: { ListenOverflows: 0 } }, /would have saved none/],
    [{ sysctls, listeners: [NGINX], sinceBoot: { ListenOverflows: 3 } }, /is 3 so far: accept queues have/],
    [{ kernel: '3.10.0', sysctls, listeners: [NGINX] }, /sized when its socket first listens/],
    [{ kernel: '5.10.200', sysctls, listeners: [NGINX] }, /SYN queue of each listener follows its limit/],
    [{ sysctls, listeners: [{ ...NGINX, requested: -1 }] }, /only listener takes whatever it is/],
    // 128 is cut from 511 still: by 256.
    [{ sysctls: { 'net.core.somaxconn': 256 }, listeners: [REDIS] }, /\(128, then 256 of 511\)/],
  ] satisfies readonly (readonly [Facts, RegExp])[])('%j', (facts, expected) => {
    expect(change('net.core.somaxconn', facts)).toMatch(expected);
  });
});

describe('net.ipv4.tcp_max_syn_backlog', () => {
  function facts(kernel: string, syncookies: number | null, backlog = 256): Facts {
    return {
      kernel,
      sysctls: {
        'net.core.somaxconn': 512,
        'net.ipv4.tcp_max_syn_backlog': backlog,
        ...(syncookies === null ? {} : { 'net.ipv4.tcp_syncookies': syncookies }),
      },
      listeners: [NGINX, SSHD],
    };
  }

  it.each([
    ['6.18.0', 1, 256, /^Nothing, in either direction: net\.ipv4\.tcp_syncookies is 1/],
    ['6.18.0', 1, 256, /nginx on 0\.0\.0\.0:80 \(513\); sshd on 0\.0\.0\.0:22 \(129\)/],
    ['6.18.0', 2, 256, /no half-open request waits/],
    ['6.18.0', null, 256, /^Nothing while SYN cookies are on, as they are by default/],
    // Three quarters of 256, and one.
    ['6.18.0', 0, 256, /at most 193 half-open requests of clients that the kernel does not know/],
    [
      '6.18.0',
      0,
      256,
      /bounds 1 of 2 listeners, .*: nginx on 0\.0\.0\.0:80 \(513\)\. From 682 on it bounds none/,
    ],
    ['5.10.200', 0, 256, /nginx on 0\.0\.0\.0:80 \(512\)\. From 681 on it bounds none/],
    ['6.18.0', 0, 65_536, /No listener is bound by it now/],
    ['6.18.0', 0, -2, /at most 0 half-open requests/],
    ['4.9.100', 0, 256, /at most 193 half-open requests of clients, and/],
    ['3.10.0', 1, 256, /^On this kernel a SYN queue is as long as the smaller .* 1 of 2 listeners, .*nginx/],
    ['3.10.0', 1, 4096, /No listener has a limit above it/],
    // Compared as unsigned there.
    ['3.10.0', 1, -1, /No listener has a limit above it/],
    ['3.10.0', 1, 256, /Only a socket made after the change/],
  ])('on %s with cookies %j at %d', (kernel, syncookies, backlog, expected) => {
    expect(change('net.ipv4.tcp_max_syn_backlog', facts(kernel, syncookies, backlog))).toMatch(expected);
  });

  it.each(['3.10.0', '6.18.0'])('on %s claims nothing of limits that nobody read', (kernel) => {
    const unread = { ...facts(kernel, 0, 4096), listeners: [{ process: 'a' }] };
    expect(change('net.ipv4.tcp_max_syn_backlog', unread)).not.toMatch(/No listener/);
  });

  it('never promises on 4.3 and older that cookies make it of no effect', () => {
    expect(change('net.ipv4.tcp_max_syn_backlog', facts('3.10.0', 0))).not.toMatch(/no effect|bounds none/);
  });
});

describe.each<readonly [string, readonly (readonly [Facts, RegExp])[]]>([
  [
    'net.ipv4.tcp_syncookies',
    [
      [{}, /^At 0, a SYN that finds the SYN queue full is dropped.*Of clients .* fewer may get in/],
      [{ sysctls: { 'net.ipv4.tcp_syncookies': 0 } }, /^At 0, as now, /],
      [{ sysctls: { 'net.ipv4.tcp_syncookies': 2 } }, /^At 2, as now, every SYN is answered with a cookie/m],
      [{ kernel: '3.10.0' }, /^At 2, this kernel does as at 1\.$/m],
      [{ listeners: [NGINX, SSHD] }, /shortest SYN queue here holds 129: sshd on 0\.0\.0\.0:22/],
      [
        { sysctls: { 'net.ipv4.tcp_timestamps': 0 } },
        /SACK and ECN only .*\(net\.ipv4\.tcp_timestamps is 0\)/,
      ],
    ],
  ],
  [
    'net.ipv4.tcp_abort_on_overflow',
    [
      [{ sysctls: { 'net.ipv4.tcp_abort_on_overflow': 1 } }, /^At 1, as now, a client .* gets a reset/],
      [{}, /^At 0, that client believes that it is connected/m],
      [{}, /^Neither answers a SYN that finds the accept queue full, nor the last ACK/m],
      [{ kernel: '4.4.100' }, /accept queue full and two young half-open requests/],
      [{ listeners: [{ ...SSHD, length: 129 }, NGINX] }, /1 of 2 of TCP is full now: sshd/],
      [
        { listeners: [NGINX], sinceBoot: { ListenOverflows: 7 } },
        /is full now \(ListenOverflows is 7 so far\)/,
      ],
    ],
  ],
  [
    'net.ipv4.tcp_synack_retries',
    [
      [{ sysctls: { 'net.ipv4.tcp_synack_retries': 5 } }, /lives 63 s now: .* after 1, 3, 7, 15, 31 s/],
      [{ sysctls: { 'net.ipv4.tcp_synack_retries': 0 } }, /lives 1 s now: its SYN-ACK is never sent again/],
      [{}, /^It sets how long .*: 5 makes it 63 s/],
      // An old kernel takes any number, and the model would count so far.
      [{ kernel: '4.9.1', sysctls: { 'net.ipv4.tcp_synack_retries': 2 ** 31 - 1 } }, /^It sets how long/],
      [
        { sysctls: { 'net.ipv4.tcp_synack_retries': 5 }, listeners: [NGINX, SSHD] },
        /after 7 s in any case, until half is free: 0\.0\.0\.0:80 keeps 256/,
      ],
      [{ sysctls: { 'net.ipv4.tcp_syncookies': 2 } }, /^Nothing: net\.ipv4\.tcp_syncookies is 2/],
    ],
  ],
  [
    'net.core.rmem_max',
    [
      [{}, /window scale from the larger of the last number of net\.ipv4\.tcp_rmem and net\.core\.rmem_max/],
      [
        { sysctls: { 'net.core.rmem_max': 212_992, 'net.ipv4.tcp_rmem': '4096 131072 6291456' } },
        /No more than 212992 .* makes 425984 of that\.\nNew connections have a window scale of 7 \(windows up to 8388480 bytes\), by net\.ipv4\.tcp_rmem; from 8388608 on this one makes it 8/,
      ],
      [
        { sysctls: { 'net.core.rmem_max': 2 ** 25, 'net.ipv4.tcp_rmem': '4096 131072 6291456' } },
        /window scale of 10 \(.*\), by this one; from 67108864 on it is 11/,
      ],
      [
        {
          kernel: '6.1.0-40-amd64',
          environment: 'container',
          absent: ['net.core.netdev_max_backlog', 'net.core.rmem_max'],
          sysctls: { 'net.core.somaxconn': 4096 },
        },
        /the host's and cannot be written from this network namespace/,
      ],
    ],
  ],
  [
    'net.core.wmem_max',
    [[{ sysctls: { 'net.core.wmem_max': 1000 } }, /makes 4608 of that[\s\S]*no part in the window/]],
  ],
  [
    'net.ipv4.tcp_rmem',
    [
      [{ sysctls: { 'net.ipv4.tcp_moderate_rcvbuf': 0 } }, /lets no receive buffer grow/],
      [
        { sysctls: { 'net.core.rmem_max': 212_992, 'net.ipv4.tcp_rmem': '4096 131072 6291456' } },
        /^The last number \(6291456\)[\s\S]*scale of 7 \(.*\), by this one; from 8388608 on it is 8[\s\S]*second \(131072\)/,
      ],
      [
        { sysctls: { 'net.core.rmem_max': 2 ** 30, 'net.ipv4.tcp_rmem': '4096 131072 6291456' } },
        /window scale of 14 \(.*\), by net\.core\.rmem_max, the largest there is/,
      ],
      [{ sysctls: { 'net.ipv4.tcp_window_scaling': 0 } }, /no connection has a window scale to raise/],
    ],
  ],
  [
    'net.ipv4.tcp_wmem',
    [[{ sysctls: { 'net.ipv4.tcp_wmem': '4096 16384 4194304' } }, /^The last number \(4194304\)/]],
  ],
  ['net.core.netdev_max_backlog', [[{}, /^It is no listen queue/]]],
  [
    'net.ipv4.tcp_fin_timeout',
    [
      [
        { sysctls: { 'net.ipv4.tcp_fin_timeout': 30 } },
        /nothing to do with a listener's queues[\s\S]*, 30 s now/,
      ],
    ],
  ],
  [
    'net.ipv4.tcp_tw_reuse',
    [[{ sysctls: { 'net.ipv4.tcp_tw_reuse': 2 } }, /opens, for those over loopback only now/]],
  ],
  ['net.ipv4.tcp_max_tw_buckets', [[{ sinceBoot: { TCPTimeWaitOverflow: 4 } }, /Overflow is 4 so far/]]],
  [
    'net.ipv4.ip_local_port_range',
    [
      [{ sysctls: { 'net.ipv4.ip_local_port_range': '32768\t60999' } }, /28232 ports are left to take now:/],
      [
        {
          sysctls: {
            'net.ipv4.ip_local_port_range': '32768 60999',
            'net.ipv4.ip_local_reserved_ports': '40000-40009,40005-40010,8080',
          },
          listeners: [{ ...SSHD, port: 40_000 }, { ...NGINX, port: 40_011 }, REDIS],
        },
        /28221 ports .* takes 11 out[\s\S]*ports of 1 of 3 listeners lie in it: .*: nginx on 0\.0\.0\.0:40011/,
      ],
    ],
  ],
])('%s', (sysctl, cases) => {
  it.each(cases)('%j', (facts, expected) => {
    expect(change(sysctl, facts)).toMatch(expected);
  });
});

describe('other keys say what the catalogue knows', () => {
  it.each<readonly [string, string, readonly (string | RegExp)[]]>([
    ['6.18.0', 'vm.swappiness', [/^It reaches the whole host, from whichever/]],
    ['6.18.0', 'net.ipv4.tcp_mem', [/^It reaches the whole host, all its network namespaces included/]],
    ['3.10.0', 'net.ipv4.tcp_migrate_req', [/^Nothing: this kernel has no net\.ipv4\.tcp_migrate_req/]],
    ['6.18.0', 'kernel.unheard_of', []],
  ])('on %s, %s', (kernel, sysctl, expected) => {
    const files = { '/etc/sysctl.d/x.conf': 'kernel.unheard_of = 1\n' };
    expect(changeIn(hostOf({ kernel, files }), sysctl)).toEqual(
      expected.map((each) => expect.stringMatching(each)),
    );
  });

  it('and each that has an entry is a key of the catalogue', () => {
    expect([...KEY_EFFECTS.keys()].filter((each) => CATALOGUE.every(({ key }) => key !== each))).toEqual([]);
  });
});

it('says once what several network namespaces have in common, and where the rest holds', () => {
  const host = hostOf({ sysctls: { 'net.core.somaxconn': 512 }, listeners: [NGINX] });
  const pod = { ...namespaceOf({ environment: 'container', sysctls: { 'net.core.somaxconn': 128 } }, '2') };
  const said = changeIn({ ...host, namespaces: [...host.namespaces, pod] }, 'net.core.somaxconn');
  expect(said.filter((each) => each.startsWith('Nothing happens at once'))).toHaveLength(1);
  expect(said).toContainEqual(expect.stringMatching(/^In host: Raised, .* nginx on/));
  expect(said).toContainEqual(expect.stringMatching(/^In pod: Nothing listens now/));
});

describe('a listener', () => {
  const sysctls = {
    'net.core.somaxconn': 512,
    'net.ipv4.tcp_syncookies': 1,
    'net.ipv4.tcp_max_syn_backlog': 256,
  };

  it.each<readonly [string, Facts, RegExp]>([
    [
      'clamped',
      { listeners: [NGINX] },
      /larger backlog does nothing: nginx asks for 1024, and .* allows 512/,
    ],
    ['clamped', { listeners: [NGINX] }, /up to 1024, makes room for 1025 connections and 1025 half-open/],
    ['before "gt"', { kernel: '5.10.200', listeners: [NGINX] }, /1025 connections and 1024 half-open/],
    ['4.3 and older', { kernel: '3.10.0', listeners: [NGINX] }, /room for 1025 connections, once/],
    [
      '4.3 and older',
      { kernel: '3.10.0', listeners: [NGINX] },
      /room for 512 half-open requests now\) got its size/,
    ],
    ['short', { listeners: [SSHD] }, /^A larger backlog makes room, .*: at 512 for 513 connections/],
    ['short', { listeners: [SSHD] }, /larger net\.core\.somaxconn does nothing: sshd asks for 128/],
    ['stale', { listeners: [REDIS] }, /^Another listen\(\) alone, .* limit 511 instead of 128/],
    [
      'shrinking',
      { listeners: [{ ...NGINX, limit: 1024 }] },
      /cuts its limit from 1024 to 512; what waits stays/,
    ],
    [
      'at the brim',
      { listeners: [{ ...SSHD, limit: 512, requested: 512 }] },
      /^Neither .* alone: both are 512/,
    ],
    [
      'assumed',
      { listeners: [{ ...SSHD, limit: 512, requested: 512, source: 'default' }] },
      /That sshd asks for 512 is assumed, not seen/,
    ],
    [
      'following',
      { listeners: [{ ...SSHD, limit: 512, requested: -1 }] },
      /sshd takes whatever .* is, 512 now/,
    ],
    [
      'unknown',
      { listeners: [{ process: 'a', limit: 512 }] },
      /not known, .*: its limit is what net\.core\.somaxconn/,
    ],
    [
      'unknown',
      { listeners: [{ process: 'a', limit: 128 }] },
      /is above its limit: a larger one does nothing/,
    ],
    [
      'unknown',
      { listeners: [{ process: 'a', limit: 1024 }] },
      /would cut its limit from 1024 to that at most/,
    ],
    ['unread', { listeners: [{ process: 'a' }] }, /a larger backlog counts up to net\.core\.somaxconn, 512/],
    ['idle', { listeners: [SSHD] }, /0 of 129 places are taken now: as long as some are free/],
    [
      'filling',
      { listeners: [{ ...SSHD, length: 97 }] },
      /97 of 129 places .* would take a burst; if .* clients wait/,
    ],
    [
      'long',
      { listeners: [{ ...SSHD, limit: 4096, requested: 4096 }] },
      /Its limit is 4096 already: once so many wait, a longer queue only makes clients wait/,
    ],
    [
      'long and full',
      { listeners: [{ ...SSHD, limit: 4096, requested: 4096, length: 4097 }] },
      /4097 of 4097 places .* long already: a longer queue only makes clients wait/,
    ],
  ])('%s: %j', (_what, facts, expected) => {
    const port = facts.listeners?.[0]?.port ?? 80;
    expect(change(`:${port}`, { sysctls, ...facts })).toMatch(expected);
  });

  it.each([
    [0, /tcp_max_syn_backlog leaves 193 of 513 to clients that the kernel does not know/],
    [1, /tcp_max_syn_backlog does nothing for it/],
    [2, /The SYN queue is not used: net\.ipv4\.tcp_syncookies is 2/],
  ])('with cookies %d', (cookies, expected) => {
    const facts = { sysctls: { ...sysctls, 'net.ipv4.tcp_syncookies': cookies }, listeners: [NGINX] };
    expect(change(':80', facts)).toMatch(expected);
  });

  it('has no SYN queue where it is a unix socket', () => {
    const said = change('/run/x.sock', {
      sysctls,
      listeners: [{ path: '/run/x.sock', requested: 128, limit: 128 }],
    });
    expect(said).toMatch(/at 512 for 513 connections, once/);
    expect(said).not.toMatch(/SYN|half-open/);
  });

  it('with nothing known', () => {
    expect(change(':80', { listeners: [{ process: 'a' }] })).toBe(
      'net.core.somaxconn is not known here, so how far a larger backlog of a counts is not either.',
    );
  });
});

const SCENARIOS = [...ACCEPT_QUEUE, ...CONTAINERS, ...SETTINGS, ...OWN_KERNELS, ...OWN_LIMITS];

function isSentence(said: string): boolean {
  return /^[\p{Lu}\d\\].*\.$/u.test(said) && !/undefined|NaN|Infinity| {2}/.test(said);
}

/** What is wrong with one target: no change or no sentence said, a line too wide, JSON that differs or has no schema. */
function faultsOf(target: string, report: AuditReport): readonly string[] {
  const explanations = explain(target, report);
  const said = explanations.flatMap((each) => ('change' in each ? each.change.map(plainText) : []));
  const document = explainDocument(target, explanations);
  const printed = document.explanations.flatMap((each) => ('change' in each ? each.change : []));
  const text = renderExplanationText(explanations, report, () => '', {
    columns: 80,
    color: false,
    verbosity: 'normal',
    sourceOptions: '',
    undo: 'backlogctl rollback',
  });
  const lines = text.split('\n');
  const [first, last] = [
    lines.findIndex((line) => line.startsWith('A change        - ')),
    lines.findLastIndex((line) => /^ {16}[ -] \S/.test(line)),
  ];
  return [
    ...(said.length === 0 || first < 0 ? ['nothing is said'] : []),
    ...said.filter((each) => !isSentence(each)),
    ...lines.slice(first, last + 1).filter((line) => line.length > 80),
    ...schemaFaults('explanation', document),
    ...(JSON.stringify(said) === JSON.stringify(printed) ? [] : ['the JSON differs']),
  ].map((fault) => `${target}: ${fault}`);
}

it('of every key and listener of every scenario is said in whole sentences, within the width', () => {
  const faults = SCENARIOS.flatMap(({ facts }) => {
    const report = reportOn(snapshotOf(facts).snapshot);
    const listeners = report.assessment.namespaces.flatMap((each) => each.listeners.slice(0, 5));
    const targets = new Set([...CATALOGUE.map(({ key }) => key), ...listeners.map(({ id }) => id)]);
    return [...targets].flatMap((target) => faultsOf(target, report));
  });
  expect(faults).toEqual([]);
});

it('of numbers that no kernel has throws nothing', () => {
  const number = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 32 }), fc.integer({ min: -2, max: 9 }));
  const setting = fc.oneof(
    number.map(String),
    fc.array(number, { maxLength: 4 }).map((all) => all.join('\t')),
    fc.string(),
  );
  const sysctls = fc.dictionary(
    fc.constantFrom(...KEY_EFFECTS.keys(), 'net.ipv4.tcp_adv_win_scale'),
    setting,
  );
  const listener = fc.record({
    limit: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    requested: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    length: fc.nat(),
    process: fc.constantFrom('nginx', '\u001b[31m', 'a\nb', ' '),
  });
  const kernel = fc.constantFrom('3.10.0', '4.9.1', '5.10.200', '6.6.1', '6.18.0', 'x');
  fc.assert(
    fc.property(fc.record({ kernel, sysctls, listeners: fc.array(listener, { maxLength: 3 }) }), (facts) => {
      const report = reportOn(hostOf(facts));
      const said = [...KEY_EFFECTS.keys(), ...(facts.listeners.length > 0 ? [':80'] : [])].map((target) =>
        changeBy(report, target),
      );
      expect(said.filter((each) => each.length === 0 || /undefined|NaN/.test(each.join()))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
