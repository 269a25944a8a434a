import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { assess } from '../../../src/assess/assess.ts';
import { runRules } from '../../../src/rules/engine.ts';
import type { Finding } from '../../../src/rules/finding.ts';
import type { Severity } from '../../../src/rules/rule.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { hostOf, namespaceOf } from '../host.ts';

type Advice = { readonly id: string; readonly severity: string };

const ADVICE: readonly Advice[] = parse(
  readFileSync(new URL('../../fixtures/rules/bad-advice.yaml', import.meta.url), 'utf8'),
);

/** A host on which somebody followed the advice, and the finding that says so. */
type Seen = {
  readonly host: Snapshot;
  readonly rule: string;
  readonly severity: Severity;
  readonly subject: string;
};

const FILE = '/etc/sysctl.d/60-tuning.conf';
const LINE = `${FILE}:1`;

/** Applied: the line and the live value agree. */
function applied(
  key: string,
  value: string | number,
  more: Partial<Parameters<typeof hostOf>[0]> = {},
): Snapshot {
  return hostOf({
    ...more,
    sysctls: { 'net.core.somaxconn': 4096, [key]: value, ...more.sysctls },
    files: { [FILE]: `${key} = ${value}\n`, ...more.files },
  });
}

/** Only in the file, of a tree whose live values nobody knows. */
function written(text: string, more: Partial<Parameters<typeof hostOf>[0]> = {}): Snapshot {
  return hostOf({ ...more, files: { [FILE]: `${text}\n`, ...more.files } });
}

const NGINX = { server: 'nginx', process: 'nginx', requested: 511, limit: 511 } as const;

const CONTAINER: Snapshot = (() => {
  const sysctls = { 'net.core.somaxconn': 8192 };
  const host = hostOf({ sysctls, files: { [FILE]: 'net.core.somaxconn = 8192\n' } });
  const pod = namespaceOf(
    {
      environment: 'container',
      sysctls: { 'net.core.somaxconn': 4096 },
      listeners: [{ process: 'app', requested: 8192, limit: 4096 }],
    },
    '4026532000',
  );
  return { ...host, namespaces: [...host.namespaces, pod] };
})();

