import { describe, expect, test } from '@jest/globals';
import type { Profile } from '../../src/profile/profile.ts';
import { parseProfile } from '../../src/profile/read.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import { profileText, REASON } from './profiles.ts';

/** Profiles by name; each text is what follows the head. */
function family(texts: Readonly<Record<string, string>>): ReadonlyMap<string, Profile> {
  return new Map(
    Object.entries(texts).map(([name, text]) => [
      name,
      parseProfile(`${profileText([], name)}${text}`, `${name}.yaml`, { trusted: false }),
    ]),
  );
}

function resolveIn(texts: Readonly<Record<string, string>>, name: string) {
  const profiles = family(texts);
  const profile = profiles.get(name);
  if (profile === undefined) throw new Error(name);
  return resolveProfile(profile, (each) => profiles.get(each) ?? null, [...profiles.keys()]);
}

function somaxconn(value: number): string {
  return `settings:\n  net.core.somaxconn: {at-least: ${value}, ${REASON}}\n`;
}

const SACK = `settings:\n  net.ipv4.tcp_sack: {at-least: 1, ${REASON}}\n`;

describe('merging', () => {
  test.each<[string, Record<string, string>, readonly string[]]>([
    ['has what its parent has', { a: somaxconn(1), z: 'extends: [a]\n' }, ['net.core.somaxconn 1 a']],
    [
      'replaces what its parent has',
      { a: somaxconn(1), z: `extends: [a]\n${somaxconn(2)}` },
      ['net.core.somaxconn 2 z'],
    ],
    [
      'takes the later of two parents',
      { a: somaxconn(1), b: somaxconn(2), z: 'extends: [a, b]\n' },
      ['net.core.somaxconn 2 b'],
    ],
    [
      'keeps what only a grandparent has',
      { a: somaxconn(1), b: `extends: [a]\n${SACK}`, z: 'extends: [b]\n' },
      ['net.core.somaxconn 1 a', 'net.ipv4.tcp_sack 1 b'],
    ],
    [
      'replaces all settings of a key at once',
      {
        a: `settings:\n  net.core.somaxconn:\n    - {at-least: 1, ${REASON}}\n    - {at-least: 2, ${REASON}, when: {kernel: ">=5.4"}}\n`,
        z: `extends: [a]\n${somaxconn(3)}`,
      },
      ['net.core.somaxconn 3 z'],
    ],
  ])('a child %s', (_, texts, expected) => {
    const { settings } = resolveIn(texts, 'z');
    expect(settings.map(({ key, written, profile }) => `${key} ${written} ${profile}`)).toEqual(expected);
  });

  test('a parent that two paths lead to counts once', () => {
    const texts = { a: SACK, b: 'extends: [a]\n', c: 'extends: [a]\n', z: 'extends: [b, c]\n' };
    expect(resolveIn(texts, 'z')).toMatchObject({
      lineage: ['a', 'b', 'c', 'z'],
      settings: [{ profile: 'a' }],
    });
  });

  test('many paths take no longer than many profiles', () => {
    const texts = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `p${index}`,
        index < 2 ? SACK : `extends: [p${index - 1}, p${index - 2}]\n`,
      ]),
    );
    expect(resolveIn(texts, 'p59').lineage).toHaveLength(60);
  });

  test('protections add up, and the nearest reason counts', () => {
    const texts = {
      a: 'protect: {net.ipv4.tcp_mem: one, net.core.rmem_default: two}\n',
      z: 'extends: [a]\nprotect: {net.ipv4.tcp_mem: three}\n',
    };
    expect(resolveIn(texts, 'z').protections).toEqual([
      { key: 'net.ipv4.tcp_mem', because: 'three', by: 'z' },
      { key: 'net.core.rmem_default', because: 'two', by: 'a' },
    ]);
  });
});

describe('refused with the place', () => {
  test.each<[string, Record<string, string>, object, RegExp, RegExp?]>([
    ['a parent of itself', { z: 'extends: [z]\n' }, { file: 'z.yaml', line: 5, column: 11 }, /circle: z → z/],
    [
      'a circle of three',
      { a: 'extends: [b]\n', b: 'extends: [z]\n', z: 'extends: [a]\n' },
      { file: 'b.yaml', line: 5, column: 11 },
      /circle: z → a → b → z/,
    ],
    [
      'a circle above it',
      { a: 'extends: [b]\n', b: 'extends: [a]\n', z: 'extends: [a]\n' },
      { file: 'b.yaml', line: 5 },
      /circle: a → b → a/,
    ],
    [
      'an unknown parent',
      { abcdef: SACK, z: 'extends: [abcdfe]\n' },
      { file: 'z.yaml', line: 5, column: 11 },
      /unknown profile 'abcdfe'/,
      /did you mean 'abcdef'/,
    ],
    [
      'a key that a parent protects',
      { a: 'protect: {net.core.somaxconn: no}\n', z: `extends: [a]\n${somaxconn(1)}` },
      { file: 'z.yaml', line: 7 },
      /net.core.somaxconn is protected by the profile a: no/,
    ],
  ])('%s', (_, texts, at, message, ...hints) => {
    expect(() => resolveIn(texts, 'z')).toThrow(
      expect.objectContaining({
        status: 2,
        at: expect.objectContaining(at),
        message: expect.stringMatching(message),
        ...(hints[0] === undefined ? {} : { hint: expect.stringMatching(hints[0]) }),
      }),
    );
  });
});
