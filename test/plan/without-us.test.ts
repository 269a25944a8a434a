import { expect, test } from '@jest/globals';
import { assess } from '../../src/assess/assess.ts';
import type { Written } from '../../src/plan/ours.ts';
import { withoutUs } from '../../src/plan/without-us.ts';
import { hostOf } from '../rules/host.ts';
import { DROP_IN } from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';

type Case = {
  readonly name: string;
  readonly live: number;
  readonly written?: Partial<Written>;
  /** What our drop-in sets. */
  readonly dropIn?: number;
  readonly file?: string;
  readonly kernel?: string;
  readonly base: string | null;
  readonly boot: string;
};

const LATER = { sameBoot: false, sameKernelAndMemory: true };

const CASES: readonly Case[] = [
  { name: 'nothing of ours', live: 512, base: '512', boot: 'kernel 4096' },
  { name: 'a file of somebody else', live: 512, file: '1024', base: '512', boot: 'file 1024' },
  { name: 'our write of this boot', live: 8192, written: {}, base: '128', boot: 'kernel 4096' },
  { name: 'somebody wrote after us', live: 9999, written: {}, base: '9999', boot: 'kernel 4096' },
  {
    name: 'our drop-in loaded at boot',
    live: 8192,
    written: LATER,
    dropIn: 8192,
    base: '4096',
    boot: 'kernel 4096',
  },
  {
    name: 'a file beside it',
    live: 8192,
    written: LATER,
    dropIn: 8192,
    file: '512',
    base: '512',
    boot: 'file 512',
  },
  {
    name: 'somebody wrote after that boot',
    live: 7,
    written: LATER,
    dropIn: 8192,
    base: '7',
    boot: 'kernel 4096',
  },
  { name: 'a drop-in without a journal', live: 8192, dropIn: 8192, base: '4096', boot: 'kernel 4096' },
  {
    name: 'an unknown kernel, the same one',
    live: 8192,
    written: LATER,
    kernel: 'x',
    base: '128',
    boot: 'kernel 128',
  },
  {
    name: 'an unknown kernel, another one',
    live: 8192,
    written: { sameBoot: false, sameKernelAndMemory: false },
    kernel: 'x',
    base: null,
    boot: 'unknown',
  },
];

test.each(CASES.map((each) => [each.name, each] as const))('%s', (_name, each) => {
  const files =
    each.file === undefined ? {} : { '/etc/sysctl.d/50-site.conf': `${SOMAXCONN} = ${each.file}\n` };
  const snapshot = hostOf({
    sysctls: { [SOMAXCONN]: each.live },
    files,
    ...(each.kernel === undefined ? {} : { kernel: each.kernel }),
  });
  const assessment = assess(snapshot);
  const [namespace] = assessment.namespaces;
  if (namespace === undefined) throw new Error('no namespace');
  const written: Written = {
    baseline: '128',
    value: '8192',
    sameBoot: true,
    sameKernelAndMemory: true,
    ...each.written,
  };
  const found = withoutUs(SOMAXCONN, {
    live: true,
    namespace,
    foreign: assessment.resolution,
    dropInValues: new Map(each.dropIn === undefined ? [] : [[SOMAXCONN, String(each.dropIn)]]),
    ours: {
      dropIn: { path: DROP_IN, state: null },
      written: new Map(each.written === undefined ? [] : [[SOMAXCONN, written]]),
    },
  });
  expect(found?.base).toBe(each.base);
  const boot = found?.boot;
  expect(boot === undefined || boot.kind === 'unknown' ? 'unknown' : `${boot.kind} ${boot.value}`).toBe(
    each.boot,
  );
});
