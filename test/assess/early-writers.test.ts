import { describe, expect, it } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import { resolveSysctls } from '../../src/pipeline/sysctl-resolve.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { type Inventory, inventoryOf } from '../../src/sysctl/inventory.ts';
import { A, INVENTORY, requestFor } from '../pipeline/resolved.ts';
import { hostOf } from '../rules/host.ts';

const REDIRECTS = 'net.ipv4.conf.all.accept_redirects';
const TEMPLATE = 'net.ipv4.conf.default.rp_filter';
const DGRAM = 'net.unix.max_dgram_qlen';
const CONNTRACK = 'net.netfilter.nf_conntrack_max';

function cmdline(key: string, value: string): OtherWriter {
  return {
    by: 'kernel-command-line',
    key,
    value,
    relation: 'exactly',
    file: '/proc/cmdline',
    when: 'before-loader',
    how: 'line',
    sure: true,
  };
}

const FILE = { kind: 'file', mode: 0o644 } as const;
const KEYS: Inventory = (() => {
  const more = [REDIRECTS, DGRAM].map((key) => key.replaceAll('.', '/'));
  const known = inventoryOf(more.map((path) => [path, FILE] as const));
  return {
    entry: (path) => INVENTORY.entry(path) ?? known.entry(path),
    list: (path) => [...new Set([...INVENTORY.list(path), ...known.list(path)])],
  };
})();

type Asked = Parameters<typeof requestFor>[1];

/** The value after a boot, with who has the last word: a line of the files, another program, or the kernel. */
function end(key: string, text: string, otherWriters: readonly OtherWriter[], asked: Asked = {}): string {
  const request = requestFor({ [A]: text }, { keys: [key], inventory: KEYS, otherWriters, ...asked });
  const resolution = resolveSysctls(request);
  const [value] = resolution.values;
  if (value === undefined) throw new TypeError('no value');
  const { ending } = resolution.others(value);
  const by = ending?.by.by ?? (value.from === null ? 'the kernel' : `line ${value.from.line}`);
  return `${resolution.end(value)} by ${by}`;
}

describe('what the kernel command line sets', () => {
  const FORWARD = cmdline('net.ipv4.ip_forward', '1');

  it.each<readonly [string, text: string, key: string, string]>([
    ['stands where no line sets it', '', 'net.ipv4.ip_forward', '1 by kernel-command-line'],
    ['loses to a line', 'net.ipv4.ip_forward = 0\n', 'net.ipv4.ip_forward', '0 by line 1'],
    ['brings others along', '', REDIRECTS, '0 by kernel-command-line'],
    ['brings interfaces along', '', 'net.ipv4.conf.eth0.forwarding', '1 by kernel-command-line'],
    [
      'and a line takes these back',
      'net.ipv4.ip_forward = 0\n',
      'net.ipv4.conf.eth0.forwarding',
      '0 by line 1',
    ],
    [
      'is no change to a line that says the same, which brings nothing along',
      `${REDIRECTS} = 1\nnet.ipv4.ip_forward = 1\n`,
      REDIRECTS,
      '1 by line 1',
    ],
  ])('%s', (_what, text, key, expected) => {
    expect(end(key, text, [FORWARD])).toBe(expected);
  });

  it.each(['eth0', 'lo', 'wg0'])('as a template is that of %s, which has no address yet', (device) => {
    const key = `net.ipv4.conf.${device}.rp_filter`;
    expect(end(key, '', [cmdline(TEMPLATE, '2')])).toBe('2 by kernel-command-line');
  });

  it('is not certain of an interface whose driver may come later, and of a key whose module does', () => {
    expect(end('net.ipv4.conf.eth0.rp_filter', '', [cmdline('net.ipv4.conf.eth0.rp_filter', '2')])).toBe(
      '0 by the kernel',
    );
    const host = hostOf({ otherWriters: [cmdline(CONNTRACK, '9')], loadedModules: ['nf_conntrack'] });
    expect(assess(host).writers.ending(CONNTRACK, null)).toBeNull();
  });

  it('is the same to all who ask, where nobody has looked which keys there are', () => {
    const found = assess(
      hostOf({ files: { [A]: `${REDIRECTS} = 1\nnet.ipv4.ip_forward = 1\n` }, otherWriters: [FORWARD] }),
    );
    expect(found.resolution?.bootValue(REDIRECTS)).toMatchObject({ value: '1', through: null });
    const bare = assess(hostOf({ files: {}, otherWriters: [FORWARD] }));
    expect(bare.resolution?.bootValue(REDIRECTS)).toMatchObject({ kind: 'unset', value: '0' });
  });

  it('is what another program finds', () => {
    const docker: OtherWriter = {
      ...FORWARD,
      by: 'docker',
      when: 'after-loader',
      how: 'default',
    };
    expect(end(REDIRECTS, `${REDIRECTS} = 1\n`, [FORWARD, docker])).toBe('1 by line 1');
    expect(end(REDIRECTS, `${REDIRECTS} = 1\n`, [docker])).toBe('0 by docker');
  });
});

describe('the queue of datagrams that systemd raises as the first process', () => {
  it.each<readonly [string, text: string, readonly OtherWriter[], Asked, string]>([
    ['where nobody sets it', '', [], {}, '512 by systemd'],
    ['where a line sets it', `${DGRAM} = 100\n`, [], {}, '100 by line 1'],
    ['where the command line set less', '', [cmdline(DGRAM, '20')], {}, '512 by systemd'],
    ['where the command line set more', '', [cmdline(DGRAM, '1000')], {}, '1000 by kernel-command-line'],
    ['where another init is asked for', '', [], { loader: 'procps' }, '10 by the kernel'],
    [
      'where its loader is masked',
      '',
      [],
      { maskedBy: '/etc/systemd/system/systemd-sysctl.service' },
      '512 by systemd',
    ],
  ])('%s', (_where, text, otherWriters, asked, expected) => {
    expect(end(DGRAM, text, otherWriters, asked)).toBe(expected);
  });

  it('is worth no mention to whoever did not ask', () => {
    expect(assess(hostOf({ files: {} })).writers.keys).toEqual([]);
  });
});
