import { expect, test } from '@jest/globals';
import { assess } from '../../../src/assess/assess.ts';
import { keepAtBoot, requireSetting } from '../../../src/rules/support/settings.ts';
import { DROP_IN_MARK } from '../../../src/sysctl/own-drop-in.ts';
import { hostOf, NETNS } from '../host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const RMEM = 'net.ipv4.tcp_rmem';
const OURS = `${DROP_IN_MARK}\n${SOMAXCONN} = 8192\n`;
const line = (value: string | number, key = SOMAXCONN) => `# ours\n${key} = ${value}\n`;

type Case = {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly loader?: 'procps';
  readonly wanted?: readonly [key: string, relation: 'at-least' | 'at-most' | 'exactly', value: string];
  readonly stands: readonly string[];
};

const CASES: readonly Case[] = [
  { name: 'no line', files: {}, stands: [] },
  {
    name: 'a file that is read before the drop-in',
    files: { '/etc/sysctl.d/50-local.conf': line(128), '/usr/lib/sysctl.d/10-x.conf': line(128) },
    stands: [],
  },
  {
    name: 'a later file',
    files: { '/etc/sysctl.d/99-local.conf': line(128) },
    stands: ['/etc/sysctl.d/99-local.conf:2'],
  },
  {
    name: 'a later file in another directory, which says what an earlier one says',
    files: { '/etc/sysctl.d/10-a.conf': line(128), '/usr/lib/sysctl.d/99-vendor.conf': line(128) },
    stands: ['/usr/lib/sysctl.d/99-vendor.conf:2'],
  },
  {
    name: 'two later files: without the one the other would win',
    files: { '/etc/sysctl.d/95-a.conf': line(128), '/etc/sysctl.d/99-b.conf': line(256) },
    stands: ['/etc/sysctl.d/95-a.conf:2', '/etc/sysctl.d/99-b.conf:2'],
  },
  {
    name: 'a later file that asks for more',
    files: { '/etc/sysctl.d/95-a.conf': line(128), '/etc/sysctl.d/99-b.conf': line('0x2000') },
    stands: [],
  },
  {
    name: 'a later file that the kernel refuses',
    files: { '/etc/sysctl.d/99-local.conf': line('many') },
    stands: [],
  },
  {
    name: '/etc/sysctl.conf, which systemd passes over',
    files: { '/etc/sysctl.conf': line(128) },
    stands: [],
  },
  {
    name: '/etc/sysctl.conf, which procps reads last',
    files: { '/etc/sysctl.conf': line(128) },
    loader: 'procps',
    stands: ['/etc/sysctl.conf:2'],
  },
  {
    name: 'a pattern, which an explicit line beats',
    files: { '/etc/sysctl.d/99-local.conf': 'net.core.so* = 128\n' },
    stands: [],
  },
  {
    name: 'a later exclusion',
    files: { '/etc/sysctl.d/99-local.conf': `-${SOMAXCONN}\n` },
    stands: ['/etc/sysctl.d/99-local.conf:1'],
  },
  {
    name: 'a line before our drop-in, which is called otherwise',
    files: { '/etc/sysctl.d/99-local.conf': line(128), '/etc/sysctl.d/99-zz.conf': OURS },
    stands: [],
  },
  {
    name: 'a line behind our drop-in, which is called otherwise',
    files: { '/etc/sysctl.d/60-local.conf': line(128), '/etc/sysctl.d/50-x.conf': OURS },
    stands: ['/etc/sysctl.d/60-local.conf:2'],
  },
  {
    name: 'sysctl.conf, which procps reads last, whatever our drop-in is called',
    files: { '/etc/sysctl.conf': line(128), '/etc/sysctl.d/zz.conf': OURS },
    loader: 'procps',
    stands: ['/etc/sysctl.conf:2'],
  },
  {
    name: 'a vector with one number below',
    files: { '/etc/sysctl.d/99-local.conf': line('4096 65536 6291456', RMEM) },
    wanted: [RMEM, 'at-least', '4096 131072 6291456'],
    stands: ['/etc/sysctl.d/99-local.conf:2'],
  },
  {
    name: 'another value than exactly this one',
    files: { '/etc/sysctl.d/99-local.conf': line(2, 'net.ipv4.tcp_syncookies') },
    wanted: ['net.ipv4.tcp_syncookies', 'exactly', '1'],
    stands: ['/etc/sysctl.d/99-local.conf:2'],
  },
  {
    name: 'more than at most',
    files: { '/etc/sysctl.d/99-local.conf': line(5000) },
    wanted: [SOMAXCONN, 'at-most', '4096'],
    stands: ['/etc/sysctl.d/99-local.conf:2'],
  },
];

function standing({ files, loader, wanted }: Case, filesApply = true): readonly string[] {
  const [key, relation, value] = wanted ?? ([SOMAXCONN, 'at-least', '4096'] as const);
  const { resolution, writers, ownDropIn } = assess(
    hostOf({ files, ...(loader === undefined ? {} : { loader }) }),
  );
  const place = { netns: NETNS, environment: 'host', filesApply } as const;
  const remedies = [requireSetting(place, { key, relation, value, because: [] })];
  return keepAtBoot(remedies, { resolution, writers, filesApply, ownDropIn }).flatMap((remedy) =>
    remedy.kind === 'delete-line' && remedy.purpose === 'persistence'
      ? [`${remedy.at.file}:${remedy.at.line}`]
      : [],
  );
}

test.each(CASES)('what stands in the way of a requirement: $name', (each) => {
  expect(standing(each)).toEqual(each.stands);
});

test.each(CASES)('no file reaches another network namespace: $name', (each) => {
  expect(standing(each, false)).toEqual([]);
});

test('a line that is deleted for itself is named once', () => {
  const file = '/etc/sysctl.d/99-local.conf';
  const { resolution, writers, ownDropIn } = assess(hostOf({ files: { [file]: line(128) } }));
  const place = { netns: NETNS, environment: 'host', filesApply: true } as const;
  const wanted = { key: SOMAXCONN, relation: 'at-least', value: '4096', because: [] } as const;
  const deletion = {
    kind: 'delete-line',
    at: { file, line: 2 },
    purpose: 'bad-setting',
    instruction: [],
  } as const;
  const remedies = [requireSetting(place, wanted), deletion];
  expect(keepAtBoot(remedies, { resolution, writers, filesApply: true, ownDropIn })).toEqual(remedies);
});

test.each([
  ['the other manager sets less', 'net/core/somaxconn=128\n', ['/etc/ufw/sysctl.conf:1']],
  ['it sets as much', 'net/core/somaxconn=8192\n', []],
  ['it says nothing of the key', 'net/ipv4/tcp_sack=1\n', []],
])('another manager writes after the loader: %s', (_name, text, expected) => {
  const { resolution, writers, ownDropIn } = assess(
    hostOf({ files: { '/etc/ufw/sysctl.conf': text, '/etc/ufw/ufw.conf': 'ENABLED=yes\n' } }),
  );
  const place = { netns: NETNS, environment: 'host', filesApply: true } as const;
  const wanted = requireSetting(place, { key: SOMAXCONN, relation: 'at-least', value: '4096', because: [] });
  const named = keepAtBoot([wanted], { resolution, writers, filesApply: true, ownDropIn }).flatMap(
    (remedy) => (remedy.kind === 'change-other-manager' ? [`${remedy.at?.file}:${remedy.at?.line}`] : []),
  );
  expect(named).toEqual(expected);
});
