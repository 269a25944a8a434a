import type { FileState, LiveStep, Plan } from '../../src/plan/plan.ts';
import { planOf as planOnFacts, takingOver } from '../apply/host.ts';

const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const OLD: FileState = { text: '# old\nnet.core.somaxconn = 1024\n', mode: '0600', uid: 0, gid: 0 };
const NEW: FileState = { text: '# new\nnet.core.somaxconn = 8192\n', mode: '0644', uid: 0, gid: 0 };

const VALUES: readonly (readonly [key: string, from: string, to: string])[] = [
  ['net.core.somaxconn', '1024', '8192'],
  ['net.ipv4.tcp_rmem', '4096 131072 6291456', '8192 262144 16777216'],
  ['net.ipv4.tcp_wmem', '4096 16384 4194304', '8192 32768 16777216'],
  ['net.ipv4.ip_local_port_range', '32768 60999', '20000 50000'],
  ['net.ipv4.tcp_fin_timeout', '60', '30'],
  ['net.ipv4.tcp_max_syn_backlog', '128', '4096'],
  ['net.ipv4.tcp_synack_retries', '5', '3'],
  ['net.ipv4.tcp_abort_on_overflow', '1', '0'],
  ['net.ipv4.tcp_keepalive_time', '7200', '600'],
  ['net.ipv4.tcp_keepalive_probes', '9', '5'],
  ['net.ipv4.tcp_slow_start_after_idle', '1', '0'],
  ['net.ipv4.tcp_notsent_lowat', '4294967295', '131072'],
];

function liveSteps(netns: string): readonly LiveStep[] {
  return VALUES.map(([key, from, to]) => ({
    id: `live:${key}`,
    kind: 'live',
    target: { netns, key },
    from,
    to,
    because: [],
  }));
}

const RENAMED = '/etc/sysctl.d/99-zz.conf';

/** Of no machine, so that it may be carried out on any. */
function planOf(steps: Plan['steps']): Plan {
  return { ...planOnFacts(steps), host: { machineId: null, kernel: 'test', memoryBytes: null } };
}

function fileStep(path: string, from: FileState | null, to: FileState | null): Plan['steps'][number] {
  return { id: `file:${path}`, kind: 'file', target: { path }, from, to, because: [] };
}

const ZZ = '/etc/sysctl.d/zz.conf';
const ZZ_TEXT = '# theirs\nnet.core.somaxconn = 512\nvm.swappiness = 1\n';
const TAKING = takingOver(ZZ, ZZ_TEXT, 'net.core.somaxconn', 2);

export function replacingPlan(netns: string): Plan {
  return planOf([...liveSteps(netns), fileStep(DROP_IN, OLD, NEW), TAKING]);
}

export function renamingPlan(netns: string): Plan {
  const files = [fileStep(RENAMED, null, NEW), fileStep(DROP_IN, OLD, null)];
  return planOf([...liveSteps(netns).slice(0, 1), ...files]);
}

const VALUES_BACK = VALUES.map(([key, from]) => `'${key}=${from}'`).join(' ');
/** As before the plan, with no journal. */
export const RESET = `sysctl -q -w ${VALUES_BACK}
rm -rf /var/lib/backlogctl; find /etc/sysctl.d -type f -delete
printf '%s' "$OLD" >${DROP_IN}; chmod 600 ${DROP_IN}; printf '%s' "$ZZ" >${ZZ}`;
const KEYS = VALUES.map(([key]) => key).join(' ');
/** The world and the journal as they are now, to begin there once more. */
export const KEEP = `rm -rf /run/kept; mkdir /run/kept
cp -a /var/lib/backlogctl /etc/sysctl.d /run/kept/; sysctl ${KEYS} >/run/kept/values`;
export const AS_KEPT = `sysctl -q -p /run/kept/values
rm -rf /var/lib/backlogctl; cp -a /run/kept/backlogctl /var/lib/; find /etc/sysctl.d -type f -delete
cp -a /run/kept/sysctl.d/. /etc/sysctl.d/`;
/** Everything that the plan may touch, with its mode, and whatever stands beside the drop-in. */
export const WORLD = `sysctl ${KEYS} | tr -s '\t' ' '
cd /etc/sysctl.d; ls -A; stat -c %a:%U *; cat *`;
/** All of the calls with `KILLS=all` (`npm run test:kills`), otherwise each of so many, and others at each run. */
export function shareOf(calls: number, oneIn: number): readonly number[] {
  const step = process.env.KILLS === 'all' ? 1 : oneIn;
  const first = 1 + Math.floor(Math.random() * step);
  return Array.from({ length: Math.ceil((calls + 1 - first) / step) }, (_, index) => first + index * step);
}

/** What those scripts find in their environment. */
export const SCRIPT_ENV = { OLD: OLD.text ?? '', ZZ: ZZ_TEXT };
