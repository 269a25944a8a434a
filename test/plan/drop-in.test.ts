import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeControls } from '../../src/core/text.ts';
import {
  dropInValues,
  profilesInForce,
  renderDropIn,
  saysTheSame,
  standingLines,
} from '../../src/plan/drop-in.ts';
import type { Reason } from '../../src/plan/plan.ts';
import { LOADER_NAMES, loaderTraits, parseLoaderName } from '../../src/resolve/loader-traits.ts';
import { resolve } from '../../src/resolve/resolve.ts';
import { CATALOGUE } from '../../src/sysctl/catalogue.ts';

const PATH = '/etc/sysctl.d/90-backlogctl.conf';
const FOR = { kernel: '6.18.1', memoryBytes: 8 * 2 ** 30, profiles: ['web-frontend'] };

const reason: fc.Arbitrary<Reason> = fc.record({
  by: fc.constantFrom('profile', 'rule', 'withdrawn'),
  name: fc.string({ maxLength: 20 }),
  // A reason comes from a profile, and may hold anything.
  text: fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constant('a\nnet.core.somaxconn = 1'),
    fc.constant('ends in \\'),
  ),
});

const lines = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom(...CATALOGUE.map(({ key }) => key)),
    value: fc.array(fc.nat().map(String), { minLength: 1, maxLength: 3 }).map((numbers) => numbers.join(' ')),
    because: fc.array(reason, { maxLength: 3 }),
  }),
  { selector: ({ key }) => key, minLength: 1, maxLength: 8 },
);

test('every loader reads back exactly what was meant, whatever the reasons say', () => {
  // busybox reads one file, and not this one; under OpenRC it cuts a value at its first blank.
  const loaders = LOADER_NAMES.filter((name) => !name.includes('busybox')).map(parseLoaderName);
  fc.assert(
    fc.property(lines, (wanted) => {
      const text = renderDropIn(wanted, FOR) ?? '';
      const expected = new Map(wanted.map(({ key, value }) => [key, value]));
      expect(dropInValues(text, PATH)).toEqual(expected);
      for (const loader of loaders) {
        if (loader === null) throw new TypeError('no loader');
        const traits = loaderTraits(loader.kind, loader.version);
        const { attempts, messages } = resolve([{ path: PATH, kind: 'file', text }], traits);
        expect(new Map(attempts.map(({ key, value }) => [key, value]))).toEqual(expected);
        expect(messages).toEqual([]);
      }
    }),
  );
});

test('is written the same way whatever the order of the wishes, in lines that fit a terminal', () => {
  fc.assert(
    fc.property(lines, (wanted) => {
      const text = renderDropIn(wanted, FOR);
      expect(renderDropIn([...wanted].reverse(), FOR)).toBe(text);
    }),
  );
  const long = {
    key: 'net.core.somaxconn',
    value: '1',
    because: [{ by: 'rule', name: 'x', text: 'word '.repeat(90) }],
  } as const;
  const text = renderDropIn([{ ...long, because: [...long.because] }], FOR) ?? '';
  expect(text.split('\n').every((line) => line.length <= 75)).toBe(true);
});

test('there is no file without a line', () => {
  expect(renderDropIn([], FOR)).toBeNull();
});

test('for which kernel and memory it was worked out is no difference; a value, a reason or a profile is', () => {
  const line = (value: string, text: string) => ({
    key: 'net.core.somaxconn',
    value,
    because: [{ by: 'rule' as const, name: 'x', text }],
  });
  const text = renderDropIn([line('1', 'a')], FOR) ?? '';
  expect(text).toContain('# For Linux 6.18.1 with 8.0 GiB of memory.');
  expect(
    saysTheSame(text, renderDropIn([line('1', 'a')], { ...FOR, kernel: '6.19.0', memoryBytes: null }) ?? ''),
  ).toBe(true);
  expect(saysTheSame(text, renderDropIn([line('2', 'a')], FOR) ?? '')).toBe(false);
  expect(saysTheSame(text, renderDropIn([line('1', 'b')], FOR) ?? '')).toBe(false);
  expect(saysTheSame(text, renderDropIn([line('1', 'a')], { ...FOR, profiles: ['base'] }) ?? '')).toBe(false);
});

const profileName = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const profilePath = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.map((part) => part.replaceAll('/', '_')).join('/')}.yaml`)
  .filter((path) => escapeControls(path) === path);

test('the header names the profiles, and is read back as they were typed', () => {
  const profiles = fc.uniqueArray(fc.oneof(profileName, profilePath), { maxLength: 4 });
  fc.assert(
    fc.property(profiles, lines, (named, wanted) => {
      const text = renderDropIn(wanted, { ...FOR, profiles: named }) ?? '';
      expect(profilesInForce(text)).toEqual(named);
      expect(dropInValues(text, PATH)).toEqual(new Map(wanted.map(({ key, value }) => [key, value])));
    }),
  );
});

test.each([
  ['no header', ''],
  ['a name that is none', '# Profiles: web-frontend, --yes\n\n'],
  ['a relative path', '# Profiles: web-frontend, mine/x.yaml\n\n'],
  ['an escape that is none', '# Profiles: /a%2/x.yaml\n\n'],
  ['an escape that hides a line break', '# Profiles: /a%0Ab/x.yaml\n\n'],
  ['two such lines', '# Profiles: base\n# Profiles: database\n\n'],
  ['a reason that looks like one', '# For Linux 6.1\n\n# Profiles: base\nnet.core.somaxconn = 1\n'],
])('%s names no profile', (_what, text) => {
  expect(profilesInForce(text)).toEqual([]);
});

test('lines that stay are written again as they stand, with the comments above them', () => {
  fc.assert(
    fc.property(lines, (wanted) => {
      const text = renderDropIn(wanted, FOR) ?? '';
      expect(renderDropIn(standingLines(text, PATH), FOR)).toBe(text);
    }),
  );
});
