import { describe, expect, it } from '@jest/globals';
import {
  causesOf,
  type KernelView,
  pins,
  sideEffectsOf,
  type Write,
} from '../../src/resolve/side-effects.ts';

function view(more: Partial<KernelView> = {}): KernelView {
  return { value: () => '7', interfaces: () => ['eth0', 'lo'], isPinned: () => false, ...more };
}

function write(path: string, before: string | null, after: string | null, refused = false): Write {
  return { path, before, after, refused };
}

function effects(done: Write, seen = view()) {
  return Object.fromEntries(sideEffectsOf(done, seen).map(({ path, value }) => [path, value]));
}

const CONF4 = 'net/ipv4/conf';
const CONF6 = 'net/ipv6/conf';

describe('a write', () => {
  it.each([
    ['net/ipv4/ip_forward', `${CONF4}/all/forwarding`],
    [`${CONF4}/all/forwarding`, 'net/ipv4/ip_forward'],
  ])('to %s forwards everywhere, and takes redirects no more', (path, other) => {
    const forwards = (value: string) => ({
      [`${CONF4}/default/forwarding`]: value,
      [`${CONF4}/eth0/forwarding`]: value,
      [`${CONF4}/lo/forwarding`]: value,
    });
    expect(effects(write(path, '0', '1'))).toEqual({
      [other]: '1',
      [`${CONF4}/all/accept_redirects`]: '0',
      ...forwards('1'),
    });
    expect(effects(write(path, '1', '0'))).toEqual({
      [other]: '0',
      [`${CONF4}/all/accept_redirects`]: '1',
      ...forwards('0'),
    });
    expect(effects(write(path, '1', '1'))).toEqual({});
    expect(effects(write(path, null, null))).toMatchObject({
      [other]: null,
      [`${CONF4}/all/accept_redirects`]: null,
    });
    expect(effects(write(path, '0', '0', true))).toEqual({});
  });

  it.each([
    'route_localnet',
    'promote_secondaries',
    'drop_unicast_in_l2_multicast',
    'disable_xfrm',
    'forwarding',
  ])('to the IPv4 default of %s reaches nobody, and pins nothing', (leaf) => {
    expect(effects(write(`${CONF4}/default/${leaf}`, '0', '7'))).toEqual({});
    expect(pins(`${CONF4}/eth0/${leaf}`)).toBe(false);
  });

  it('to the IPv4 default reaches whom nobody wrote, even where it is refused', () => {
    const path = `${CONF4}/default/rp_filter`;
    const seen = view({ isPinned: (each) => each.includes('/lo/') });
    expect(effects(write(path, '0', '7'), seen)).toEqual({ [`${CONF4}/eth0/rp_filter`]: '7' });
    expect(effects(write(path, '7', '7', true), seen)).toEqual({ [`${CONF4}/eth0/rp_filter`]: '7' });
    expect(effects(write(`${CONF4}/default/forwarding`, '0', '1'), seen)).toEqual({});
    expect(effects(write(`${CONF4}/all/rp_filter`, '0', '1'), seen)).toEqual({});
    expect(effects(write(`${CONF4}/eth0/rp_filter`, '0', '1'), seen)).toEqual({});
  });

  it.each([
    ['forwarding', '0', '1', true],
    ['forwarding', '1', '1', true],
    ['disable_ipv6', '0', '1', true],
    ['ignore_routes_with_linkdown', '0', '1', true],
    ['addr_gen_mode', '0', '1', true],
    ['addr_gen_mode', '1', '1', false],
    ['accept_ra', '0', '1', false],
  ])('to %s of all IPv6 interfaces, from %s to %s, is copied: %p', (leaf, before, after, isCopied) => {
    const copies = ['default', 'eth0', 'lo'].map((device) => [`${CONF6}/${device}/${leaf}`, after]);
    expect(effects(write(`${CONF6}/all/${leaf}`, before, after))).toEqual(
      isCopied ? Object.fromEntries(copies) : {},
    );
    expect(effects(write(`${CONF6}/all/${leaf}`, before, before, true))).toEqual({});
    expect(effects(write(`${CONF6}/default/${leaf}`, before, after))).toEqual({});
  });

  it.each([
    ['vm/dirty_ratio', { 'vm/dirty_bytes': '0' }],
    ['vm/dirty_bytes', { 'vm/dirty_ratio': '0' }],
    ['vm/dirty_background_ratio', { 'vm/dirty_background_bytes': '0' }],
    ['vm/dirty_background_bytes', { 'vm/dirty_background_ratio': '0' }],
    ['vm/overcommit_ratio', { 'vm/overcommit_kbytes': '0' }],
    ['vm/overcommit_kbytes', {}],
    ['vm/dirty_expire_centisecs', {}],
    ['net/core/somaxconn', {}],
  ])('to %s', (path, expected) => {
    expect(effects(write(path, '1', '2'))).toEqual(expected);
    expect(effects(write(path, '2', '2'))).toEqual({});
  });
});

describe('pins', () => {
  it.each([
    [`${CONF4}/eth0/rp_filter`, true],
    [`${CONF4}/all/rp_filter`, false],
    [`${CONF4}/default/rp_filter`, false],
    [`${CONF6}/eth0/forwarding`, false],
    ['net/core/somaxconn', false],
  ])('%s: %p', (path, is) => {
    expect(pins(path)).toBe(is);
  });
});

describe('what may change a variable along', () => {
  const PATHS = [
    'net/ipv4/ip_forward',
    'net/ipv4/conf/all/accept_redirects',
    'vm/dirty_ratio',
    'vm/dirty_bytes',
    'vm/dirty_background_ratio',
    'vm/dirty_background_bytes',
    'vm/overcommit_ratio',
    'vm/overcommit_kbytes',
    ...['forwarding', 'rp_filter', 'route_localnet', 'disable_ipv6', 'addr_gen_mode', 'accept_ra'].flatMap(
      (leaf) =>
        ['all', 'default', 'eth0', 'lo'].flatMap((name) => [
          `${CONF4}/${name}/${leaf}`,
          `${CONF6}/${name}/${leaf}`,
        ]),
    ),
  ];

  it('is every variable whose write does', () => {
    for (const path of PATHS) {
      const changing = PATHS.filter((cause) =>
        sideEffectsOf(write(cause, '0', '1'), view()).some((effect) => effect.path === path),
      );
      expect({ path, causes: [...causesOf(path)].sort() }).toEqual({ path, causes: changing.sort() });
    }
  });
});
