import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loaderTraits } from '../../src/resolve/loader-traits.ts';
import { sameValue } from '../../src/sysctl/codec.ts';
import { readLines } from '../../src/sysctl/lines.ts';
import { renderSetting } from '../../src/sysctl/render.ts';

describe('renderSetting', () => {
  it('writes the reasons above the setting', () => {
    const rendered = renderSetting({
      key: 'net.core.somaxconn',
      value: '4096',
      why: ['nginx asks for 4096 and gets 128', 'accept-queue/bound-by-somaxconn, Linux 6.1, 8 GiB'],
    });
    expect(rendered).toBe(
      [
        '# nginx asks for 4096 and gets 128',
        '# accept-queue/bound-by-somaxconn, Linux 6.1, 8 GiB',
        'net.core.somaxconn = 4096',
        '',
      ].join('\n'),
    );
  });

  it('separates members by one space', () => {
    expect(renderSetting({ key: 'net.ipv4.tcp_rmem', value: '4096\t131072\t6291456\n', why: [] })).toBe(
      'net.ipv4.tcp_rmem = 4096 131072 6291456\n',
    );
  });

  it('lets no reason become a setting', () => {
    const why = ['unit evil\nkernel.core_pattern = |/tmp/x', 'a\u0000b\u202ec'];
    expect(renderSetting({ key: 'net.core.somaxconn', value: '1', why })).toBe(
      '# unit evil kernel.core_pattern = |/tmp/x\n# a\\x00b\\u{202e}c\nnet.core.somaxconn = 1\n',
    );
  });

  it('lets no reason swallow the setting below it', () => {
    expect(renderSetting({ key: 'net.core.somaxconn', value: '1', why: ['C:\\'] })).toBe(
      '# C:\\.\nnet.core.somaxconn = 1\n',
    );
  });

  it.each([
    ['net.core.somaxconn\nx', '1'],
    ['net/core/somaxconn', '1'],
    ['net.ipv4.conf.*.rp_filter', '1'],
    ['net.core.somaxconn', ' '],
    ['net.core.somaxconn', '1\0'],
    ['net.core.somaxconn', '1\\'],
  ])('refuses key %j with value %j', (key, value) => {
    expect(() => renderSetting({ key, value, why: [] })).toThrow(/cannot stand in a sysctl file/);
  });

  it('is read back by every loader', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
    const key = fc
      .tuple(name, name, fc.array(name, { minLength: 1 }))
      .map(([top, iface, rest]) => `${top}.${iface}/1.${rest.join('.')}`);
    const value = fc
      .array(fc.stringMatching(/^[!-[\]-~]+$/), { minLength: 1, maxLength: 3 })
      .map((members) => members.join('\t'));
    const loader = fc.constantFrom(
      loaderTraits('systemd', '252'),
      loaderTraits('systemd', '262'),
      loaderTraits('procps', '4.0.7'),
      loaderTraits('procps', '3.3.17'),
      loaderTraits('busybox', '1.37.0'),
    );
    fc.assert(
      fc.property(key, value, fc.array(fc.string()), loader, (given, wanted, why, { reading }) => {
        const lines = [...readLines(renderSetting({ key: given, value: wanted, why }), reading)];
        expect(lines).toHaveLength(1);
        const [line] = lines;
        if (line?.kind !== 'assignment') throw new TypeError('no assignment');
        expect(line.key).toBe(given);
        expect(sameValue(line.value, wanted)).toBe(true);
        expect(line.ignoreFailure).toBe(false);
      }),
    );
  });
});
