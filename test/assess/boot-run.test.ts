import { describe, expect, it } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import { keyValue, lostLines } from '../../src/assess/key-value.ts';
import { loaderTraits } from '../../src/resolve/loader-traits.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { INVENTORY, UDEV_RULE } from '../pipeline/resolved.ts';
import { hostOf } from '../rules/host.ts';

const A = '/etc/sysctl.d/10-a.conf';
const ETH0 = 'net.ipv4.conf.eth0.rp_filter';

function landed(text: string, otherWriters: readonly OtherWriter[], version = '252') {
  const run = assess(hostOf({ files: { [A]: text }, otherWriters })).bootRun(INVENTORY, {
    loader: loaderTraits('systemd', version),
  });
  if (run === null) throw new TypeError('no run');
  return run.run.landed;
}

describe('a boot', () => {
  it('starts from what the kernel has by itself', () => {
    const run = assess(hostOf({ files: {} })).bootRun(INVENTORY);
    expect(run?.run.landed.size).toBe(0);
    expect(run?.kernel.initial('net/core/somaxconn')).toBe('4096');
    expect(run?.kernel.initial('net/ipv4/conf/eth0/rp_filter')).toBe('0');
    expect(run?.kernel.initial('net/core/no_such_key')).toBeNull();
  });

  it('gives a default to interfaces that have no address yet, and not to the loopback', () => {
    const values = landed('net.ipv4.conf.default.rp_filter = 2\n', []);
    expect(values.get(ETH0)).toMatchObject({ value: '2', through: 'net.ipv4.conf.default.rp_filter' });
    expect(values.has('net.ipv4.conf.lo.rp_filter')).toBe(false);
  });

  // The line stands there already and is not written, and then the default is copied over it.
  const OVERRUN = `${ETH0} = 0\nnet.ipv4.conf.default.rp_filter = 2\n`;

  it('sets what a default overran once more when udev comes by for the interface', () => {
    expect(landed(OVERRUN, []).get(ETH0)).toMatchObject({ value: '2' });
    expect(landed(OVERRUN, [UDEV_RULE]).get(ETH0)).toMatchObject({
      value: '0',
      by: { file: A, line: 1 },
      through: null,
    });
  });

  it('needs no second time where the first wrote the line', () => {
    expect(landed(OVERRUN, [], '249').get(ETH0)).toMatchObject({ value: '0' });
  });

  it.each<readonly [string, OtherWriter]>([
    ['another family', { ...UDEV_RULE, key: 'net.ipv6.conf.*.*' }],
    ['a line of its own', { ...UDEV_RULE, how: 'line' }],
    ['another program', { ...UDEV_RULE, by: 'ufw' }],
  ])('does not have the keys of IPv4 set again by %s', (_what, writer) => {
    expect(landed(OVERRUN, [writer]).get(ETH0)).toMatchObject({ value: '2' });
  });

  it('is what udev adds to, and not to what is typed later', () => {
    const assessment = assess(hostOf({ files: { [A]: OVERRUN }, otherWriters: [UDEV_RULE] }));
    const boot = assessment.bootRun(INVENTORY);
    if (boot === null) throw new TypeError('no run');
    const later = assessment.bootRun(INVENTORY, {
      loader: loaderTraits('procps', '4.0.4'),
      after: boot.run.after,
    });
    expect(later?.run.landed.get(ETH0)).toMatchObject({ value: '0' });
    expect(later?.kernel.initial).toBe(boot.run.after.initial);
  });
});

describe('a boot whose loader is masked', () => {
  const MASK = '/etc/systemd/system/systemd-sysctl.service';
  const LATER = 'net.ipv4.conf.wg0.rp_filter';
  const FILES = { [A]: `${ETH0} = 1\n${ETH0} = 2\n${LATER} = 2\nnet.core.somaxconn = 7\n` };

  function values(otherWriters: readonly OtherWriter[], keepsRun = false, maskedBy = MASK) {
    const assessment = assess(hostOf({ files: FILES, otherWriters, maskedBy }), { keepsRun });
    const boot = assessment.bootRun(INVENTORY);
    if (boot === null) throw new TypeError('no run');
    return (key: string) => keyValue(key, boot, lostLines(boot));
  }

  it('sets nothing', () => {
    const value = values([]);
    expect(value('net.core.somaxconn')).toMatchObject({
      kind: 'unset',
      shadowed: [{ reason: 'file-not-read' }],
    });
    expect(value(ETH0)).toMatchObject({ kind: 'unset', value: '0' });
  });

  it('sets the keys of interfaces all the same where udev runs the program for them', () => {
    const value = values([UDEV_RULE]);
    expect(value('net.core.somaxconn').kind).toBe('unset');
    expect(value(ETH0)).toMatchObject({
      kind: 'set',
      value: '2',
      from: { file: A, line: 2 },
      shadowed: [{ line: 1, reason: 'later-line' }],
    });
    expect(value(LATER)).toMatchObject({ kind: 'set', value: '2', whenAdded: true });
  });

  it('leaves the loopback and what is of no interface alone', () => {
    const files = { [A]: 'net.ipv4.conf.lo.rp_filter = 1\nnet.ipv4.conf.all.rp_filter = 1\n' };
    const boot = assess(hostOf({ files, otherWriters: [UDEV_RULE], maskedBy: MASK })).bootRun(INVENTORY);
    expect(boot?.run.landed.size).toBe(0);
  });

  it('gives udev no credential', () => {
    const files = { '/etc/credstore/sysctl.extra': `${ETH0} = 2\n` };
    const boot = assess(hostOf({ files, otherWriters: [UDEV_RULE], maskedBy: MASK })).bootRun(INVENTORY);
    expect(boot?.run.landed.size).toBe(0);
  });

  it('is as any other where the mask goes with the boot', () => {
    const volatile = '/run/systemd/system/systemd-sysctl.service';
    expect(values([], false, volatile)('net.core.somaxconn')).toMatchObject({ kind: 'set', value: '7' });
    expect(values([], true, volatile)('net.core.somaxconn').kind).toBe('unset');
  });

  it('says so by name, and forgets it where another loader is asked for', () => {
    const host = hostOf({ files: FILES, otherWriters: [UDEV_RULE], maskedBy: MASK });
    const { loaderMask, resolution } = assess(host);
    expect([loaderMask, resolution?.loader]).toEqual([
      MASK,
      `udev alone (${MASK} masks systemd-sysctl.service)`,
    ]);
    const named = assess(host, { loader: { kind: 'systemd', version: null } });
    expect([named.loaderMask, named.resolution?.bootValue('net.core.somaxconn').value]).toEqual([null, '7']);
  });
});
