import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/assess/assess.ts';
import { runRules } from '../../src/rules/engine.ts';
import type { Finding } from '../../src/rules/finding.ts';
import { RULES } from '../../src/rules/registry.ts';
import { expectReadable, guarded } from '../tools/rule-tester.ts';
import { hostOf } from './host.ts';

const KEYS = [
  'net.core.somaxconn',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_max_syn_backlog',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_mem',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_sack',
  'net.ipv4.tcp_max_tw_buckets',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_synack_retries',
  'net.ipv4.tcp_tw_recycle',
  'net.ipv4.tcp_tw_reuse',
  'net.core.rmem_default',
  'net.netfilter.nf_conntrack_max',
  'net.netfilter.nf_conntrack_buckets',
  'net.ipv4.conf.all.rp_filter',
] as const;

const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 128, 511, 4095, 4096, 65_535, 2_147_483_647, 2_147_483_648),
  fc.nat(70_000),
);
const value = fc.oneof(
  number.map(String),
  fc.array(number, { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join(' ')),
  fc.constantFrom('', 'x', '4096\t131072\t6291456', '-1', '"1"', '1 # x', '1024 65535', '80,90-95'),
);
/** Lines that say nothing, or not what they seem to. */
const odd = fc.constantFrom(
  'net.core.somaxconn 4096',
  ';net.core.somaxconn = 1',
  '; note',
  '\ufeff# note',
  'net.ipv4.conf.eth0.1.rp_filter = 1\r',
  'kernel.pid_max = 1\rkernel.panic = 2',
  'net.ipv4.tcp_thin_dupack =',
  '# max connections',
);
const backlog = fc.constantFrom(0, 5, 128, 511, 2048, 4096, 65_535, 2_147_483_647, 4_294_967_295);
const listener = fc.record(
  {
    port: fc.constantFrom(80, 81),
    server: fc.constantFrom('nginx', 'mosquitto', 'nonesuch'),
    process: fc.constantFrom('nginx', 'a\u001b[31m', 'java', 'kubelet', 'kube-proxy'),
    requested: backlog,
    limit: fc.constantFrom(0, 5, 128, 511, 4096, 65_535),
    length: fc.constantFrom(0, 6, 129, 512, 4097),
    drops: fc.constantFrom(0, 3),
  },
  { requiredKeys: ['limit'] },
);
const unix = fc.record({
  path: fc.constantFrom('/run/a', '@x\ny'),
  limit: fc.constantFrom(5, 128),
  length: fc.nat(200),
});
const file = fc.tuple(
  fc.constantFrom(
    '/etc/sysctl.d/10-a.conf',
    '/etc/sysctl.d/10-a.old.conf',
    '/etc/sysctl.d/.10-a.conf',
    '/etc/sysctl.d/10-a',
    '/etc/sysctl.d/90-backlogctl.conf',
    '/etc/ufw/sysctl.conf',
    '/etc/sysctl.conf',
  ),
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...KEYS), value).map((each) => each.join(' = ')) },
        { weight: 1, arbitrary: odd },
      ),
      { maxLength: 3 },
    )
    .map((lines) => lines.map((line) => `${line}\n`).join('')),
);
const counters = fc.record(
  {
    ListenOverflows: fc.constantFrom(0, 240),
    ListenDrops: fc.constantFrom(0, 240, 300),
    TCPReqQFullDrop: fc.constantFrom(0, 30),
  },
  { requiredKeys: [] },
);

const host = fc
  .record(
    {
      kernel: fc.constantFrom('3.10.0', '4.4.0', '5.10.0-46-amd64', '6.1.0', '6.18.0', 'nonsense'),
      environment: fc.constantFrom('host' as const, 'container' as const),
      sysctls: fc.dictionary(fc.constantFrom(...KEYS), value),
      listeners: fc.array(fc.oneof(listener, unix), { maxLength: 5 }),
      increases: counters,
      sinceBoot: counters,
      files: fc.array(file, { maxLength: 3 }).map((files) => Object.fromEntries(files)),
      loader: fc.constantFrom('systemd' as const, 'procps' as const),
      services: fc.array(
        fc.record({
          name: fc.constantFrom('uwsgi', 'web.service'),
          backlog: backlog.map((each) => ({ ok: true as const, value: each })),
        }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: [] },
  )
  .map(hostOf);

function requirementsOf({ remedies }: Finding) {
  return remedies.flatMap((remedy) => ('requirement' in remedy ? [remedy.requirement] : []));
}

test('whatever the host looks like: no rule fails, every finding is complete, and no advice does harm', () => {
  fc.assert(
    fc.property(host, (snapshot) => {
      const options = { rules: RULES.map(guarded), waivers: [], today: '2026-11-20' };
      const { findings, notChecked } = runRules(assess(snapshot), options);
      expect(notChecked.filter(({ outcome }) => outcome === 'errored')).toEqual([]);
      expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
      const wanted = findings.flatMap(requirementsOf);
      for (const finding of findings) {
        expectReadable(finding);
        expect(finding.remedies.length === 0).toBe(finding.severity === 'info');
        if (finding.messageId === 'perhaps') expect(requirementsOf(finding)).toEqual([]);
      }
      for (const { key, relation, value: setting } of wanted) {
        expect(setting).toMatch(/^\d+([ ,-]\d+)*$/);
        if (key === 'net.core.somaxconn') expect(relation).toBe('at-least');
        if (key === 'net.ipv4.tcp_syncookies') expect(setting).toBe('1');
        if (key === 'net.ipv4.tcp_abort_on_overflow') expect(setting).toBe('0');
        expect(key).not.toBe('net.ipv4.tcp_max_syn_backlog');
      }
      const kinds = new Set(findings.flatMap(({ remedies }) => remedies.map(({ kind }) => kind)));
      const inContainer = snapshot.host.environment === 'container';
      expect(kinds.has(inContainer ? 'require' : 'set-in-container')).toBe(false);
      if (inContainer) expect(kinds.has('delete-line')).toBe(false);
    }),
    { numRuns: 300 },
  );
});
