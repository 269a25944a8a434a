import { describe, expect, it } from '@jest/globals';
import { loaderTraits } from '../../src/resolve/loader-traits.ts';
import { pathOfKey } from '../../src/resolve/spelling.ts';
import { inventoryOf } from '../../src/sysctl/inventory.ts';

const SYSTEMD = loaderTraits('systemd', '252');
const PROCPS = loaderTraits('procps', '4.0.4');
const PROCPS_3 = loaderTraits('procps', '3.3.17');
const BUSYBOX = loaderTraits('busybox', '1.37');
const BUSYBOX_130 = loaderTraits('busybox', '1.30');

const KERNEL = inventoryOf(
  ['net/core/somaxconn', 'net/ipv4/conf/eth0.1/rp_filter', 'net/ipv4/conf/all/rp_filter'].map(
    (path) => [path, { kind: 'file', mode: 0o644 }] as const,
  ),
);

describe('pathOfKey', () => {
  it.each([
    [SYSTEMD, 'net.core.somaxconn', 'net/core/somaxconn'],
    [SYSTEMD, 'net/core/somaxconn', 'net/core/somaxconn'],
    [SYSTEMD, '/net//core/./somaxconn/', 'net/core/somaxconn'],
    [SYSTEMD, 'net.ipv4.conf.eth0/1.rp_filter', 'net/ipv4/conf/eth0.1/rp_filter'],
    [SYSTEMD, 'net/ipv4/conf/eth0.1/rp_filter', 'net/ipv4/conf/eth0.1/rp_filter'],
    [SYSTEMD, 'net..core.somaxconn', 'net/core/somaxconn'],
    [SYSTEMD, '-net.core.somaxconn', '-net/core/somaxconn'],
    [SYSTEMD, 'net/../core', 'net/../core'],
    [PROCPS, 'net..core.somaxconn', 'net//core/somaxconn'],
    [PROCPS, 'net/core/somaxconn/', 'net/core/somaxconn/'],
    [PROCPS, '-net.core.somaxconn', 'net/core/somaxconn'],
    [PROCPS_3, '-net.core.somaxconn', '-net/core/somaxconn'],
    [BUSYBOX, 'net.core.somaxconn', 'net/core/somaxconn'],
    [BUSYBOX, 'net.ipv4.conf.eth0.1.rp_filter', 'net/ipv4/conf/eth0.1/rp_filter'],
    [BUSYBOX, 'net.ipv4.conf.eth0/1.rp_filter', 'net/ipv4/conf/eth0.1/rp_filter'],
    [BUSYBOX_130, 'net.ipv4.conf.eth0.1.rp_filter', 'net/ipv4/conf/eth0.1/rp_filter'],
    [BUSYBOX, 'net.ipv4.conf.eth9.1.rp_filter', 'net/ipv4/conf/eth9.1.rp_filter'],
    [BUSYBOX, '/proc/sys/net/core/somaxconn', 'net/core/somaxconn'],
    [BUSYBOX, '/etc/hostname', '../etc/hostname'],
  ])('$name', (traits, key, path) => {
    expect([key, pathOfKey(key, traits, KERNEL)]).toEqual([key, path]);
  });

  it('has every dot separate where nobody knows what is there', () => {
    for (const traits of [BUSYBOX, BUSYBOX_130]) {
      expect(pathOfKey('net.ipv4.conf.eth0.1.rp_filter', traits, null)).toBe(
        'net/ipv4/conf/eth0/1/rp_filter',
      );
    }
  });
});
