import { expect, test } from '@jest/globals';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { hostOf } from '../rules/host.ts';
import { dropInLines, liveChanges, planFor, profile, untouched } from './planned.ts';

const KEY = 'net.core.somaxconn';
const UFW = '/etc/ufw/sysctl.conf';
const ENABLED = { '/etc/ufw/ufw.conf': 'ENABLED=yes\n' };
const wanted = profile('web', [KEY, 'at-least', 8192]);
const tuned: OtherWriter = {
  by: 'tuned',
  key: KEY,
  value: '2048',
  relation: 'exactly',
  file: '/etc/tuned/mine/tuned.conf',
  line: 3,
  when: 'after-loader',
  how: 'setting',
  sure: true,
};
const RERUN: OtherWriter = {
  by: 'tuned',
  key: '*',
  relation: 'exactly',
  file: '/etc/tuned/tuned-main.conf',
  when: 'after-loader',
  how: 'rerun',
  sure: true,
};

function planned(
  otherWriters: readonly OtherWriter[],
  files: Readonly<Record<string, string>> = {},
  persist = true,
) {
  const host = hostOf({ sysctls: { [KEY]: 128 }, files, otherWriters });
  const plan = planFor(untouched(host), wanted, { persist });
  return {
    conflicts: plan.conflicts,
    warnings: plan.warnings.map(({ message }) => message),
    lines: dropInLines(plan),
    live: liveChanges(plan),
  };
}

const SET = { lines: [`${KEY} = 8192`], live: { [KEY]: '8192' }, conflicts: [], warnings: [] };

test('another program that sets another value at each boot is a conflict, with file and line and ways out', () => {
  const { conflicts, lines, live } = planned([], { ...ENABLED, [UFW]: '# x\nnet/core/somaxconn=512\n' });
  expect(conflicts).toMatchObject([
    {
      kind: 'won-back',
      key: KEY,
      at: { file: UFW, line: 2 },
      message: `${KEY} = 8192 would not last: ufw sets it to 512 after the sysctl files are applied (${UFW}:2)`,
      ways: [
        `set ${KEY} to 8192 in ${UFW}:2, or delete the line`,
        'change the running kernel only, until then: --no-persist',
      ],
    },
  ]);
  expect({ lines, live }).toEqual({ lines: null, live: {} });
});

test('a value that meets the requirement as well is none', () => {
  expect(planned([], { ...ENABLED, [UFW]: 'net/core/somaxconn=9000\n' })).toEqual(SET);
});

test.each<readonly [string, readonly OtherWriter[]]>([
  ['what only raises', [{ ...tuned, relation: 'at-least' }]],
  ['a profile behind which our drop-in is applied again', [tuned, RERUN]],
  ['the kernel command line', [{ ...tuned, by: 'kernel-command-line', when: 'before-loader' }]],
])('%s takes nothing back', (_name, others) => {
  expect(planned(others)).toEqual(SET);
});

test('two that set other values, and nothing says which comes last, are a warning', () => {
  const docker: OtherWriter = { ...tuned, by: 'docker', value: '512', file: '/etc/docker/daemon.json' };
  expect(planned([tuned, docker])).toEqual({
    ...SET,
    warnings: [
      `TuneD may set ${KEY} to 2048 after the sysctl files are applied (/etc/tuned/mine/tuned.conf:3); so may Docker (/etc/docker/daemon.json:3)`,
    ],
  });
});

test('a line that TuneD applies behind our drop-in is a conflict where the loader passes it over', () => {
  const { conflicts } = planned([RERUN], { '/etc/sysctl.conf': `${KEY} = 512\n` });
  expect(conflicts).toMatchObject([{ kind: 'won-back', at: { file: '/etc/sysctl.conf', line: 1 } }]);
});

test('a line that another line beats is told once', () => {
  const files = {
    '/etc/sysctl.d/99-x.conf': `${KEY} = 128\n`,
    ...ENABLED,
    [UFW]: 'net/core/somaxconn=512\n',
  };
  expect(planned([], files).conflicts.map(({ kind }) => kind)).toEqual(['shadowed']);
});

test('what may set it is a warning', () => {
  const may = { ...tuned, sure: false, by: 'rc-local', file: '/etc/rc.local', how: 'command' } as const;
  const { line: _line, ...cron } = { ...may, by: 'cron', file: '/etc/crontab', when: 'at-times' } as const;
  const { warnings, ...rest } = planned([may, cron]);
  expect(warnings).toEqual([
    `rc.local may set ${KEY} to 2048 after the sysctl files are applied (/etc/rc.local:3); so may cron (/etc/crontab)`,
  ]);
  expect(rest).toMatchObject({ lines: SET.lines, live: SET.live, conflicts: [] });
});

test('for the running kernel alone it is a change until the next boot', () => {
  const { conflicts, live, warnings } = planned([tuned], {}, false);
  expect({ conflicts, live, warnings }).toEqual({ conflicts: [], live: { [KEY]: '8192' }, warnings: [] });
});

test('a value that the boot brings by itself, and another program then takes away', () => {
  const host = hostOf({
    kernel: '6.12.0',
    sysctls: { [KEY]: 128 },
    files: {},
    otherWriters: [{ ...tuned, value: '512' }],
  });
  const { warnings, steps } = planFor(untouched(host), profile('web', [KEY, 'at-least', 4096]));
  expect(steps.map(({ kind }) => kind)).toEqual(['live']);
  expect(warnings.map(({ message }) => message)).toEqual([
    `${KEY} = 4096 stands until the next boot only: TuneD sets it to 512 after the sysctl files are applied (/etc/tuned/mine/tuned.conf:3)`,
  ]);
});
