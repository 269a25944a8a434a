import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyToProcPath, parseKey, procPathToKey } from '../../src/sysctl/key.ts';

describe('parseKey', () => {
  it.each([
    ['net.core.somaxconn', 'net.core.somaxconn'],
    ['net/core/somaxconn', 'net.core.somaxconn'],
    ['net.ipv4.conf.eth0/1.rp_filter', 'net.ipv4.conf.eth0/1.rp_filter'],
    ['net/ipv4/conf/eth0.1/rp_filter', 'net.ipv4.conf.eth0/1.rp_filter'],
    ['net/ipv4/conf/a.b.c/rp_filter', 'net.ipv4.conf.a/b/c.rp_filter'],
    ['net.bridge.bridge-nf-call-iptables', 'net.bridge.bridge-nf-call-iptables'],
    ['somaxconn', 'somaxconn'],
  ])('%s is %s', (text, key) => {
    expect(parseKey(text)).toEqual({ ok: true, key });
  });

  it.each([
    ['', /empty/],
    ['net..core', /separators/],
    ['net.core.', /separators/],
    ['/net/core', /begin/],
    ['.net.core', /begin/],
    ['net/../core', /'\.\.'/],
    ['net/./core', /'\.'/],
    ['net.ipv4.conf.//.rp_filter', /'\.\.'/],
    ['net.core.so\nmaxconn', /control/],
    ['net.core.\u0000', /control/],
    ['net.core somaxconn', /blank/],
    ['net.core.somaxconn=5', /without a value/],
    ['net.ipv4.conf.*.rp_filter', /pattern/],
    ['-net.core.somaxconn', /begin/],
    ['#net.core.somaxconn', /begin/],
    ['/proc/sys/net/core/somaxconn', /the key is 'net\.core\.somaxconn'/],
    ['/proc/sys/', /path/],
  ])('refuses %j', (text, why) => {
    const parsed = parseKey(text);
    expect(parsed).toMatchObject({ ok: false, why: expect.stringMatching(why) });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseKey(text).ok !== undefined));
  });
});

const name = fc
  .stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9_.:@-]{0,14}$/)
  .filter((each) => each !== '.' && each !== '..');
const path = fc
  .tuple(fc.constantFrom('net', 'fs', 'kernel'), fc.array(name, { minLength: 1, maxLength: 5 }))
  .map(([top, rest]) => `/proc/sys/${[top, ...rest].join('/')}`);

describe('paths and keys', () => {
  it('turn into each other', () => {
    expect(keyToProcPath('net.ipv4.conf.eth0/1.rp_filter')).toBe('/proc/sys/net/ipv4/conf/eth0.1/rp_filter');
    expect(procPathToKey('/proc/sys/net/core/somaxconn')).toEqual({ ok: true, key: 'net.core.somaxconn' });
    expect(procPathToKey('/etc/passwd')).toMatchObject({ ok: false });
    expect(procPathToKey('/proc/sys/../etc/passwd')).toMatchObject({ ok: false });
  });

  it('lose nothing on the way, in either spelling', () => {
    fc.assert(
      fc.property(path, (original) => {
        const parsed = procPathToKey(original);
        if (!parsed.ok) throw new TypeError(parsed.why);
        expect(keyToProcPath(parsed.key)).toBe(original);
        expect(parseKey(original.slice('/proc/sys/'.length))).toEqual(parsed);
        expect(parseKey(parsed.key)).toEqual(parsed);
      }),
    );
  });
});
