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
    ['openrc-busybox', '1.37.0', 'OpenRC with busybox sysctl 1.37.0'],
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

describe('what loaders make of a failure', () => {
  it.each([
    [
      'systemd',
      '247',
      { 'unknown-key': 'info', refused: 'error', 'not-found': 'info', 'read-only': 'silent' },
      1,
    ],
    ['systemd', '248', { 'unknown-key': 'warning', refused: 'error', 'not-found': 'warning' }, 1],
    ['procps', '3.3.17', { 'unknown-key': 'silent', refused: 'warning', 'outside-proc-sys': 'silent' }, 255],
    ['procps', '4.0.4', { 'unknown-key': 'silent', refused: 'error', directory: 'warning' }, 1],
    ['procps', '4.0.6', { 'outside-proc-sys': 'error', 'read-only': 'error', directory: 'error' }, 1],
    ['busybox', '1.37', { 'unknown-key': 'warning', refused: 'abort', 'not-found': 'abort' }, 1],
    ['openrc-busybox', null, { refused: 'warning', 'not-found': 'warning', 'dangling-link': 'silent' }, 1],
  ] as const)('%s %s', (kind, version, reactions, failureStatus) => {
    expect(loaderTraits(kind, version)).toMatchObject({ reactions, failureStatus });
  });

  it.each([
    ['systemd', '252', 'all'],
    ['procps', '4.0.6', 'nothing'],
    ['procps', '4.0.7', 'writes'],
    ['busybox', null, 'nothing'],
  ] as const)('%s %s: a dash silences %s', (kind, version, dashSilences) => {
    expect(loaderTraits(kind, version)).toMatchObject({ dashSilences });
  });
});

describe('what changed between versions', () => {
  it.each([
    ['systemd', '244', { globs: null, readsFirst: false, longestWrite: 4095, readsCredential: false }],
    ['systemd', '247', { keys: { spelling: 'cleaned', secondDash: false, climbs: true }, loopsMask: true }],
    ['systemd', '248', { keys: { climbs: false }, readsFirst: false }],
    ['systemd', '250', { readsFirst: true, longestWrite: 4095 }],
    ['systemd', '252', { longestWrite: null, readsCredential: true, loopsMask: true }],
    ['systemd', '259', { loopsMask: false }],
    ['procps', '3.3.17', { forgets: ['base_reachable_time', 'retrans_time'], keys: { secondDash: false } }],
    ['procps', '4.0.2', { forgets: [], keys: { secondDash: true, climbs: true } }],
    ['busybox', '1.30', { keys: { spelling: 'searched-dots-only' } }],
    ['busybox', '1.35', { keys: { spelling: 'searched' } }],
    ['openrc', '0.54', { mainFile: 'read-last', needsMainFile: false, writes: 'in-order' }],
    ['openrc-busybox', null, { mainFile: 'read-first', needsMainFile: true, globs: null, exclusion: null }],
  ] as const)('%s %s', (kind, version, traits) => {
    expect(loaderTraits(kind, version)).toMatchObject(traits);
  });
});

describe('parseLoaderName', () => {
  it.each([
    ['systemd', { kind: 'systemd', version: null }],
    ['systemd-252', { kind: 'systemd', version: '252' }],
    ['procps-4.0.4', { kind: 'procps', version: '4.0.4' }],
    ['busybox-1.37.0', { kind: 'busybox', version: '1.37.0' }],
    ['openrc', { kind: 'openrc', version: null }],
    ['openrc-busybox', { kind: 'openrc-busybox', version: null }],
    ['openrc-busybox-1.37', { kind: 'openrc-busybox', version: '1.37' }],
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
