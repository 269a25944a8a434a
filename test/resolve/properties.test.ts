import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KernelState } from '../../src/resolve/kernel.ts';
import { runLoader } from '../../src/resolve/loader-run.ts';
import {
  LOADER_NAMES,
  type LoaderTraits,
  loaderTraits,
  parseLoaderName,
} from '../../src/resolve/loader-traits.ts';
import { resolve } from '../../src/resolve/resolve.ts';
import type { SysctlFile } from '../../src/snapshot/sysctl-file.ts';
import { CATALOGUE } from '../../src/sysctl/catalogue.ts';
import { inventoryOf } from '../../src/sysctl/inventory.ts';
import { swapSeparators } from '../../src/sysctl/key.ts';
import { renderSetting } from '../../src/sysctl/render.ts';
import { traitsAt } from '../tools/sysctl-sources.ts';

const LOADERS: readonly LoaderTraits[] = LOADER_NAMES.map((name) => {
  const parsed = parseLoaderName(name);
  if (parsed === null) throw new TypeError(name);
  return loaderTraits(parsed.kind, parsed.version);
});
const MAIN = '/etc/sysctl.conf';
const DROP_IN = '/etc/sysctl.d/50-a.conf';
const KEYS = ['net.core.somaxconn', 'net.ipv4.tcp_rmem', 'net.ipv4.conf.default.rp_filter', 'vm.dirty_ratio'];

const KERNEL: KernelState = {
  inventory: inventoryOf(
    [...CATALOGUE.map(({ key }) => swapSeparators(key)), 'net/ipv4/conf/eth0/rp_filter'].map(
      (path) => [path, { kind: 'file', mode: 0o644 }] as const,
    ),
  ),
  initial: () => '1',
  isPinned: () => false,
  rules: { rangesOf: (entry) => traitsAt('6.18').current(entry.range), ticksPerSecond: 250 },
};

/** Bytes of any kind, and pieces of lines that mean something. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          ...KEYS,
          'net/core/',
          'net.ipv4.conf.*.',
          '-',
          ' = ',
          '=',
          '1',
          '\n',
          '\r',
          '\0',
          '\\',
          '..',
          '/',
          '[',
          '{a,',
        )
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts).toString('base64'));

function run(files: readonly SysctlFile[], traits: LoaderTraits) {
  const resolution = resolve(files, traits, { inventory: KERNEL.inventory });
  return { resolution, run: runLoader(resolution, traits, KERNEL) };
}

describe.each(LOADERS)('$name', (traits) => {
  it('comes to an end whatever the files hold, and the same one each time', () => {
    fc.assert(
      fc.property(content, content, (main, dropIn) => {
        const files: readonly SysctlFile[] = [
          { path: MAIN, kind: 'file', base64: main },
          { path: DROP_IN, kind: 'file', base64: dropIn },
        ];
        const [first, again] = [run(files, traits), run(files, traits)];
        expect(again.run.attempts).toEqual(first.run.attempts);
        expect(again.run.lost).toEqual(first.run.lost);
        expect(again.run.messages).toEqual(first.run.messages);
        expect([...again.run.landed]).toEqual([...first.run.landed]);
        expect([0, 1, 255]).toContain(first.run.exitStatus);
        for (const key of first.resolution.keys()) {
          expect(again.resolution.lastWord(key)).toEqual(first.resolution.lastWord(key));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('sets what it set before from one file of the values that won', () => {
    const line = fc.tuple(fc.constantFrom(...KEYS), fc.nat({ max: 100 }));
    const text = fc
      .array(line, { maxLength: 12 })
      .map((lines) => lines.map(([key, value]) => `${key} = ${value}\n`).join(''));
    fc.assert(
      fc.property(text, text, (main, dropIn) => {
        const files: readonly SysctlFile[] = [
          { path: MAIN, kind: 'file', text: main },
          { path: DROP_IN, kind: 'file', text: dropIn },
        ];
        const before = resolve(files, traits);
        const won = KEYS.flatMap((key) => {
          const boot = before.lastWord(key);
          return boot.kind === 'set' ? [{ key, value: boot.value, why: [] }] : [];
        });
        const only = { path: traits.mainFile === 'not-read' ? DROP_IN : MAIN, kind: 'file' as const };
        const after = resolve([{ ...only, text: won.map(renderSetting).join('\n') }], traits);
        expect(after.attempts.map(({ key, value }) => ({ key, value, why: [] }))).toEqual(won);
        expect(after.messages).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
