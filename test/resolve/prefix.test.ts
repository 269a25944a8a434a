import { describe, expect, it } from '@jest/globals';
import { expansionIn } from '../../src/resolve/expand.ts';
import { loaderTraits } from '../../src/resolve/loader-traits.ts';
import { expansionBelow, isBelow } from '../../src/resolve/prefix.ts';
import { inventoryOf } from '../../src/sysctl/inventory.ts';

const PREFIX = 'net/ipv4/conf/eth0';

describe('isBelow', () => {
  it.each([
    [PREFIX, true],
    [`${PREFIX}/rp_filter`, true],
    ['net/ipv4/conf/eth01/rp_filter', false],
    ['net/ipv4/conf', false],
  ])('%s: %p', (path, is) => {
    expect(isBelow(path, PREFIX)).toBe(is);
  });
});

describe('expansionBelow', () => {
  const paths = ['eth0/rp_filter', 'eth0/log_martians', 'eth1/rp_filter'];
  const inventory = inventoryOf(
    paths.map((path) => [`net/ipv4/conf/${path}`, { kind: 'file', mode: 0o644 }] as const),
  );
  const expand = expansionBelow(PREFIX, expansionIn(inventory, loaderTraits('systemd', '252')));

  it.each([
    ['net/ipv4/conf/*/rp_filter', [`${PREFIX}/rp_filter`]],
    // It is not looked whether the kernel has it.
    ['net/ipv4/conf/*/no_such_key', [`${PREFIX}/no_such_key`]],
    ['net/*/conf/eth?/rp_filter', [`${PREFIX}/rp_filter`]],
    ['net/ipv4/conf/*/*', [`${PREFIX}/log_martians`, `${PREFIX}/rp_filter`]],
    ['net/ipv4/conf/*', [PREFIX]],
    ['net/ipv4/conf/wlan*/rp_filter', []],
    ['net/ipv6/conf/*/rp_filter', []],
    ['net/*', []],
  ])('%s', (pattern, expected) => {
    expect(expand(pattern)?.map(({ path }) => path)).toEqual(expected);
  });

  it('knows no more than what it is made from', () => {
    const unknown = expansionBelow(PREFIX, () => null);
    expect(unknown('net/ipv4/conf/*/*')).toBeNull();
    expect(unknown('net/ipv4/conf/*/rp_filter')).toEqual([
      { path: `${PREFIX}/rp_filter`, key: 'net.ipv4.conf.eth0.rp_filter' },
    ]);
  });
});
