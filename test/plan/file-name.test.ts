import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assess } from '../../src/assess/assess.ts';
import { dropInValues } from '../../src/plan/drop-in.ts';
import { isMarked } from '../../src/sysctl/own-drop-in.ts';
import { hostOf } from '../rules/host.ts';
import {
  carriedOut,
  DROP_IN,
  type Managed,
  planFor,
  profile,
  stateOf,
  toBeCalled,
  untouched,
} from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';
const FIN = 'net.ipv4.tcp_fin_timeout';
const SYSCTLS = { [SOMAXCONN]: 128, [FIN]: 60 };
const WANTED = profile('p', [SOMAXCONN, 'exactly', 8192], [FIN, 'exactly', 90]);

type Host = Parameters<typeof hostOf>[0];

function hostWith(files: NonNullable<Host['files']>, loader?: 'procps'): Managed {
  return untouched(hostOf({ sysctls: SYSCTLS, files, ...(loader === undefined ? {} : { loader }) }));
}

function ourFiles({ snapshot }: Managed): readonly string[] {
  return (snapshot.sysctlFiles ?? []).filter(({ text }) => isMarked(text)).map(({ path }) => path);
}

describe('a drop-in that gets another name', () => {
  const before = carriedOut(hostWith({}), planFor(hostWith({}), WANTED));
  const renamed = toBeCalled('99-zz.conf', before);

  test('is made under it and then removed under the old one, in one plan', () => {
    const { steps } = planFor(renamed, WANTED);
    expect(steps).toMatchObject([
      { target: { path: '/etc/sysctl.d/99-zz.conf' }, from: null, to: before.ours.dropIn.state },
      { target: { path: DROP_IN }, from: before.ours.dropIn.state, to: null },
    ]);
  });

  test('is removed under the old one where nothing is left to set', () => {
    expect(planFor(renamed, []).steps.filter(({ kind }) => kind === 'file')).toMatchObject([
      { target: { path: DROP_IN }, to: null },
    ]);
  });

  test('keeps the lines that stand where nothing is taken back', () => {
    const made = planFor(renamed, profile('q', [SOMAXCONN, 'at-least', 9000]), { withdraw: false });
    const { dropIn } = carriedOut(renamed, made).ours;
    expect(dropIn.path).toBe('/etc/sysctl.d/99-zz.conf');
    expect([...dropInValues(dropIn.state?.text ?? '', dropIn.path)]).toEqual([
      [SOMAXCONN, '9000'],
      [FIN, '90'],
    ]);
  });
});

describe('a line that another file beats', () => {
  type Case = readonly [
    what: string,
    files: NonNullable<Host['files']>,
    loader: 'procps' | undefined,
    fileName: string | undefined,
  ];
  test.each<Case>([
    ['by its name', { '/etc/sysctl.d/99-site.conf': `${SOMAXCONN}=1\n` }, undefined, '99-zz-backlogctl.conf'],
    [
      'in another directory',
      { '/usr/lib/sysctl.d/95.conf': `${FIN}=1\n` },
      undefined,
      '99-zz-backlogctl.conf',
    ],
    [
      'that takes the key back',
      { '/etc/sysctl.d/99-x.conf': `-${FIN}\n` },
      undefined,
      '99-zz-backlogctl.conf',
    ],
    ['behind 99-zz', { '/etc/sysctl.d/yy.conf': `${SOMAXCONN}=1\n` }, undefined, 'zz-backlogctl.conf'],
    ['behind zz', { '/etc/sysctl.d/zzz.conf': `${SOMAXCONN}=1\n` }, undefined, 'zzz_backlogctl.conf'],
    [
      'where the first name is taken',
      { '/etc/sysctl.d/99-x.conf': `${FIN}=1\n`, '/usr/lib/sysctl.d/99-zz-backlogctl.conf': '' },
      undefined,
      'zz-backlogctl.conf',
    ],
    [
      'that is sysctl.conf, which procps reads last',
      { '/etc/sysctl.conf': `${FIN}=1\n` },
      'procps',
      undefined,
    ],
    [
      'and one more that no name can be read after',
      { '/etc/sysctl.d/99-x.conf': `${SOMAXCONN}=1\n`, '/etc/sysctl.conf': `${FIN}=1\n` },
      'procps',
      undefined,
    ],
  ])('%s', (_what, files, loader, fileName) => {
    const host = hostWith(files, loader);
    const { conflicts } = planFor(host, WANTED);
    expect(conflicts.length).toBeGreaterThan(0);
    for (const conflict of conflicts) {
      expect(conflict).toMatchObject({ kind: 'shadowed' });
      expect(conflict.fileName).toBe(fileName);
      expect(conflict.ways.some((way) => way.includes('--file-name'))).toBe(fileName !== undefined);
      expect(conflict.ways.at(-1)).toMatch(/--on-conflict skip$/);
    }
  });
});

