import { expect, test } from '@jest/globals';
import { audit } from '../../src/pipeline/audit.ts';
import { hostWith, tcp } from '../report/snapshots.ts';

const FILE = {
  path: '/etc/sysctl.d/60-x.conf',
  kind: 'file',
  mode: '0644',
  text: 'net.core.somaxconn = 512\n',
} as const;
const NO_LOADER = { loader: { kind: { ok: false, why: 'absent' } }, sysctlFiles: [FILE] } as const;

test('files that no known loader reads make the audit incomplete, until somebody names the loader', () => {
  const snapshot = hostWith([tcp(80)], { ...NO_LOADER, sysctlFiles: [...NO_LOADER.sysctlFiles] });
  const blind = audit({ snapshot, waivers: [], loader: null });
  expect(blind).toMatchObject({ complete: false, unseen: [{ what: 'which loader reads the sysctl files' }] });
  const told = audit({ snapshot, waivers: [], loader: { kind: 'systemd', version: null } });
  expect(told).toMatchObject({ complete: true, unseen: [] });
});

test('a waiver lapses by the day on which the facts were taken', () => {
  const waiver = { rule: 'accept-queue/stale-listener', subject: null, reason: 'x' };
  const snapshot = hostWith([tcp(80, { limit: 128 })]);
  const until = (day: string) => audit({ snapshot, waivers: [{ ...waiver, until: day }], loader: null });
  expect(until('2026-11-20')).toMatchObject({ findings: [], lapsed: [], actions: [] });
  expect(until('2026-11-19')).toMatchObject({ actions: ['relisten'], lapsed: [{ until: '2026-11-19' }] });
});
