import { describe, expect, it } from '@jest/globals';
import { LOADER_NAMES, loaderTraits, parseLoaderName } from '../../src/resolve/loader-traits.ts';

describe('loaderTraits', () => {
  it.each([
    ['systemd', '252.39-1~deb12u1', 'systemd-sysctl 252.39'],
    ['systemd', '257.9', 'systemd-sysctl 257.9'],
    ['systemd', null, 'systemd-sysctl'],
    ['systemd', 'v?', 'systemd-sysctl'],
    ['procps', '4.0.4', 'procps sysctl 4.0.4'],
    ['busybox', '1.37.0', 'busybox sysctl 1.37.0'],
    ['openrc', '0.54', 'OpenRC with procps sysctl 0.54'],
    ['none', null, 'no loader'],
  ] as const)('%s %s is %s', (kind, version, name) => {
    expect(loaderTraits(kind, version)).toMatchObject({ kind, name });
  });

  it.each([
    ['systemd', '252', true],
    ['systemd', '254.9', true],
    ['systemd', '255', false],
    ['systemd', null, false],
    ['procps', '4.0.7', true],
  ] as const)('%s %s looks into /lib: %p', (kind, version, looks) => {
    expect(loaderTraits(kind, version).directories.includes('/lib/sysctl.d')).toBe(looks);
  });

  it.each([
    ['3.3.16', '/run/sysctl.d'],
    ['3.3.17', '/etc/sysctl.d'],
    ['4.0.4', '/etc/sysctl.d'],
    [null, '/etc/sysctl.d'],
  ])('procps %s looks first into %s', (version, first) => {
    expect(loaderTraits('procps', version).directories[0]).toBe(first);
  });

  it('knows since when a pattern can exclude', () => {
    const excludes = ['4.0.2', '4.0.4', '4.0.5', '4.0.7', '4.1'].map(
      (version) => loaderTraits('procps', version).exclusion?.patterns,
    );
    expect(excludes).toEqual([false, false, true, true, true]);
    expect(loaderTraits('procps', '3.3.17')).toMatchObject({ globs: null, exclusion: null });
  });

  it('knows until when systemd had ; comments', () => {
    const comments = ['247', '252', '257', '258', '259', '262'].map(
      (version) => loaderTraits('systemd', version).reading.comments,
    );
    expect(comments).toEqual(['#;', '#;', '#;', '#;', '#', '#']);
  });
});

describe('parseLoaderName', () => {
  it.each([
    ['systemd', { kind: 'systemd', version: null }],
    ['systemd-252', { kind: 'systemd', version: '252' }],
    ['procps-4.0.4', { kind: 'procps', version: '4.0.4' }],
    ['busybox-1.37.0', { kind: 'busybox', version: '1.37.0' }],
    ['openrc', { kind: 'openrc', version: null }],
    ['systemd-', null],
    ['systemd 252', null],
    ['sysctl', null],
    ['none', null],
    ['', null],
  ])('%j is %j', (text, loader) => {
    expect(parseLoaderName(text)).toEqual(loader);
  });

  it('takes every name that is offered', () => {
    expect(LOADER_NAMES.filter((name) => parseLoaderName(name) === null)).toEqual([]);
  });
});
