import { describe, expect, it } from '@jest/globals';
import { interfaceDefault, interfacePath, interfaceRange } from '../../src/sysctl/interface-keys.ts';

function of(path: string) {
  const found = interfacePath(path);
  if (found === null) throw new TypeError(path);
  return found;
}

describe('interfacePath', () => {
  it.each([
    ['net/ipv4/conf/eth0/rp_filter', { family: 'ipv4', device: 'eth0', leaf: 'rp_filter' }],
    ['net/ipv6/conf/eth0.1/hop_limit', { family: 'ipv6', device: 'eth0.1', leaf: 'hop_limit' }],
    ['net/ipv4/conf/all/forwarding', { family: 'ipv4', device: 'all', leaf: 'forwarding' }],
    ['net/ipv4/conf/eth0', null],
    ['net/ipv4/conf/eth0/rp_filter/x', null],
    ['net/ipv5/conf/eth0/rp_filter', null],
    ['net/ipv4/neigh/eth0/gc_stale_time', null],
    ['x/net/ipv4/conf/eth0/rp_filter', null],
    ['net.ipv4.conf.eth0.rp_filter', null],
  ])('%s', (path, found) => {
    expect(interfacePath(path)).toEqual(found);
  });
});

describe('interfaceRange', () => {
  const ANY = { min: -2_147_483_648, max: 2_147_483_647 };

  it.each([
    ['net/ipv4/conf/eth0/rp_filter', ANY],
    ['net/ipv4/conf/eth0/hop_limit', ANY],
    ['net/ipv6/conf/eth0/hop_limit', { min: 1, max: 255 }],
    ['net/ipv6/conf/eth0/router_solicitations', { min: -1, max: 2_147_483_647 }],
    ['net/ipv6/conf/eth0/forwarding', ANY],
    ['net/ipv6/conf/eth0/constructor', ANY],
  ])('%s', (path, range) => {
    expect(interfaceRange(of(path))).toEqual(range);
  });
});

describe('interfaceDefault', () => {
  it.each([
    ['net/ipv4/conf/eth0/rp_filter', '0'],
    ['net/ipv4/conf/eth0/accept_redirects', '1'],
    ['net/ipv4/conf/all/accept_source_route', '0'],
    ['net/ipv4/conf/default/accept_source_route', '1'],
    ['net/ipv4/conf/eth0/accept_source_route', '1'],
    ['net/ipv4/conf/eth0/toString', '0'],
    ['net/ipv6/conf/eth0/hop_limit', '64'],
    ['net/ipv6/conf/all/accept_source_route', '0'],
    ['net/ipv6/conf/eth0/stable_secret', null],
    ['net/ipv6/conf/eth0/constructor', null],
  ])('%s', (path, value) => {
    expect(interfaceDefault(of(path))).toBe(value);
  });
});
