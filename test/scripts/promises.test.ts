import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

type Broken = { readonly file: string; readonly find: string; readonly replace: string };
type Promised = {
  readonly promise: string;
  readonly test: string;
  readonly name: string;
  readonly break: Broken;
};

const PROMISES = parse(readFileSync('test/promises.yaml', 'utf8')) as readonly Promised[];

test('docs/promises.md is what test/promises.yaml says', () => {
  const table = execFileSync(process.execPath, ['scripts/promises.mjs', 'table'], { encoding: 'utf8' });
  expect(readFileSync('docs/promises.md', 'utf8')).toBe(table);
});

test.each(PROMISES)('$promise', ({ test: file, break: { file: source, find, replace } }) => {
  expect(() => readFileSync(file)).not.toThrow();
  expect(readFileSync(source, 'utf8').split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
});