const SEEN: Readonly<Record<string, Seen>> = {
  'tw-recycle': {
    host: applied('net.ipv4.tcp_tw_recycle', 1, { kernel: '3.19.0' }),
    rule: 'advice/tw-recycle',
    severity: 'medium',
    subject: LINE,
  },
  'tw-reuse-server': {
    host: applied('net.ipv4.tcp_tw_reuse', 1),
    rule: 'advice/tw-reuse',
    severity: 'info',
    subject: LINE,
  },
  'tw-reuse-without-timestamps': {
    host: written('net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 0'),
    rule: 'advice/tw-reuse',
    severity: 'info',
    subject: LINE,
  },
  'fin-timeout-timewait': {
    host: applied('net.ipv4.tcp_fin_timeout', 15),
    rule: 'advice/fin-timeout-low',
    severity: 'low',
    subject: LINE,
  },
  'tw-timeout-key': {
    host: written('net.ipv4.tcp_tw_timeout = 5'),
    rule: 'advice/key-not-there',
    severity: 'low',
    subject: LINE,
  },
  'tw-buckets-low': {
    host: applied('net.ipv4.tcp_max_tw_buckets', 5000),
    rule: 'sysctl/below-kernel-default',
    severity: 'low',
    subject: 'net.ipv4.tcp_max_tw_buckets',
  },
  'timestamps-off': {
    host: written('net.ipv4.tcp_timestamps = 0'),
    rule: 'advice/line-below-default',
    severity: 'low',
    subject: LINE,
  },
  'sack-off': {
    host: applied('net.ipv4.tcp_sack', 0),
    rule: 'sysctl/below-kernel-default',
    severity: 'low',
    subject: 'net.ipv4.tcp_sack',
  },
  'window-scaling-off': {
    host: applied('net.ipv4.tcp_window_scaling', 0),
    rule: 'sysctl/below-kernel-default',
    severity: 'low',
    subject: 'net.ipv4.tcp_window_scaling',
  },
  'syncookies-off': {
    host: written('net.ipv4.tcp_syncookies = 0'),
    rule: 'advice/syncookies-off',
    severity: 'medium',
    subject: LINE,
  },
  'syncookies-2': {
    host: applied('net.ipv4.tcp_syncookies', 2),
    rule: 'advice/syncookies-always',
    severity: 'low',
    subject: LINE,
  },
  'syncookies-out-of-range': {
    host: applied('net.ipv4.tcp_syncookies', 3),
    rule: 'advice/syncookies-meaningless',
    severity: 'info',
    subject: LINE,
  },
  'max-syn-backlog-huge': {
    host: applied('net.ipv4.tcp_max_syn_backlog', 262144, { sysctls: { 'net.ipv4.tcp_syncookies': 1 } }),
    rule: 'syn-queue/max-syn-backlog-without-effect',
    severity: 'info',
    subject: 'net.ipv4.tcp_max_syn_backlog',
  },
  'max-syn-backlog-negative': {
    host: applied('net.ipv4.tcp_max_syn_backlog', -5, { sysctls: { 'net.ipv4.tcp_syncookies': 1 } }),
    rule: 'advice/max-syn-backlog-negative',
    severity: 'low',
    subject: LINE,
  },
  'somaxconn-below-default': {
    host: written('net.core.somaxconn = 1024', { listeners: [{ ...NGINX, requested: 4096 }] }),
    rule: 'advice/line-below-default',
    severity: 'low',
    subject: LINE,
  },
  'somaxconn-65536': {
    host: written('net.core.somaxconn = 65536', { kernel: '3.19.0' }),
    rule: 'sysctl/value-refused',
    severity: 'medium',
    subject: LINE,
  },
  'somaxconn-only': {
    host: hostOf({
      sysctls: { 'net.core.somaxconn': 65535 },
      listeners: [{ process: 'gunicorn', server: 'gunicorn', requested: 2048, limit: 128 }],
    }),
    rule: 'accept-queue/stale-listener',
    severity: 'medium',
    subject: 'tcp:0.0.0.0:80',
  },
  'somaxconn-as-max-connections': {
    host: written('net.core.somaxconn = 4096 # maximum number of connections'),
    rule: 'advice/somaxconn-comment',
    severity: 'info',
    subject: LINE,
  },
  'backlog-65535-everywhere': {
    host: hostOf({
      sysctls: { 'net.core.somaxconn': 65535 },
      listeners: [{ process: 'app', requested: 65535, limit: 65535, length: 9000 }],
    }),
    rule: 'advice/listener-backlog-huge',
    severity: 'low',
    subject: 'tcp:0.0.0.0:80',
  },
  'abort-on-overflow': {
    host: written('net.ipv4.tcp_abort_on_overflow = 1'),
    rule: 'advice/abort-on-overflow',
    severity: 'medium',
    subject: LINE,
  },
  'tcp-mem-bytes': {
    host: applied('net.ipv4.tcp_mem', '4096 87380 16777216'),
    rule: 'memory/tcp-mem-in-bytes',
    severity: 'high',
    subject: 'net.ipv4.tcp_mem',
  },
  'tcp-mem-fixed': {
    host: applied('net.ipv4.tcp_mem', '786432 1048576 1572864'),
    rule: 'advice/tcp-mem-fixed',
    severity: 'low',
    subject: LINE,
  },
  'udp-mem-bytes': {
    host: applied('net.ipv4.udp_mem', '8388608 12582912 16777216'),
    rule: 'memory/tcp-mem-in-bytes',
    severity: 'high',
    subject: 'net.ipv4.udp_mem',
  },
  'rmem-max-for-tcp': {
    host: applied('net.core.rmem_max', 16777216),
    rule: 'advice/socket-most-for-tcp',
    severity: 'info',
    subject: LINE,
  },
  'rmem-max-lowered': {
    host: applied('net.core.rmem_max', 2500000),
    rule: 'sysctl/below-kernel-default',
    severity: 'low',
    subject: 'net.core.rmem_max',
  },
  'rmem-default-16m': {
    host: applied('net.core.rmem_default', 16777216),
    rule: 'advice/socket-start-large',
    severity: 'low',
    subject: LINE,
  },
  'rmem-middle-huge': {
    host: applied('net.ipv4.tcp_rmem', '4096 16777216 33554432'),
    rule: 'advice/tcp-buffers-large',
    severity: 'low',
    subject: LINE,
  },
  'rmem-old-default': {
    host: written('net.ipv4.tcp_rmem = 4096 87380 16777216'),
    rule: 'advice/line-below-default',
    severity: 'low',
    subject: LINE,
  },
  'rmem-over-memory': {
    host: applied('net.ipv4.tcp_rmem', '4096 131072 134217728'),
    rule: 'advice/tcp-buffers-large',
    severity: 'low',
    subject: LINE,
  },
  'rmem-order': {
    host: written('net.ipv4.tcp_rmem = 4096 16777216 131072'),
    rule: 'sysctl/vector-malformed',
    severity: 'medium',
    subject: LINE,
  },
  'adv-win-scale': {
    host: written('net.ipv4.tcp_adv_win_scale = 2'),
    rule: 'advice/setting-without-effect',
    severity: 'info',
    subject: LINE,
  },
  'moderate-rcvbuf-off': {
    host: applied('net.ipv4.tcp_moderate_rcvbuf', 0),
    rule: 'sysctl/below-kernel-default',
    severity: 'low',
    subject: 'net.ipv4.tcp_moderate_rcvbuf',
  },
  fack: {
    host: written('net.ipv4.tcp_fack = 1'),
    rule: 'advice/setting-without-effect',
    severity: 'info',
    subject: LINE,
  },
  'low-latency': {
    host: written('net.ipv4.tcp_low_latency = 1'),
    rule: 'advice/setting-without-effect',
    severity: 'info',
    subject: LINE,
  },
  'removed-keys': {
    host: written('net.ipv4.tcp_thin_dupack = 1'),
    rule: 'advice/key-not-there',
    severity: 'low',
    subject: LINE,
  },
  'ip-conntrack-old-names': {
    host: written('net.ipv4.netfilter.ip_conntrack_tcp_timeout_established = 600'),
    rule: 'advice/key-not-there',
    severity: 'low',
    subject: LINE,
  },
  'conntrack-without-module': {
    host: {
      ...written('net.netfilter.nf_conntrack_max = 1048576', {
        sysctls: { 'net.core.somaxconn': 4096 },
        absent: ['net.netfilter.nf_conntrack_max'],
      }),
      modulesLoad: [],
      loadedModules: [],
    },
    rule: 'sysctl/set-before-module',
    severity: 'low',
    subject: 'net.netfilter.nf_conntrack_max',
  },
  'conntrack-max-only': {
    host: applied('net.netfilter.nf_conntrack_max', 1048576, {
      sysctls: { 'net.netfilter.nf_conntrack_buckets': 65536 },
    }),
    rule: 'advice/conntrack-buckets-few',
    severity: 'low',
    subject: LINE,
  },
  'conntrack-vs-kube-proxy': {
    host: applied('net.netfilter.nf_conntrack_max', 262144, {
      listeners: [{ process: 'kube-proxy', port: 10256, limit: 4096 }],
    }),
    rule: 'advice/conntrack-of-kube-proxy',
    severity: 'low',
    subject: LINE,
  },
  'netdev-max-backlog': {
    host: applied('net.core.netdev_max_backlog', 250000),
    rule: 'advice/netdev-backlog-raised',
    severity: 'info',
    subject: LINE,
  },
  'port-range-1024': {
    host: applied('net.ipv4.ip_local_port_range', '1024 65535', {
      sysctls: { 'net.ipv4.ip_local_reserved_ports': '' },
      listeners: [{ ...NGINX, port: 8080 }],
    }),
    rule: 'advice/port-range-over-listeners',
    severity: 'medium',
    subject: LINE,
  },
  'rp-filter-strict': {
    host: applied('net.ipv4.conf.all.rp_filter', 1, {
      listeners: [{ process: 'kubelet', port: 10250, limit: 4096 }],
    }),
    rule: 'advice/rp-filter-strict',
    severity: 'low',
    subject: LINE,
  },
  'synack-retries-0-1': {
    host: applied('net.ipv4.tcp_synack_retries', 1),
    rule: 'advice/synack-retries-low',
    severity: 'low',
    subject: LINE,
  },
  'orphans-low': {
    host: applied('net.ipv4.tcp_max_orphans', 3276),
    rule: 'sysctl/below-kernel-default',
    severity: 'low',
    subject: 'net.ipv4.tcp_max_orphans',
  },
  'fastopen-3-alone': {
    host: applied('net.ipv4.tcp_fastopen', 3),
    rule: 'advice/fast-open-listeners',
    severity: 'info',
    subject: LINE,
  },
  'container-host-value': {
    host: CONTAINER,
    rule: 'accept-queue/bound-by-somaxconn',
    severity: 'medium',
    subject: 'tcp:0.0.0.0:80',
  },
  'sysctl-p-proof': {
    host: hostOf({ files: { '/etc/sysctl.conf': 'net.ipv4.tcp_keepalive_time = 600\n' } }),
    rule: 'sysctl-file/not-read',
    severity: 'low',
    subject: '/etc/sysctl.conf',
  },
  'file-without-conf': {
    host: hostOf({ files: { '/etc/sysctl.d/60-tuning': 'net.ipv4.tcp_keepalive_time = 600\n' } }),
    rule: 'sysctl-file/not-read',
    severity: 'low',
    subject: '/etc/sysctl.d/60-tuning',
  },
};

