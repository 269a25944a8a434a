import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { oursInSnapshot } from '../../src/pipeline/ours.ts';
import { redactSnapshot } from '../../src/snapshot/redact.ts';
import { renamedFiles } from '../../src/snapshot/redact-files.ts';
import { Snapshot } from '../../src/snapshot/snapshot.ts';
import { DROP_IN_MARK } from '../../src/sysctl/own-drop-in.ts';

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
  otherWriters: [
    {
      by: 'systemd-networkd',
      key: 'net.ipv4.conf.secretshop0.rp_filter',
      value: '2',
      relation: 'exactly',
      file: '/etc/systemd/network/secretshop.network',
      line: 4,
      when: 'after-loader',
      how: 'setting',
      sure: true,
    },
    {
      by: 'unit',
      key: 'kernel.hostname',
      value: 'secretshop',
      relation: 'exactly',
      file: '/etc/systemd/system/secretshop.service',
      when: 'after-loader',
      how: 'command',
      sure: false,
    },
  ],
  modulesLoad: [
    { module: 'secretshop', file: '/etc/modules-load.d/secretshop.conf', line: 1 },
    { module: 'xt_conntrack', file: '/etc/modules-load.d/secretshop.conf', line: 2 },
  ],
  loadedModules: ['nf_conntrack'],
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
    expect(redacted.otherWriters).toMatchObject([
      { by: 'systemd-networkd', key: 'net.ipv4.conf.interface-1.rp_filter', value: '2', line: 4 },
      { by: 'unit', key: 'kernel.hostname', value: 'value-1' },
    ]);
    expect(redacted.modulesLoad).toMatchObject([{ module: 'module-1' }, { module: 'xt_conntrack', line: 2 }]);
    expect(redacted.loadedModules).toEqual(['nf_conntrack']);
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

