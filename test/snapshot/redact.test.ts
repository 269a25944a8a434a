import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactSnapshot } from '../../src/snapshot/redact.ts';
import { renamedFiles } from '../../src/snapshot/redact-files.ts';
import { Snapshot } from '../../src/snapshot/snapshot.ts';

const SNAPSHOT: Snapshot = {
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: { kernel: { release: '6.1.0-40-amd64' }, memoryBytes: { ok: true, value: 1024 } },
  namespaces: [
    {
      id: '4026532249',
      name: 'secretshop-ns',
      sysctls: {
        'net.core.somaxconn': { ok: true, value: '4096' },
        'net.ipv4.tcp_rmem': { ok: true, value: '4096\t131072\t6291456' },
        'net.ipv4.tcp_congestion_control': { ok: true, value: 'bbr' },
        'kernel.hostname': { ok: true, value: 'secretshop' },
        'kernel.core_pattern': { ok: true, value: '|/opt/secretshop/dump %p' },
      },
      listeners: [
        {
          protocol: 'tcp',
          address: '10.20.30.40',
          port: 80,
          zone: 'secretshop0',
          limit: 511,
          processes: [{ name: 'secretshopd', pid: 7 }],
          server: 'nginx',
          unit: 'secretshop.service',
          cgroup: '/system.slice/secretshop.service',
          backlog: { ok: true, value: 511, from: 'config' },
          backlogAt: { file: '/etc/secretshop/nginx.conf', line: 3 },
        },
        { protocol: 'tcp', address: '10.20.30.40', port: 81, processes: [{ name: 'secretshopd', pid: 8 }] },
        { protocol: 'tcp', address: '0.0.0.0', port: 82 },
        { protocol: 'tcp', address: '2a00:1450::5', port: 83 },
        {
          protocol: 'unix',
          path: '@secretshop\nx',
          backlog: { ok: false, why: 'denied', detail: 'in /etc/secretshop: x' },
        },
        { protocol: 'unix', path: '/run/secretshop.sock' },
      ],
    },
  ],
  sysctlFiles: [
    {
      path: '/etc/sysctl.d/60-secretshop.conf',
      kind: 'file',
      mode: '0644',
      text: '# secretshop wants\r\nnet.core.somaxconn = 4096\n-net.ipv4.conf.*.rp_filter\nsecretshop\nkernel.hostname=secretshop\nvm.swappiness = 1 # secretshop\n',
    },
    {
      path: '/usr/lib/sysctl.d/60-secretshop.conf',
      kind: 'link',
      target: '../../../opt/secretshop/x.conf',
      text: '',
    },
    { path: '/etc/sysctl.d/90-backlogctl.conf', kind: 'file', text: 'net.core.somaxconn = 8192\n' },
    { path: '/etc/sysctl.d/99-sysctl.conf', kind: 'link', target: '../sysctl.conf', text: '' },
    { path: '/etc/sysctl.conf', kind: 'file', base64: 'c2VjcmV0c2hvcP8=' },
  ],
  services: [{ name: 'secretshop.socket', backlogAt: { file: '/etc/secretshop/nginx.conf', line: 9 } }],
  unseen: [{ what: '/etc/sysctl.d/60-secretshop.conf', why: 'not permitted (run as root)' }],
};

