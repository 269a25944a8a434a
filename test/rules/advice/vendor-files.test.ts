import { describe, expect, test } from '@jest/globals';
import { assess } from '../../../src/assess/assess.ts';
import { plainText } from '../../../src/core/text.ts';
import { runRules } from '../../../src/rules/engine.ts';
import { RULES } from '../../../src/rules/registry.ts';
import { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { VENDOR_HOSTS } from '../../fixtures/rules/vendor-files.ts';
import { hostOf } from '../host.ts';

const OURS = RULES.filter(({ id }) => /^(advice|sysctl-file)\//.test(id));

/** What a kernel sets by itself, as an audit of a host at rest reads it; keys of absent modules are known to be so. */
const LIVE = {
  'net.core.somaxconn': 4096,
  'net.core.rmem_max': 212992,
  'net.core.wmem_max': 212992,
  'net.core.rmem_default': 212992,
  'net.core.wmem_default': 212992,
  'net.core.netdev_max_backlog': 1000,
  'net.ipv4.tcp_syncookies': 1,
  'net.ipv4.tcp_max_syn_backlog': 512,
  'net.ipv4.tcp_abort_on_overflow': 0,
  'net.ipv4.tcp_fastopen': 1,
  'net.ipv4.tcp_fin_timeout': 60,
  'net.ipv4.tcp_tw_reuse': 2,
  'net.ipv4.tcp_timestamps': 1,
  'net.ipv4.tcp_sack': 1,
  'net.ipv4.tcp_dsack': 1,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_adv_win_scale': 1,
  'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304',
  'net.ipv4.tcp_mem': '94113\t125485\t188226',
  'net.ipv4.tcp_max_orphans': 32768,
  'net.ipv4.tcp_max_tw_buckets': 32768,
  'net.ipv4.tcp_ehash_entries': 65536,
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.ip_local_reserved_ports': '',
} as const;

const LISTENERS = [
  { server: 'openssh', process: 'sshd', port: 22, requested: 128, limit: 128 },
  { address: '127.0.0.53', process: 'systemd-resolve', port: 53, limit: 4096 },
  // A port that its program got from the range of outgoing connections.
  { process: 'rpc.statd', port: 41_233, limit: 64 },
];

function hostsOf({ kernel, systemd, files }: (typeof VENDOR_HOSTS)[number]): readonly Snapshot[] {
  const read = hostOf({
    kernel,
    sysctls: LIVE,
    absent: ['net.netfilter.nf_conntrack_max'],
    listeners: LISTENERS,
  });
  const image = hostOf({ kernel });
  return [read, image].map((host) =>
    Snapshot.parse({
      ...host,
      sysctlFiles: files,
      loader: { kind: { ok: true, value: 'systemd' }, version: { ok: true, value: systemd } },
    }),
  );
}

function asksIn(host: Snapshot): readonly string[] {
  return runRules(assess(host), { rules: OURS, waivers: [], today: '2026-11-20' })
    .findings.filter(({ severity }) => severity !== 'info')
    .map(({ message }) => plainText(message));
}

describe('nothing is wrong with a host as its distribution leaves it', () => {
  test.each(VENDOR_HOSTS)('$name', (vendor) => {
    for (const host of hostsOf(vendor)) expect(asksIn(host)).toEqual([]);
  });

  test.each(VENDOR_HOSTS)('$name, loaded by procps', (vendor) => {
    for (const host of hostsOf(vendor)) {
      const procps = {
        ...host,
        loader: { kind: { ok: true, value: 'procps' }, version: { ok: true, value: '4.0.4' } },
      };
      expect(asksIn(Snapshot.parse(procps))).toEqual([]);
    }
  });

  test('and something is, once somebody has followed a recipe there', () => {
    const [vendor] = VENDOR_HOSTS;
    const recipe = {
      path: '/etc/sysctl.d/99-tuning.conf',
      kind: 'file' as const,
      text: 'net.ipv4.tcp_fin_timeout = 10\n',
    };
    const [host] = vendor === undefined ? [] : hostsOf({ ...vendor, files: [...vendor.files, recipe] });
    expect(host === undefined ? [] : asksIn(host)).toHaveLength(1);
  });
});
