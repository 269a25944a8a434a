import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loaderTraits } from '../../src/resolve/loader-traits.ts';
import { decodeSysctlFile, type ReadingRules, readLines } from '../../src/sysctl/lines.ts';

const SYSTEMD = loaderTraits('systemd', '252').reading;
const SYSTEMD_262 = loaderTraits('systemd', '262').reading;
const PROCPS = loaderTraits('procps', '4.0.4').reading;
const PROCPS_3 = loaderTraits('procps', '3.3.17').reading;
const BUSYBOX = loaderTraits('busybox', '1.37.0').reading;
const OPENRC_BUSYBOX = loaderTraits('openrc-busybox', null).reading;

function read(content: string, rules: ReadingRules) {
  return [...readLines(content, rules)];
}

function set(line: number, key: string, value: string, ignoreFailure = false) {
  return { kind: 'assignment', line, key, value, ignoreFailure };
}

function bad(line: number, text: string) {
  return { kind: 'bad', line, text };
}

describe('readLines', () => {
  it.each<[string, string, ReadingRules, readonly unknown[]]>([
    ['counts lines', '# x\n\na.b = 1\n', SYSTEMD, [set(3, 'a.b', '1')]],
    ['splits at the first =', 'a.b == 1=2', SYSTEMD, [set(1, 'a.b', '= 1=2')]],
    ['keeps text behind a value', 'a.b = 1 # x', PROCPS, [set(1, 'a.b', '1 # x')]],
    ['a dash is a flag', '-a.b = 1', SYSTEMD, [set(1, 'a.b', '1', true)]],
    ['a blank behind the dash', '- a.b = 1', SYSTEMD, [set(1, 'a.b', '1', true)]],
    ['procps keeps that blank', '- a.b = 1', PROCPS, [set(1, ' a.b', '1', true)]],
    ['a second dash', '--a.b = 1', SYSTEMD, [set(1, '-a.b', '1', true)]],
    ['busybox takes a dash for the key', '-a.b = 1', BUSYBOX, [set(1, '-a.b', '1')]],
    ['exclusion', '-a.b', SYSTEMD, [{ kind: 'exclusion', line: 1, key: 'a.b' }]],
    ['no exclusion in busybox', '-a.b', BUSYBOX, [bad(1, '-a.b')]],
    ['no assignment', 'a.b 1', SYSTEMD, [bad(1, 'a.b 1')]],
    ['a comment', '; a.b = 1\n  #x', SYSTEMD, []],
    ['no comment from systemd 259 on', '; a.b = 1', SYSTEMD_262, [set(1, '; a.b', '1')]],
    ['an empty value', 'a.b =', SYSTEMD, [set(1, 'a.b', '')]],
    ['an empty value in busybox', 'a.b =', BUSYBOX, [bad(1, 'a.b =')]],
    ['CRLF', 'a.b = 1\r\nc.d = 2\r\n', SYSTEMD, [set(1, 'a.b', '1'), set(2, 'c.d', '2')]],
    ['CRLF in procps', 'a.b = 1\r\nc.d = 2\r\n', PROCPS, [set(1, 'a.b', '1'), set(2, 'c.d', '2')]],
    ['a lone CR ends a line', 'a.b = 1\rc.d = 2', SYSTEMD, [set(1, 'a.b', '1'), set(2, 'c.d', '2')]],
    ['not in procps', 'a.b = 1\rc.d = 2', PROCPS, [set(1, 'a.b', '1\rc.d = 2')]],
    ['NUL ends a line', 'a.b = 1\0c.d = 2', SYSTEMD, [set(1, 'a.b', '1'), set(2, 'c.d', '2')]],
    ['NUL hides the rest', 'a.b = 1\0c.d = 2\ne.f = 3', PROCPS, [set(1, 'a.b', '1'), set(2, 'e.f', '3')]],
    [
      '\\n\\r\\0 is one end, \\n\\n two',
      'a=1\n\r\0b=2\n\nc=3',
      SYSTEMD,
      [set(1, 'a', '1'), set(2, 'b', '2'), set(4, 'c', '3')],
    ],
    ['VT is a blank to isspace()', '\va.b\f=\f1\v', PROCPS, [set(1, 'a.b', '1')]],
    ['VT is none to systemd', '\va.b = 1', SYSTEMD, [set(1, '\va.b', '1')]],
    ['a BOM belongs to the key', '\ufeffa.b = 1', SYSTEMD, [set(1, '\ufeffa.b', '1')]],
    ['quotes belong to the value', 'a.b = "1"', PROCPS, [set(1, 'a.b', '"1"')]],
    ['a backslash means nothing', 'a.b = 1\\\n22', PROCPS, [set(1, 'a.b', '1\\'), bad(2, '22')]],
    [
      'but joins lines in busybox',
      'a.b = 1\\\n2\nc.d = 3',
      BUSYBOX,
      [set(1, 'a.b', '12'), set(3, 'c.d', '3')],
    ],
    ['also at the end', 'a.b = 1\\', BUSYBOX, [set(1, 'a.b', '1')]],
    ['a single character', 'a', PROCPS, []],
    ['a single character with its newline', 'a\n', PROCPS, [bad(1, 'a')]],
  ])('%s', (_name, content, rules, lines) => {
    expect(read(content, rules)).toEqual(lines);
  });

  it.each<readonly [string, readonly unknown[]]>([
    ['a.b = 1', [set(1, 'a.b', '1')]],
    ['  a.b  =  1  ', [set(1, 'a.b', '1')]],
    ['-a.b = 1', [set(1, 'a.b', '1', true)]],
    ['== a.b = 1', [set(1, ' a.b', '1')]],
    ['==', [bad(1, '==')]],
    ['a.b =', [bad(1, 'a.b =')]],
    ['a.b = \r1', [bad(1, 'a.b = \r1')]],
    ['a.b =\r1', [set(1, 'a.b', '1')]],
    ['a.b = 1\r2', [set(1, 'a.b', '1')]],
    ['a.b = 1=2', [set(1, 'a.b', '1=2')]],
    ['a.b 1', [{ kind: 'garbled', line: 1, key: 'a.b 1' }]],
    ['-a.b', [{ kind: 'garbled', line: 1, key: 'a.b' }]],
    ['; a.b = 1', []],
    ['a', []],
    ['a\n', []],
  ])('procps 3.3, which cuts with strtok(3): %j', (content, lines) => {
    expect(read(content, PROCPS_3)).toEqual(lines);
  });

  it.each<readonly [string, readonly unknown[]]>([
    ['a.b=1', [set(1, 'a.b', '1')]],
    ['a.b = 1', [set(1, 'a.b', '1')]],
    ['\ta.b = 1  ', [set(1, 'a.b', '1')]],
    ['a.b = 1 2 3', [set(1, 'a.b', '1')]],
    ['a.b = 1 # x', [set(1, 'a.b', '1')]],
    ['a.b  =  1', [bad(1, 'a.b  =  1')]],
    ['a.b= 1', [bad(1, 'a.b= 1')]],
    ['a.b =1', [bad(1, 'a.b =1')]],
    ['a.b=1=2', [set(1, 'a.b', '1=2')]],
    ['a\\.b=1', [set(1, 'a.b', '1')]],
    ['a.b=1\\ 2', [set(1, 'a.b', '1 2')]],
    ['-a.b=1', [set(1, '-a.b', '1')]],
    ['; a.b=1', [bad(1, '; a.b=1')]],
    ['# a.b=1', []],
    ['=1', [bad(1, '=1')]],
    ['a.b=1\\\n2', [set(1, 'a.b', '12')]],
  ])('a loop of the shell around busybox: %j', (content, lines) => {
    expect(read(content, OPENRC_BUSYBOX)).toEqual(lines);
  });

  it('systemd leaves a file at a line of 1 MiB', () => {
    const long = '#'.repeat(1_048_576);
    expect(read(`a.b = 1\n${long}\nc.d = 2\n`, SYSTEMD)).toEqual([
      set(1, 'a.b', '1'),
      { kind: 'too-long', line: 2 },
    ]);
    expect(read(`${long.slice(1)}\nc.d = 2\n`, SYSTEMD)).toEqual([set(2, 'c.d', '2')]);
    // Bytes count, not characters.
    expect(read(`#${'é'.repeat(524_288)}\nc.d = 2\n`, SYSTEMD)).toEqual([{ kind: 'too-long', line: 1 }]);
    expect(read(`${long}\nc.d = 2\n`, PROCPS)).toEqual([set(2, 'c.d', '2')]);
  });

  it('never throws, and keeps what it reads on one line', () => {
    const rules = fc.constantFrom(SYSTEMD, SYSTEMD_262, PROCPS, PROCPS_3, BUSYBOX, OPENRC_BUSYBOX);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), rules, (bytes, rule) => {
        for (const line of readLines(decodeSysctlFile(bytes), rule)) {
          expect(line.line).toBeGreaterThan(0);
          if (line.kind === 'assignment') expect(`${line.key}${line.value}`).not.toContain('\n');
        }
      }),
    );
  });

  it('loses no line on the way', () => {
    const text = fc.stringMatching(/^[a-z]\.[a-z]=[0-9]$/);
    fc.assert(
      fc.property(fc.array(text), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        for (const rules of [SYSTEMD, PROCPS, PROCPS_3, BUSYBOX, OPENRC_BUSYBOX]) {
          const read = [...readLines(lines.map((line) => line + end).join(''), rules)];
          expect(read.map((line) => line.line)).toEqual(lines.map((_, index) => index + 1));
        }
      }),
    );
  });
});

describe('decodeSysctlFile', () => {
  it('takes UTF-8 as it is, a byte order mark included', () => {
    expect(decodeSysctlFile(new TextEncoder().encode('\ufeffa.b = é'))).toBe('\ufeffa.b = é');
  });

  it('keeps other bytes apart', () => {
    expect(decodeSysctlFile(Uint8Array.of(0x61, 0xa0, 0xff))).toBe('a\u00a0\u00ff');
  });
});
