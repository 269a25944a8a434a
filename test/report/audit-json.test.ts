import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { audit } from '../../src/pipeline/audit.ts';
import { Plan } from '../../src/plan/plan.ts';
import { AuditDocument } from '../../src/report/audit-document.ts';
import { auditDocument, renderJson } from '../../src/report/audit-json.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { auditPlan } from './audit-plan.ts';
import { clampedHost, hostWith, tcp, unix } from './snapshots.ts';

const validate = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('schemas/audit.schema.json', 'utf8')),
);

function documentOf(snapshot: Snapshot) {
  const report = audit({ snapshot, waivers: [], loader: null });
  return auditDocument(report, auditPlan(snapshot));
}

const SNAPSHOTS: readonly [string, Snapshot][] = [
  ['a healthy host', hostWith([tcp(80)])],
  ['a host that was tuned down', clampedHost(8192)],
  [
    'stale, full and unknown listeners',
    hostWith([tcp(80, { limit: 128 }), unix('@x', { length: 129 }), tcp(1, { processes: [] })]),
  ],
  [
    'the least of a snapshot',
    {
      kind: 'snapshot',
      schemaVersion: 0,
      takenAt: '2026-11-20T09:00:00Z',
      host: { kernel: { release: '6.1.0' } },
      namespaces: [{ id: '1', name: 'host', sysctls: {}, listeners: [tcp(80)] }],
    },
  ],
];

test.each(SNAPSHOTS)('%s fits the published schema', (_, snapshot) => {
  const document = JSON.parse(renderJson(documentOf(snapshot)));
  expect(validate(document) ? [] : validate.errors).toEqual([]);
  expect(AuditDocument.safeParse(document).error).toBeUndefined();
});

test('a kernel without a patch level leaves the SYN queue open by one, and says so', () => {
  const snapshot = hostWith([tcp(80)], { host: { kernel: { release: '6.1.0-40-amd64' } } });
  const document = documentOf(snapshot);
  expect(document.host.kernel).toEqual({
    release: '6.1.0-40-amd64',
    version: null,
    versionRange: ['6.1.0', '6.1.x'],
  });
  expect(document.namespaces[0]?.listeners[0]?.synQueue).toMatchObject({
    hardLimit: 511,
    hardLimitRange: [511, 512],
  });
});

test('what the kernel makes of a listener', () => {
  const [listener] =
    documentOf(hostWith([tcp(80, { length: 2, backlogAt: { file: '/etc/nginx/nginx.conf', line: 7 } })]))
      .namespaces[0]?.listeners ?? [];
  expect(listener).toMatchObject({
    protocol: 'tcp',
    address: '0.0.0.0',
    port: 80,
    server: 'nginx',
    backlog: { requested: 511, source: 'default', file: '/etc/nginx/nginx.conf', line: 7 },
    acceptQueue: { limit: 511, capacity: 512, length: 2 },
    synQueue: { hardLimit: 512, whenFull: 'cookies' },
    boundBy: 'backlog',
    relisten: { needed: false },
  });
});

test('the plan is the document that plan prints, and says of an untouched host what the findings require', () => {
  const { plan } = documentOf(clampedHost(8192));
  expect(Plan.safeParse(plan).error).toBeUndefined();
  expect(plan?.steps).toMatchObject([
    { kind: 'live', target: { key: 'net.core.somaxconn' }, from: '128', to: '8192' },
    { kind: 'file', target: { path: '/etc/sysctl.d/90-backlogctl.conf' }, from: null },
  ]);
});

test('nothing to do is an empty list of actions', () => {
  expect(documentOf(hostWith([tcp(80)])).actions).toEqual([]);
  expect(documentOf(hostWith([tcp(80, { limit: 128 })])).actions).toEqual(['relisten']);
});
