import type { Plan } from '../../src/plan/plan.ts';
import { type MemoryDisk, memoryDisk } from '../tools/memory-disk.ts';
import { recordingReverter } from '../tools/reverter.ts';
import {
  applying,
  confirming,
  DROP_IN,
  file,
  live,
  planOf,
  type Run,
  type RunOptions,
  recovering,
  rollingBack,
  takingOver,
} from './host.ts';

const OLD_TEXT = '# old\nnet.core.somaxconn = 1024\n';
const NEW_TEXT = `# new
net.core.somaxconn = 8192
net.ipv4.tcp_rmem = 8192 262144 16777216
net.ipv4.tcp_fin_timeout = 30
`;
const OTHER = '/etc/sysctl.d/80-other.conf';

export const RENAMED = '/etc/sysctl.d/99-zz.conf';

const LIVE = [
  live('net.core.somaxconn', '1024', '8192'),
  live('net.ipv4.tcp_rmem', '4096\t131072\t6291456', '8192 262144 16777216'),
  live('net.ipv4.tcp_fin_timeout', '60', '30'),
];
export const PLAN = planOf([
  ...LIVE,
  file(DROP_IN, OLD_TEXT, NEW_TEXT),
  file(OTHER, null, 'net.ipv4.tcp_sack = 1\n'),
]);
const RENAMING = planOf([...LIVE, file(RENAMED, null, NEW_TEXT), file(DROP_IN, OLD_TEXT, null)]);

const NOW = '1000.00 900.00\n';
export const ONCE_OVER = '1300.00 900.00\n';
const WINDOW_MS = 300_000;

const CONF = '/etc/sysctl.conf';
const CONF_TEXT = '# theirs\nnet.core.somaxconn = 512\nnet.ipv4.tcp_fin_timeout = 5\nvm.swappiness = 1';
const TAKING = planOf([
  ...LIVE,
  file(DROP_IN, OLD_TEXT, NEW_TEXT),
  takingOver(CONF, CONF_TEXT, 'net.core.somaxconn', 2, 3),
]);

export function startDisk(): MemoryDisk {
  return memoryDisk(
    {
      [DROP_IN]: OLD_TEXT,
      '/var/lib/x': '',
      '/etc/sysctl.d/50-site.conf': '# site\n',
      [CONF]: CONF_TEXT,
      '/proc/uptime': NOW,
    },
    {
      'net/core/somaxconn': '1024',
      'net/ipv4/tcp_rmem': '4096\t131072\t6291456',
      'net/ipv4/tcp_fin_timeout': '60',
    },
  );
}

/** A disk on which the plan was applied. */
export async function appliedDisk(plan: Plan): Promise<MemoryDisk> {
  const disk = startDisk();
  await applying(disk, plan);
  return disk;
}

/** A disk on which the plan waits to be confirmed. */
async function waitingDisk(plan: Plan): Promise<MemoryDisk> {
  const disk = startDisk();
  await applying(disk, plan, { window: { milliseconds: WINDOW_MS, reverter: recordingReverter() } });
  return disk;
}

/** The next run, once the time of whatever waits is over. */
export async function settled(disk: MemoryDisk): Promise<void> {
  disk.set('/proc/uptime', ONCE_OVER);
  await recovering(disk);
  disk.set('/proc/uptime', NOW);
}

/** What befalls one run. */
export type Hardship = Pick<RunOptions, 'fault' | 'through'>;

type Act = (disk: MemoryDisk, hardship: Hardship) => Promise<Run<unknown>>;
export type Driven = readonly [
  what: string,
  plan: Plan,
  start: () => MemoryDisk | Promise<MemoryDisk>,
  act: Act,
];

function applied(plan: Plan): Act {
  return (disk, hardship) => applying(disk, plan, hardship);
}

function appliedFor(plan: Plan): Act {
  return (disk, hardship) =>
    applying(disk, plan, { ...hardship, window: { milliseconds: WINDOW_MS, reverter: recordingReverter() } });
}

const CONFIRMED: Act = (disk, hardship) => confirming(disk, hardship);

/** What the timer does. */
const REVERTED: Act = async (disk, hardship) => {
  disk.set('/proc/uptime', ONCE_OVER);
  return recovering(disk, hardship);
};

const TAKEN_BACK: Act = (disk, hardship) => rollingBack(disk, hardship);

/** Everything that changes a host, and where it starts. */
export const ACTS: readonly Driven[] = [
  ['apply', PLAN, startDisk, applied(PLAN)],
  ['rollback', PLAN, () => appliedDisk(PLAN), TAKEN_BACK],
  ['apply of a new name', RENAMING, startDisk, applied(RENAMING)],
  ['apply with a window', PLAN, startDisk, appliedFor(PLAN)],
  ['confirm', PLAN, () => waitingDisk(PLAN), CONFIRMED],
  ['revert', PLAN, () => waitingDisk(PLAN), REVERTED],
  ['apply that takes lines over', TAKING, startDisk, applied(TAKING)],
  ['apply with a window that takes lines over', TAKING, startDisk, appliedFor(TAKING)],
  ['confirm of lines that are taken over', TAKING, () => waitingDisk(TAKING), CONFIRMED],
  ['rollback of lines that were taken over', TAKING, () => appliedDisk(TAKING), TAKEN_BACK],
  ['rollback of a new name', RENAMING, () => appliedDisk(RENAMING), TAKEN_BACK],
];
