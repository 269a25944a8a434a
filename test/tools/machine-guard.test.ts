import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { changedSince, fingerprint } from './jest/machine-guard.mjs';

let top = '';
const at = (name: string) => path.join(top, name);
const look = () => fingerprint({ trees: [at('etc')], values: [at('sys')], listed: [at('root')] });

beforeEach(() => {
  top = mkdtempSync(path.join(tmpdir(), 'guard-'));
  for (const name of ['etc/sysctl.d', 'sys/net', 'root']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('etc/sysctl.conf'), 'a = 1\n');
  writeFileSync(at('sys/net/somaxconn'), '4096\n');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

test('a machine that nobody touched is as it was', () => {
  expect(changedSince(look(), look())).toEqual([]);
});

test.each<readonly [what: string, act: () => void, where: string]>([
  ['a file that is edited', () => writeFileSync(at('etc/sysctl.conf'), 'a = 22\n'), 'etc/sysctl.conf'],
  ['a new file', () => writeFileSync(at('etc/sysctl.d/x.conf'), ''), 'etc/sysctl.d/x.conf'],
  ['a file that is gone', () => rmSync(at('etc/sysctl.conf')), 'etc/sysctl.conf'],
  ['a value', () => writeFileSync(at('sys/net/somaxconn'), '128\n'), 'sys/net/somaxconn'],
  ["a file in root's directory", () => writeFileSync(at('root/plan.json'), ''), 'root'],
])('%s is noticed', (_what, act, where) => {
  const before = look();
  act();
  expect(changedSince(before, look())).toEqual([at(where)]);
});
