import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expandBraces, type GlobRules, globMatcher } from '../../src/resolve/glob.ts';

function matchesGlob(pattern: string, text: string, rules: GlobRules = {}): boolean {
  return globMatcher(pattern, rules)(text);
}

describe('globMatcher', () => {
  it.each([
    ['net/ipv4/conf/*/rp_filter', 'net/ipv4/conf/eth0.1/rp_filter', true],
    ['net/ipv4/conf/*/rp_filter', 'net/ipv4/conf/all/a/rp_filter', false],
    ['net/*/rp_filter', 'net/ipv4/conf/all/rp_filter', false],
    ['net/ipv4/tcp_*', 'net/ipv4/tcp_rmem', true],
    ['net/ipv4/tcp_*', 'net/ipv4/tcp_', true],
    ['net/ipv4/*_*_*', 'net/ipv4/a_b_c', true],
    ['net/ipv4/*_*_*', 'net/ipv4/a_b', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a?', 'a', false],
    ['va[0-9]', 'va7', true],
    ['va[!0]', 'va0', false],
    ['va[^0]', 'va1', true],
    ['va[]x]', 'va]', true],
    ['va[9-0]', 'va5', false],
    ['va[a-]', 'va-', true],
    ['va[\\]]', 'va]', true],
    ['va[', 'va[', true],
    ['va[0', 'va[0', true],
    ['[[:digit:]x]', '7', true],
    ['[[:digit:]x]', 'x', true],
    ['[[:digit:]x]', 'y', false],
    ['[![:alpha:]]', '1', true],
    ['[[:nonsense:]]', 'n', false],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['?hidden', '.hidden', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a\\', 'a\\', true],
    ['a{b,c}', 'ab', false],
  ])('%j and %j: %p', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });

  it('crosses slashes only where asked', () => {
    expect(matchesGlob('net*filter', 'net/ipv4/.x/rp_filter', { crossesSlash: true })).toBe(true);
    expect(matchesGlob('net*filter', 'net/ipv4/.x/rp_filter')).toBe(false);
  });

  it('expands braces only where asked', () => {
    expect(matchesGlob('v{a,b}*', 'vb1', { braces: true })).toBe(true);
    expect(matchesGlob('v{a,b}*', 'vc1', { braces: true })).toBe(false);
  });

  it('answers within steps that grow with the product of the lengths', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(5_000))).toBe(false);
  });

  it.each([
    ['brackets that nothing closes', '['.repeat(4_096)],
    ['brackets behind the last that closes', `[]${'['.repeat(4_094)}`],
    ['as many alternatives as a file may hold', `{${','.repeat(1_000_000)}}*`],
    ['alternatives up to the longest pattern', `{${','.repeat(4_000)}}*`],
  ])('survives %s', (_what, pattern) => {
    expect(matchesGlob(pattern, 'net/core/somaxconn', { braces: true })).toBe(false);
  });

  it('never throws', () => {
    const pattern = fc.string({ unit: fc.constantFrom(...'ab*?[]!^-:{},\\./') });
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        expect(typeof matchesGlob(a, b, { braces: true })).toBe('boolean');
        expect(matchesGlob(a.replace(/[*?[\\]/g, ''), a.replace(/[*?[\\]/g, ''))).toBe(true);
      }),
    );
  });
});

describe('expandBraces', () => {
  it.each([
    ['a{b,c}d', ['abd', 'acd']],
    ['{a,b{c,d}}', ['a', 'bc', 'bd']],
    ['a{,b}', ['a', 'ab']],
    ['a{b', ['a{b']],
    ['a{}b', ['ab']],
    ['{}', ['{}']],
    ['\\{a,b}', ['\\{a,b}']],
    ['a', ['a']],
  ])('%j is %j', (pattern, expanded) => {
    expect([...expandBraces(pattern)].sort()).toEqual([...expanded].sort());
  });

  it('stays small', () => {
    expect(expandBraces('{a,b}'.repeat(40)).length).toBeLessThan(2_000);
  });
});
