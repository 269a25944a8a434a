import { describe, expect, it } from '@jest/globals';
import { specialKey } from '../../src/sysctl/special-keys.ts';

describe('specialKey', () => {
  it.each([
    ['net.ipv4.route.flush', 'action'],
    ['net.ipv6.route.flush', 'action'],
    ['vm.drop_caches', 'action'],
    ['net.ipv4.tcp_fastopen_key', 'secret'],
    ['net.ipv6.conf.eth0/1.stable_secret', 'secret'],
    ['kernel.modules_disabled', 'one-way'],
  ])('%s is %s', (key, kind) => {
    expect(specialKey(key)).toEqual({ kind, why: expect.stringMatching(/^[a-z].*[^.]$/) });
  });

  it.each(['net.core.somaxconn', 'net.ipv4.route.min_pmtu', 'vm.swappiness', 'constructor'])(
    '%s is an ordinary one',
    (key) => {
      expect(specialKey(key)).toBeNull();
    },
  );
});