test('our own drop-in is told by its first line, whatever its name was', () => {
  const text = `${DROP_IN_MARK}\n# Profiles: secret\n\nnet.core.somaxconn = 8192\n`;
  const sysctlFiles = ['50-secret.conf', '99-secret.conf'].map((name) => ({
    path: `/etc/sysctl.d/${name}`,
    kind: 'file' as const,
    text: name.startsWith('99') ? text : '# secret\n',
  }));
  const redacted = redactSnapshot({ ...SNAPSHOT, sysctlFiles });
  expect(JSON.stringify(redacted.sysctlFiles)).not.toContain('secret');
  expect(oursInSnapshot(redacted).dropIn).toMatchObject({
    path: '/etc/sysctl.d/99-z00001.conf',
    state: { text: `${DROP_IN_MARK}\n#\n\nnet.core.somaxconn = 8192\n` },
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

describe('what tells of the host itself', () => {
  const known = <T>(value: T, from?: string) =>
    ({ ok: true, value, ...(from === undefined ? {} : { from }) }) as const;
  const [first] = SNAPSHOT.namespaces;

  function redactedWith(more: Partial<Snapshot>): Snapshot {
    const redacted = redactSnapshot({ ...SNAPSHOT, ...more });
    expect(JSON.stringify(redacted)).not.toContain('secretshop');
    return redacted;
  }

  test.each([
    ['6.1.0-40-amd64', '6.1.0-40-amd64'],
    ['5.14.0-503.el9_4.x86_64', '5.14.0-503.el9_4.x86_64'],
    ['6.12.9-secretshop+', '6.12.9-x+'],
  ])('the release %s becomes %s', (release, expected) => {
    expect(redactedWith({ host: { kernel: { release } } }).host.kernel.release).toBe(expected);
  });

  test.each([
    ['#1 SMP Debian 6.1.153-1 (2025-09-20)', 'Debian 6.1.153-1'],
    ['#7 root@secretshop', 'redacted'],
  ])('the build %s becomes %s', (build, expected) => {
    const kernel = { release: '6.1.0', version: known('6.1.2', '/srv/secretshop'), build: known(build) };
    const redacted = redactedWith({ host: { kernel } });
    expect(redacted.host.kernel.build).toMatchObject({ value: expected });
    expect(redacted.host.kernel.version).toEqual(known('6.1.2', 'origin-1'));
  });

  test.each([
    [
      { id: 'debian', versionId: '12', name: 'Debian of secretshop' },
      { id: 'debian', versionId: '12', name: 'debian 12' },
    ],
    [
      { id: 'secretshop', versionId: 'secretshop', name: 'x' },
      { id: 'other', versionId: '', name: 'other' },
    ],
  ])('the system %j becomes %j', (system, expected) => {
    const host = { kernel: { release: '6.1.0' }, operatingSystem: known(system) };
    expect(redactedWith({ host }).host.operatingSystem).toEqual(known(expected));
  });

  test('an interface is the same in keys, lines, patterns and zones', () => {
    const text = [
      'net.ipv4.conf.secretshop0.rp_filter = 1',
      'net/ipv4/conf/secretshop0/rp_filter = 1',
      'net.ipv6.neigh.secretshop0/7.x = 1',
      '-net.ipv4.conf.secretshop*.rp_filter',
      'net.ipv4.conf.all.rp_filter = 1',
    ].join('\n');
    const path = 'net/ipv4/conf/secretshop0/rp_filter';
    const redacted = redactedWith({
      namespaces:
        first === undefined ? [] : [{ ...first, sysctls: { 'net.ipv4.conf.secretshop0.x': known('1') } }],
      sysctlFiles: [{ path: '/etc/sysctl.conf', kind: 'file', text }],
      globs: { 'net/ipv4/conf/*/rp_filter': [[path, '0644']] },
    });
    expect(Object.keys(redacted.namespaces[0]?.sysctls ?? {})).toEqual(['net.ipv4.conf.interface-1.x']);
    expect(redacted.namespaces[0]?.listeners?.[0]).toMatchObject({ zone: 'interface-1' });
    expect(redacted.globs).toEqual({
      'net/ipv4/conf/*/rp_filter': [['net/ipv4/conf/interface-1/rp_filter', '0644']],
    });
    expect(redacted.sysctlFiles?.[0]?.text?.split('\n')).toEqual([
      'net.ipv4.conf.interface-1.rp_filter = 1',
      'net/ipv4/conf/interface-1/rp_filter = 1',
      'net.ipv6.neigh.interface-2.x = 1',
      '-net.ipv4.conf.interface-3*.rp_filter',
      'net.ipv4.conf.all.rp_filter = 1',
    ]);
  });

  test('bytes that are no UTF-8 are lines all the same', () => {
    const bytes = Buffer.from('# secretshop \xff\nnet.core.somaxconn = 256\n', 'latin1');
    const file = { path: '/etc/sysctl.conf', kind: 'file', base64: bytes.toString('base64') } as const;
    const base64 = redactedWith({ sysctlFiles: [file] }).sysctlFiles?.[0]?.base64 ?? '';
    expect(Buffer.from(base64, 'base64').toString('latin1')).toBe('#\nnet.core.somaxconn = 256\n');
  });

  test.each([
    [
      'owners of 3 listeners',
      'not permitted (run as root)',
      'owners of 3 listeners',
      'not permitted (run as root)',
    ],
    ['/etc/secretshop/x', 'asked secretshop', '/path-6', 'words-1'],
  ])('unseen: %s, %s', (what, why, whatNow, whyNow) => {
    expect(redactedWith({ unseen: [{ what, why }] }).unseen).toEqual([{ what: whatNow, why: whyNow }]);
  });

  test('an origin that is not one of ours goes, ours stay', () => {
    const backlog = (from: string) => ({
      protocol: 'tcp' as const,
      address: '::',
      port: 1,
      backlog: known(5, from),
    });
    const listeners = [backlog('secretshop'), backlog('config')];
    const redacted = redactedWith({ namespaces: [{ id: '1', name: 'host', sysctls: {}, listeners }] });
    expect(redacted.namespaces[0]?.listeners?.map((each) => each.backlog)).toEqual([
      known(5, 'origin-1'),
      known(5, 'config'),
    ]);
  });
});

test('that ufw runs is still said', () => {
  const services = [{ name: 'ufw', state: 'active' }, { name: 'secretshop' }];
  const { services: redacted } = redactSnapshot({ ...SNAPSHOT, services });
  expect(redacted?.[0]).toEqual(services[0]);
  expect(redacted?.[1]?.name).not.toBe('secretshop');
});
