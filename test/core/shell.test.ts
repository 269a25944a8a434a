import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shellQuote } from '../../src/core/shell.ts';

test('plain words stay as they are', () => {
  expect(shellQuote('net.core.somaxconn=4096')).toBe('net.core.somaxconn=4096');
});

test.each([
  ['4096 131072 6291456', "'4096 131072 6291456'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['$(reboot)', "'$(reboot)'"],
])('%s is quoted', (word, quoted) => {
  expect(shellQuote(word)).toBe(quoted);
});

test('a shell reads back every word', () => {
  const words = fc.array(
    fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0')),
    { minLength: 20, maxLength: 20 },
  );
  fc.assert(
    fc.property(words, (list) => {
      const script = `printf '%s\\001' ${list.map(shellQuote).join(' ')}`;
      const printed = execFileSync('sh', ['-c', script]).toString('utf8');
      expect(printed).toBe(Buffer.from(list.map((word) => `${word}\u0001`).join('')).toString('utf8'));
    }),
    { numRuns: 20 },
  );
});
