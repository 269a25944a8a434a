import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditDocument } from '../../src/report/audit-document.ts';
import { auditDocument, onPort } from '../tools/audit-result.ts';
import { inGuest } from '../tools/guest.ts';
import { describeWith, GUEST_PROGRAMS } from '../tools/requirements.ts';

const UNITS = {
  // Backlog= stands on the third line.
  'queue-set.socket': '[Socket]\nListenStream=127.0.0.1:7001\nBacklog=77\n',
  'queue-set.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'queue-unset.socket': '[Socket]\nListenStream=127.0.0.1:7002\n',
  'queue-unset.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'queue-web.service': `[Service]\nExecStart=/usr/bin/node -e "require('http').createServer().listen(7003, '127.0.0.1')"\n`,
} as const;

const SCRIPT = `
systemctl start queue-set.socket queue-unset.socket queue-web.service
n=0
until ss -Htln | grep -q :7003 || [ $n -ge 300 ]; do sleep 0.2; n=$((n + 1)); done
systemctl show --value -p ControlGroup queue-web.service
ss -Htln | grep -o '^LISTEN *[0-9]* *[0-9]* *127.0.0.1:700[123]' | tr -s ' '
echo ---
node bin/backlogctl.js audit --json
`;

describeWith(GUEST_PROGRAMS, 'listeners under systemd', () => {
  let directory: string;
  let said: readonly string[];
  let document: AuditDocument;

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-guest-'));
    const files = Object.entries(UNITS).map(([name, text]): [string, string] => {
      const file = path.join(directory, name);
      writeFileSync(file, text);
      return [`/etc/systemd/system/${name}`, file];
    });
    const printed = await inGuest('6.12', SCRIPT, new Map(files));
    const [facts = '', json = ''] = printed.split('\n---\n');
    said = facts.split('\n');
    document = auditDocument({ status: 0, stdout: json, stderr: '' });
  }, 300_000);
  afterAll(() => {
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  test('a socket unit with Backlog= is named with its file and line', () => {
    expect(onPort(document, 7001)).toMatchObject({
      unit: 'queue-set.socket',
      server: 'systemd-socket',
      processes: [{ name: 'systemd', pid: 1 }],
      backlog: { requested: 77, source: 'config', file: '/etc/systemd/system/queue-set.socket', line: 3 },
      acceptQueue: { limit: 77, capacity: 78 },
      boundBy: 'backlog',
    });
  });

  test('a socket unit without Backlog= asks for all that somaxconn allows', () => {
    expect(onPort(document, 7002)).toMatchObject({
      unit: 'queue-unset.socket',
      backlog: { source: 'default', followsSomaxconn: true },
      acceptQueue: { limit: 4096, capacity: 4097 },
      boundBy: 'somaxconn',
    });
  });

  test('a service is named with its unit and its cgroup', () => {
    expect(said[0]).toBe('/system.slice/queue-web.service');
    expect(onPort(document, 7003)).toMatchObject({
      unit: 'queue-web.service',
      cgroup: said[0],
      server: 'nodejs',
      backlog: { requested: 511, source: 'default' },
      acceptQueue: { limit: 511, capacity: 512 },
      boundBy: 'backlog',
    });
  });

  test('the limits are those of ss in the guest', () => {
    const limits = [7001, 7002, 7003].map(
      (port) => `LISTEN 0 ${onPort(document, port).acceptQueue?.limit} 127.0.0.1:${port}`,
    );
    expect([...said.slice(1)].sort()).toEqual([...limits].sort());
  });

  test("the kernel's true version is known, and what loads sysctl files at boot", () => {
    expect(document.host).toMatchObject({
      kernel: { version: expect.stringMatching(/^6\.12\.\d+$/), versionRange: null },
      environment: 'host',
      loader: { kind: 'systemd', version: expect.stringMatching(/^252/) },
    });
    expect(document.complete).toBe(true);
    expect(document.unseen).toEqual([]);
  });
});