const name = fc.constantFrom('10-a', '90-b', '91-c', '99-sysctl', '99-zz-a', 'aa', 'zz-a', 'zzz', 'ZZ', '~');
const path = fc
  .tuple(fc.constantFrom('/etc/sysctl.d', '/usr/lib/sysctl.d'), name)
  .map(([directory, each]) => `${directory}/${each}.conf`);
const lines = fc
  .array(
    fc.constantFrom(
      `${SOMAXCONN} = 1`,
      `${SOMAXCONN} = 8192`,
      `${FIN} = 7`,
      `-${FIN}`,
      `-${SOMAXCONN} = 2`,
      'net.core.* = 3',
      'net.ipv4.tcp_*_timeout = 3',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((each) => `${each.join('\n')}\n`);
const tree = fc
  .array(fc.tuple(fc.oneof({ weight: 9, arbitrary: path }, fc.constant('/etc/sysctl.conf')), lines), {
    maxLength: 5,
  })
  .map((entries) => Object.fromEntries(entries));
const loader = fc.constantFrom('procps' as const, undefined);

test('a name that is offered settles every conflict, and the boot brings what was asked for', () => {
  let offered = 0;
  fc.assert(
    fc.property(tree, loader, (files, by) => {
      const host = hostWith(files, by);
      const fileName = planFor(host, WANTED).conflicts.find((each) => each.fileName !== undefined)?.fileName;
      if (fileName === undefined) return;
      offered += 1;
      const renamed = toBeCalled(fileName, host);
      const made = planFor(renamed, WANTED);
      expect(made.conflicts).toEqual([]);
      const { resolution } = assess(carriedOut(renamed, made).snapshot);
      expect(resolution?.bootValue(SOMAXCONN)).toMatchObject({ kind: 'set', value: '8192' });
      expect(resolution?.bootValue(FIN)).toMatchObject({ kind: 'set', value: '90' });
    }),
    { numRuns: 1000 },
  );
  expect(offered).toBeGreaterThan(100);
});

test('whatever names it had, one file of ours stands in the end, and the host is as under the last name alone', () => {
  const names = fc.array(fc.constantFrom('90-backlogctl.conf', '99-zz.conf', '10-first.conf'), {
    minLength: 1,
    maxLength: 4,
  });
  const amounts = fc.tuple(fc.integer({ min: 200, max: 9000 }), fc.integer({ min: 5, max: 50 }));
  fc.assert(
    fc.property(names, amounts, (called, [somaxconn, timeout]) => {
      const wanted = profile('p', [SOMAXCONN, 'exactly', somaxconn], [FIN, 'exactly', timeout]);
      const apply = (host: Managed, as: string, asked = wanted) => {
        const renamed = toBeCalled(as, host);
        return carriedOut(renamed, planFor(renamed, asked, { allowLower: true }));
      };
      const last = called.at(-1) ?? '';
      const done = called.reduce<Managed>((host, as) => apply(host, as), hostWith({}));
      expect(ourFiles(done)).toEqual([`/etc/sysctl.d/${last}`]);
      expect(stateOf(done)).toEqual(stateOf(apply(hostWith({}), last)));
      expect(planFor(done, wanted, { allowLower: true }).steps).toEqual([]);
      const away = apply(done, called.at(0) ?? '', []);
      expect(ourFiles(away)).toEqual([]);
      expect(stateOf(away)).toEqual(stateOf(hostWith({})));
    }),
    { numRuns: 300 },
  );
});
