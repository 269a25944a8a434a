import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dropInValues, renderDropIn, saysTheSame } from '../../src/plan/drop-in.ts';
import type { Reason } from '../../src/plan/plan.ts';
import { LOADER_NAMES, loaderTraits, parseLoaderName } from '../../src/resolve/loader-traits.ts';
import { resolve } from '../../src/resolve/resolve.ts';
import { CATALOGUE } from '../../src/sysctl/catalogue.ts';

const PATH = '/etc/sysctl.d/90-backlogctl.conf';
const FOR = { kernel: '6.18.1', memoryBytes: 8 * 2 ** 30 };

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
  // busybox reads one file, and not this one.
  const loaders = LOADER_NAMES.filter((name) => name !== 'busybox').map((name) => parseLoaderName(name));
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

test('for which kernel and memory it was worked out is no difference; a value or a reason is', () => {
  const line = (value: string, text: string) => ({
    key: 'net.core.somaxconn',
    value,
    because: [{ by: 'rule' as const, name: 'x', text }],
  });
  const text = renderDropIn([line('1', 'a')], FOR) ?? '';
  expect(text).toContain('# For Linux 6.18.1 with 8.0 GiB of memory.');
  expect(
    saysTheSame(text, renderDropIn([line('1', 'a')], { kernel: '6.19.0', memoryBytes: null }) ?? ''),
  ).toBe(true);
  expect(saysTheSame(text, renderDropIn([line('2', 'a')], FOR) ?? '')).toBe(false);
  expect(saysTheSame(text, renderDropIn([line('1', 'b')], FOR) ?? '')).toBe(false);
});
