import { describe, expect, it } from '@jest/globals';
import { audit } from '../../src/pipeline/audit.ts';
import { explain, unreadKeys } from '../../src/pipeline/explain.ts';
import { hostWith, tcp, unix } from '../report/snapshots.ts';

const SNAPSHOT = hostWith([tcp(80), tcp(443), tcp(443, { inode: 2 }), unix('/run/x.sock')], {
  sysctlFiles: [{ path: '/etc/sysctl.d/60-x.conf', kind: 'file', text: 'vm.dirty_ratio = 10\n' }],
});
const REPORT = audit({ snapshot: SNAPSHOT, waivers: [], loader: null });

describe('explain', () => {
  it.each([
    ['net.core.somaxconn', ['key']],
    ['net/core/somaxconn', ['key']],
    ['vm.dirty_ratio', ['key']],
    ['vm.swappiness', ['key']],
    [':443', ['listener', 'listener']],
    ['0.0.0.0:80', ['listener']],
    ['tcp:0.0.0.0:80', ['listener']],
    ['/run/x.sock', ['listener']],
    ['accept-queue/overflowing', ['rule']],
  ])('knows %s', (target, kinds) => {
    expect(explain(target, REPORT).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('knows a finding by its id', () => {
    const [finding] = REPORT.findings;
    expect(explain(finding?.id ?? '', REPORT)).toEqual([{ kind: 'finding', finding }]);
  });

  it('knows a rule by its name alone, and says of a finding that is gone that it is gone', () => {
    expect(explain('stale-listener', REPORT)).toMatchObject([{ kind: 'rule' }]);
    expect(() => explain('stale-listener-00000000', REPORT)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('no longer holds') }),
    );
    expect(() => explain('stale-listner', REPORT)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("'stale-listener'") }),
    );
  });

  it.each(['constructor', 'toString', '__proto__', 'net.core.somaxcon', ':444', ''])(
    'refuses %j',
    (target) => {
      expect(() => explain(target, REPORT)).toThrow(expect.objectContaining({ code: 'unknown-name' }));
    },
  );

  it('says the live value, the boot value and what else names the key', () => {
    expect(explain('vm.dirty_ratio', REPORT)).toEqual([
      expect.objectContaining({
        entry: null,
        live: [{ namespace: 'host', value: null, why: 'not-collected' }],
        boot: expect.objectContaining({ kind: 'set', value: '10' }),
      }),
    ]);
  });

  it.each([
    ['net.ipv4.icmp_ratelimit', ['net.ipv4.icmp_ratelimit']],
    ['net/ipv4/icmp_ratelimit', ['net.ipv4.icmp_ratelimit']],
    ['net.core.somaxconn', []],
    ['net.ipv4.tcp_fastopen_key', []],
    ['kernel.pid_max', []],
    ['net.ipv4.conf.all.forwarding', ['net.ipv4.conf.all.forwarding']],
    ['accept-queue/overflowing', []],
    [':443', []],
  ])('has %s read for it: %j', (target, keys) => {
    expect(unreadKeys(target)).toEqual(keys);
  });
});