describe('redactSnapshot', () => {
  const redacted = redactSnapshot(SNAPSHOT);

  test('leaves no name, address, path or comment', () => {
    const text = JSON.stringify(redacted);
    for (const secret of ['secretshop', 'c2VjcmV0', '10.20.30', '1450']) expect(text).not.toContain(secret);
  });

  test('keeps what an audit needs, and is still a snapshot', () => {
    expect(Snapshot.parse(redacted)).toEqual(redacted);
    expect(redacted.namespaces[0]?.sysctls).toMatchObject({
      'net.core.somaxconn': { value: '4096' },
      'net.ipv4.tcp_rmem': { value: '4096\t131072\t6291456' },
      'net.ipv4.tcp_congestion_control': { value: 'bbr' },
    });
    expect(redacted.namespaces[0]?.listeners).toMatchObject([
      { address: '198.18.0.1', zone: 'interface-1', server: 'nginx', limit: 511, unit: 'unit-1.service' },
      { address: '198.18.0.1', processes: [{ name: 'process-1', pid: 8 }] },
      { address: '0.0.0.0' },
      { address: '2001:db8::1' },
      { path: '@socket-1' },
      { path: '/socket-2' },
    ]);
    expect(redacted.sysctlFiles).toMatchObject([
      {
        path: '/etc/sysctl.d/60-a00000.conf',
        text: '#\r\nnet.core.somaxconn = 4096\n-net.ipv4.conf.*.rp_filter\nline-1\nkernel.hostname=value-1\nvm.swappiness = 1 #\n',
      },
      { path: '/usr/lib/sysctl.d/60-a00000.conf' },
      { path: '/etc/sysctl.d/90-backlogctl.conf', text: 'net.core.somaxconn = 8192\n' },
      { path: '/etc/sysctl.d/99-z00002.conf', target: '/etc/sysctl.conf' },
      { path: '/etc/sysctl.conf' },
    ]);
    expect(redacted.unseen?.[0]?.what).toBe('/etc/sysctl.d/60-a00000.conf');
  });

  test('gives one thing one name', () => {
    expect(redacted.namespaces[0]?.listeners?.[0]?.backlogAt?.file).toBe(
      redacted.services?.[0]?.backlogAt?.file,
    );
    expect(redacted.namespaces[0]?.sysctls['kernel.hostname']).toEqual({ ok: true, value: 'value-1' });
  });

  test('does not touch what it was given', () => {
    const before = structuredClone(SNAPSHOT);
    redactSnapshot(SNAPSHOT);
    expect(SNAPSHOT).toEqual(before);
  });
});

describe('a line of a sysctl file', () => {
  test.each([
    ['a plain value stays, with the blanks around it', '  net.core.x =  4096\t', '  net.core.x =  4096\t'],
    ['one whose failure is ignored', '-net.core.x=4096', '-net.core.x=4096'],
    ['one with the second dash that procps takes away', '--net.core.x=4096', '--net.core.x=4096'],
    ['a value that is a text goes', '- kernel.x = a secret', '- kernel.x = value-1'],
    ['an exclusion stays', '  -net.ipv4.conf.*.x ', '  -net.ipv4.conf.*.x '],
    ['a comment leaves its mark', '\t; a secret', '\t;'],
    ['what is no assignment goes', 'a secret', 'line-1'],
    ['what names no key goes', '=secret', 'line-1'],
    ['a megabyte of blanks in a value', `a = x${' '.repeat(1_000_000)}y`, 'a = value-1'],
    ['a megabyte of blanks before nonsense', `${' '.repeat(1_000_000)}"`, 'line-1'],
  ])('%s', (_what, line, redacted) => {
    const sysctlFiles = [{ path: '/etc/sysctl.d/60-x.conf', kind: 'file' as const, text: line }];
    expect(redactSnapshot({ ...SNAPSHOT, namespaces: [], sysctlFiles }).sysctlFiles?.[0]?.text).toBe(
      redacted,
    );
  });
});

describe('renamedFiles', () => {
  test('keeps the order of names, equal names, and what ends in .conf', () => {
    const name = fc
      .tuple(
        fc.constantFrom('', '1', '10-', '60-', '90-', '.', '_', '-', '~', 'Z', 'é'),
        fc.string({ maxLength: 4 }),
        fc.constantFrom('.conf', ''),
      )
      .map((parts) => parts.join('').replaceAll('/', ''))
      .filter((each) => each !== '' && each !== '.' && each !== '..');
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (names) => {
        const renamed = renamedFiles(names.map((each) => ({ path: `/etc/sysctl.d/${each}`, kind: 'file' })));
        const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const now = sorted.map((each) => renamed.get(each) ?? '');
        expect([...now].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))).toEqual(now);
        expect(new Set(now).size).toBe(names.length);
        expect(now.map((each) => each.endsWith('.conf'))).toEqual(
          sorted.map((each) => each.endsWith('.conf')),
        );
      }),
    );
  });
});
