import { expect, test } from '@jest/globals';
import { writerSources } from '../../../src/collect/writers/sources.ts';
import { type MemoryTree, memoryHost } from '../../tools/memory-host.ts';
import { enabled, masked, SHIPPED, WANTS } from './writers.ts';

const ETC = '/etc/systemd/system';
const UNIT = 'x.service';
const INSTALLED: MemoryTree = { [`${SHIPPED}/${UNIT}`]: '[Unit]\n' };
const SIGN = '/run/x';

/** `yes` or `may`, with what says so. */
function startOf(tree: MemoryTree): string {
  const start = writerSources(memoryHost({ tree }).reader).startsAtBoot(UNIT, SIGN);
  return start === null ? 'no' : `${start.sure ? 'yes' : 'may'}, ${start.file}`;
}

const link = { link: `${SHIPPED}/${UNIT}` };
const YES = `yes, ${WANTS}/${UNIT}`;
const MAY = `may, ${WANTS}/${UNIT}`;
const wantedBy = (by: string, directory = ETC): MemoryTree => ({ [`${directory}/${by}/${UNIT}`]: link });
const socket: MemoryTree = {
  [`${SHIPPED}/x.socket`]: '[Socket]\n',
  [`${ETC}/sockets.target.wants/x.socket`]: { link: `${SHIPPED}/x.socket` },
};
const withText = (text: string): MemoryTree => ({ ...enabled(UNIT), [`${SHIPPED}/${UNIT}`]: text });

test.each<readonly [string, MemoryTree, string]>([
  ['enabled', enabled(UNIT), YES],
  ['installed', INSTALLED, 'no'],
  ['whose file is gone', { [`${WANTS}/${UNIT}`]: link }, 'no'],
  ['masked', { ...enabled(UNIT), ...masked(UNIT) }, 'no'],
  [
    'masked by a relative link',
    { ...enabled(UNIT), [`${ETC}/${UNIT}`]: { link: '../../../../dev/null' } },
    'no',
  ],
  ['masked by an empty file of its package', { ...enabled(UNIT), [`${SHIPPED}/${UNIT}`]: '' }, 'no'],
  [
    'masked until the next boot',
    { ...enabled(UNIT), [`/run/systemd/system/${UNIT}`]: { link: '/dev/null' } },
    YES,
  ],
  [
    'masked, with a unit of the host in front',
    { ...enabled(UNIT), [`${SHIPPED}/${UNIT}`]: '', [`${ETC}/${UNIT}`]: '[Unit]\n' },
    YES,
  ],
  ['masked, and it runs', { ...enabled(UNIT), ...masked(UNIT), [SIGN]: '' }, 'no'],
  ['that runs', { ...INSTALLED, [SIGN]: '' }, `may, ${SIGN}`],
  ['that nothing tells of but that it runs', { [SIGN]: '' }, `may, ${SIGN}`],
  [
    'that whoever connects starts',
    { ...INSTALLED, ...socket, [SIGN]: '' },
    `may, ${ETC}/sockets.target.wants/x.socket`,
  ],
  ['whose socket is masked', { ...INSTALLED, ...socket, ...masked('x.socket') }, 'no'],
  ['with a socket alone', socket, 'no'],
  [
    'enabled by its package',
    { ...INSTALLED, ...wantedBy('sysinit.target.wants', SHIPPED) },
    `yes, ${SHIPPED}/sysinit.target.wants/${UNIT}`,
  ],
  [
    'enabled by its package, the link masked',
    {
      ...INSTALLED,
      ...wantedBy('sysinit.target.wants', SHIPPED),
      [`${ETC}/sysinit.target.wants/${UNIT}`]: { link: '/dev/null' },
    },
    'no',
  ],
  [
    'required',
    { ...INSTALLED, ...wantedBy('basic.target.requires') },
    `yes, ${ETC}/basic.target.requires/${UNIT}`,
  ],
  [
    'enabled by a generator',
    { ...INSTALLED, ...wantedBy('multi-user.target.wants', '/run/systemd/generator') },
    `yes, /run/systemd/generator/multi-user.target.wants/${UNIT}`,
  ],
  [
    'enabled until the next boot',
    { ...INSTALLED, ...wantedBy('multi-user.target.wants', '/run/systemd/system') },
    'no',
  ],
  ['started as the host sleeps', { ...INSTALLED, ...wantedBy('suspend.target.wants') }, 'no'],
  ['started as the host goes down', { ...INSTALLED, ...wantedBy('systemd-reboot.service.wants') }, 'no'],
  [
    'wanted by what may not start',
    { ...INSTALLED, ...wantedBy('printer.target.wants') },
    `may, ${ETC}/printer.target.wants/${UNIT}`,
  ],
  [
    'wanted by both',
    { ...INSTALLED, ...wantedBy('a.target.wants'), ...wantedBy('timers.target.wants') },
    `yes, ${ETC}/timers.target.wants/${UNIT}`,
  ],
  [
    'wanted by the target of the boot',
    {
      ...INSTALLED,
      ...wantedBy('graphical.target.wants'),
      [`${SHIPPED}/default.target`]: { link: 'graphical.target' },
    },
    `yes, ${ETC}/graphical.target.wants/${UNIT}`,
  ],
  [
    'wanted by another one than the host has chosen',
    {
      ...INSTALLED,
      ...wantedBy('graphical.target.wants'),
      [`${SHIPPED}/default.target`]: { link: 'graphical.target' },
      [`${ETC}/default.target`]: { link: `${SHIPPED}/multi-user.target` },
    },
    `may, ${ETC}/graphical.target.wants/${UNIT}`,
  ],
  ['with a condition', withText('[Unit]\nConditionPathExists=/x\n'), MAY],
  ['with an assertion', withText('[Unit]\nAssertPathExists=/x\n'), MAY],
  ['with a condition that holds on any host', withText('[Unit]\nConditionCapability=CAP_NET_ADMIN\n'), YES],
  ['with the contrary of it', withText('[Unit]\nConditionCapability=!CAP_NET_ADMIN\n'), MAY],
  [
    'with a condition in a drop-in',
    { ...enabled(UNIT), [`${ETC}/${UNIT}.d/a.conf`]: '[Unit]\nConditionHost=x\n' },
    MAY,
  ],
  [
    'with a condition that a drop-in takes back',
    {
      ...withText('[Unit]\nConditionHost=x\n'),
      [`${ETC}/${UNIT}.d/a.conf`]: '[Unit]\nConditionPathExists=\n',
    },
    YES,
  ],
  [
    'that cannot be read',
    { ...enabled(UNIT), [`${SHIPPED}/${UNIT}`]: { text: '[Unit]', denied: true } },
    MAY,
  ],
])('a unit %s', (_what, tree, expected) => {
  expect(startOf(tree)).toBe(expected);
});
