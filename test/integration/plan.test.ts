import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parsePlan } from '../../src/plan/read.ts';
import { auditDocument } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox, until } from '../tools/sandbox.ts';

const LISTEN = `
const net = require('node:net');
net.createServer().listen({ port: 8080, backlog: 511 });
`;
const OWN_PROFILE = 'kind: profile\nschemaVersion: 0\nname: own\nsummary: A test.\nsettings:\n';
const SCHEMA = JSON.parse(readFileSync(new URL('../../schemas/plan.schema.json', import.meta.url), 'utf8'));

describeWith(SANDBOX_PROGRAMS, 'a plan for a host that somebody tuned down', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sandbox.start(['node', '-e', LISTEN]);
    await until(async () => (await sandbox.output(['ss', '-Htln'])).includes(':8080'), 'the listener');
  });
  afterAll(async () => sandbox?.close());

  test('shows the change, the file and who has to listen again, and changes nothing', async () => {
    const { status, stdout, stderr } = await sandbox.backlogctl(['plan', '--profile', 'web-frontend']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('net.core.somaxconn: 128 becomes 8192');
    expect(stdout).toContain('  +net.core.somaxconn = 8192');
    expect(stdout).toMatch(/By hand, afterwards\n {2}- nodejs on \*:8080: restart \w+ \(pid/);
    expect(await sandbox.output(['cat', '/proc/sys/net/core/somaxconn'])).toBe('128\n');
    expect(await sandbox.output(['ls', '/etc/sysctl.d'])).toBe('');
  });

  test('is the same as JSON, fits its schema and can be read back', async () => {
    const { status, stdout } = await sandbox.backlogctl([
      'plan',
      '--profile',
      'web-frontend',
      '--json',
      '--exit-code',
    ]);
    expect(status).toBe(6);
    const validate = new Ajv2020({ strict: false }).compile(SCHEMA);
    const valid = validate(JSON.parse(stdout));
    expect(validate.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(parsePlan(stdout, 'stdout').profiles).toEqual(['web-frontend']);
  });

  test('is the one that an audit with the profile shows, also of a key that only the profile knows', async () => {
    const settings = `  net.ipv4.icmp_ratelimit: {exactly: 2000, because: a test, source: a test}
  net.ipv6.route.gc_timeout: {exactly: 300, unchecked: true, because: a test, source: a test}
`;
    await sandbox.writeFile('/etc/backlogctl/profiles/own.yaml', `${OWN_PROFILE}${settings}`);
    const { stdout } = await sandbox.backlogctl(['plan', '--profile', 'own', '--json']);
    const plan = parsePlan(stdout, 'stdout');
    for (const [key, from] of [
      ['net.ipv4.icmp_ratelimit', '1000'],
      ['net.ipv6.route.gc_timeout', '60'],
    ]) {
      expect(plan.steps).toContainEqual(
        expect.objectContaining({ kind: 'live', target: expect.objectContaining({ key }), from }),
      );
    }
    const document = auditDocument(await sandbox.backlogctl(['audit', '--profile', 'own', '--json']));
    expect({ ...document.plan, madeAt: plan.madeAt }).toEqual(plan);
  });

  test('what no audit reads is read for explain', async () => {
    const key = 'net.ipv4.icmp_ratelimit';
    const audited = await sandbox.backlogctl(['audit', '--snapshot-out', '/run/audited.json']);
    expect(audited.status).toBeLessThan(2);
    expect(
      JSON.parse(await sandbox.output(['cat', '/run/audited.json'])).namespaces[0].sysctls,
    ).not.toHaveProperty([key]);
    const { stdout } = await sandbox.backlogctl(['explain', 'net/ipv4/icmp_ratelimit', '--json']);
    expect(JSON.parse(stdout).explanations).toEqual([
      expect.objectContaining({ key, live: [expect.objectContaining({ value: '1000' })] }),
    ]);
  });

  test('names the line that would win', async () => {
    await sandbox.writeFile('/etc/sysctl.d/99-site.conf', '# ours\nnet.core.somaxconn = 256\n');
    const { stdout } = await sandbox.backlogctl(['plan', '--profile', 'web-frontend']);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'net.core.somaxconn = 8192 would not last: /etc/sysctl.d/99-site.conf:2 is read after /etc/sysctl.d/90-backlogctl.conf and sets 256',
    );
    expect(stdout).not.toContain('becomes 8192');
  });
});