/** What nobody can tell from the files, the live values and the sockets of a host. */
const UNSEEN: Readonly<Record<string, string>> = {
  'syncookies-as-capacity': 'an opinion of what cookies are for: the setting is 1 with it and without it',
  'max-syn-must-be-le-somaxconn':
    'a rule of thumb: no setting is wrong for breaking it, and one that keeps it looks like any other',
  'port-range-for-servers':
    'a reason for widening the range, and the same range as that of a proxy which needs it',
  'rc-local': 'a line of a script: the audit reads no scripts for what they run',
  'tee-overwrite': 'what was overwritten left no trace in the file',
};

/** What asks for something, of the same line or key. */
function aboutTheSame({ findings }: { readonly findings: readonly Finding[] }, { subject, host }: Seen) {
  const key = host.sysctlFiles?.[0]?.text?.split('=')[0]?.trim() ?? subject;
  return findings.filter(
    ({ severity, subjects, args }) =>
      severity !== 'info' &&
      (subjects.some(({ id }) => id === subject || id === key) || Object.values(args).includes(key)),
  );
}

test('every piece of advice is either seen by a rule, or nobody can see it', () => {
  expect(ADVICE).toHaveLength(53);
  expect([...Object.keys(SEEN), ...Object.keys(UNSEEN)].sort()).toEqual(ADVICE.map(({ id }) => id).sort());
});

describe('bad advice', () => {
  test.each(Object.entries(SEEN))('%s is found, where it stands, and once', (_id, seen) => {
    const results = runRules(assess(seen.host), { waivers: [], today: '2026-11-20' });
    const found = results.findings.filter(
      ({ rule, severity, subjects }) =>
        rule === seen.rule && severity === seen.severity && subjects.some(({ id }) => id === seen.subject),
    );
    expect(found).toHaveLength(1);
    expect(aboutTheSame(results, seen).map(({ rule }) => rule)).toEqual(
      seen.severity === 'info' ? [] : [seen.rule],
    );
    // Harmful advice asks for something where it is followed; style never does.
    const severities = ADVICE.filter(({ id }) => id === _id).map(({ severity }) => severity);
    if (severities.includes('harmful')) expect(seen.severity).not.toBe('info');
    if (severities.includes('style')) expect(seen.severity).toBe('info');
  });
});
