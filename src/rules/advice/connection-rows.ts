import { key, text, value } from '../../core/text.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import type { Since } from '../../sysctl/catalogue-entry.ts';
import { canonicalPorts, parsePorts } from '../../sysctl/port-list.ts';
import {
  type AdviceFacts,
  type AdviceRow,
  bad,
  type Judgement,
  programs,
  type Setting,
  type View,
} from './row.ts';

const IP_SYSCTL = 'Documentation/networking/ip-sysctl.rst';
const FIN_TIMEOUT = 'net.ipv4.tcp_fin_timeout';
const RANGE = 'net.ipv4.ip_local_port_range';
const RESERVED = 'net.ipv4.ip_local_reserved_ports';
const RECYCLE = 'net.ipv4.tcp_tw_recycle';
const REUSE = 'net.ipv4.tcp_tw_reuse';
const TIMESTAMPS = 'net.ipv4.tcp_timestamps';
const WIN_SCALE = 'net.ipv4.tcp_adv_win_scale';
const ALL_RP_FILTER = 'net.ipv4.conf.all.rp_filter';
const RP_FILTER = 'net.ipv4.conf.default.rp_filter';

/** Below that many seconds a slow peer has not yet sent its FIN. */
const SHORT_FIN = 30;

function judgeFinTimeout({ numbers: [seconds] }: Setting, view: View): Judgement {
  const own = view.own(FIN_TIMEOUT)?.[0]?.low ?? 60;
  if (seconds >= own) return null;
  const always = 'TIME_WAIT lasts 60 s all the same';
  if (seconds >= SHORT_FIN) return bad('info', `it ends FIN_WAIT_2 sooner, and ${always}`);
  const because = text`slow peers need the time, and TIME_WAIT does not depend on it`;
  return bad('low', `it cuts off peers that are slow to close, and ${always}`, {
    require: { key: FIN_TIMEOUT, relation: 'at-least', value: String(own), because },
  });
}

/** Ports that servers listen on, and that the range gives to outgoing connections. */
function takenPorts([first, last]: readonly [number, number], view: View): readonly number[] | null {
  const reserved = parsePorts(view.rawOf(RESERVED) ?? '?');
  const { listeners } = view.facts;
  if (reserved === null || listeners === null) return null;
  // What listens within the kernel's own range may have got its port from it.
  const own = view.own(RANGE)?.[0]?.low ?? 32_768;
  const ports = listeners.flatMap(({ listener }) => (listener.protocol === 'tcp' ? [listener.port] : []));
  const taken = ports.filter(
    (port) =>
      port >= first &&
      port <= last &&
      port < own &&
      !reserved.some(([low, high]) => port >= low && port <= high),
  );
  return [...new Set(taken)].sort((a, b) => a - b);
}

const MOST_PORTS = 5;

function portsText(ports: readonly number[]): string {
  const rest = ports.length - MOST_PORTS;
  if (rest > 0) return `${ports.slice(0, MOST_PORTS).join(', ')} and ${rest} more`;
  return ports.length < 2 ? ports.join('') : `${ports.slice(0, -1).join(', ')} and ${ports.at(-1)}`;
}

function judgeRange({ numbers: [first, last = 0] }: Setting, view: View): Judgement {
  if (first >= (view.own(RANGE)?.[0]?.low ?? 32_768)) return null;
  const ports = takenPorts([first, last], view);
  if (ports === null) return { kind: 'unknown', why: `the listeners or ${RESERVED} are not known` };
  if (ports.length === 0) return null;
  const one = ports.length === 1;
  const says = `outgoing connections may take port${one ? '' : 's'} ${portsText(ports)}, and the server of ${one ? 'that port' : 'such a port'} then fails to start`;
  const wanted = canonicalPorts([view.rawOf(RESERVED), ...ports].filter((each) => each !== '').join(','));
  const because = text`outgoing connections leave reserved ports to the servers that listen on them`;
  return bad('medium', says, {
    expected: text`a range from ${value(32_768)} on, or the ports in ${key(RESERVED)}`,
    ...(wanted === null ? {} : { require: { key: RESERVED, relation: 'exactly', value: wanted, because } }),
    byHand: text`let the range begin at ${value(32_768)}, or keep it and set ${key(RESERVED)} to ${value(wanted ?? portsText(ports))}`,
  });
}

function isGone(sysctl: string, { traits }: AdviceFacts): boolean {
  return traits.has(catalogueEntry(sysctl) ?? {}) === 'no';
}

function judgeRecycle({ numbers: [on] }: Setting, { facts }: View): Judgement {
  if (on === 0 || isGone(RECYCLE, facts)) return null;
  const hurt = (facts.rates?.delta('PAWSPassive')?.increase ?? 0) > 0;
  const because = text`clients behind one address have clocks of their own`;
  return bad(hurt ? 'high' : 'medium', 'it drops the SYNs of clients that share an address behind NAT', {
    expected: text`${value(0)}`,
    require: { key: RECYCLE, relation: 'exactly', value: '0', because },
  });
}

function judgeReuse({ numbers: [mode] }: Setting, view: View): Judgement {
  if (mode !== 1) return null;
  if (view.numbersOf(TIMESTAMPS)?.[0] === 0) return bad('info', `it does nothing while ${TIMESTAMPS} is 0`);
  return bad(
    'info',
    "it acts on connections that this host opens, and leaves a server's own TIME_WAIT as it is",
  );
}

/** The key stays, and is no longer looked at. */
const UNREAD_SINCE: ReadonlyMap<string, readonly Since<boolean>[]> = new Map(
  [
    ['net.ipv4.tcp_fack', '4.15'],
    ['net.ipv4.tcp_low_latency', '4.14'],
  ].map(([sysctl = '', since = '']) => [
    sysctl,
    [
      { since: '3.10', is: false },
      { since, is: true },
    ],
  ]),
);

function isUnread(sysctl: string, { traits }: AdviceFacts): boolean {
  if (sysctl === WIN_SCALE) return !traits.windowShare.includes('adv-win-scale');
  return traits.current(UNREAD_SINCE.get(sysctl) ?? []).every((each) => each);
}

/** Programs that route the packets of containers past the host's own routes. */
const NETWORK_PLUGINS: ReadonlySet<string> = new Set([
  'kubelet',
  'kube-proxy',
  'cilium-agent',
  'calico-node',
  'flanneld',
  'kube-router',
  'antrea-agent',
]);

function judgeRpFilter({ key: sysctl, numbers: [mode], at }: Setting, view: View): Judgement {
  if (mode !== 1) return null;
  const all = view.numbersOf(ALL_RP_FILTER)?.[0];
  if (sysctl === RP_FILTER && all !== 0) return null;
  const plugin = programs(view.facts).find((each) => NETWORK_PLUGINS.has(each));
  if (plugin === undefined) {
    // A distribution's own choice is its affair.
    if (at === null || at.file.startsWith('/usr/lib/')) return null;
    return bad(
      'info',
      'it drops what comes in on another interface than the answer would leave by, as on hosts with several networks',
    );
  }
  const because = text`the larger of ${key('conf.all')} and the interface's own holds: 2 asks only that there be a route`;
  return bad(
    'low',
    `it drops packets of containers, which ${plugin} routes other ways than the host's own routes say`,
    {
      expected: text`${value(2)}, or ${value(0)}`,
      require: { key: ALL_RP_FILTER, relation: 'exactly', value: '2', because },
      byHand: text`write ${value(2)} instead`,
    },
  );
}

/** Ports, timers and the route back. */
export const CONNECTION_ROWS: readonly AdviceRow[] = [
  {
    id: 'dsack-off',
    title: 'tcp_dsack is 0',
    why: 'Nothing is gained: peers are no longer told of what arrived twice, and cannot undo a needless slowdown.',
    references: ['RFC 2883'],
    keys: ['net.ipv4.tcp_dsack'],
    live: 'here',
    judge({ numbers: [on] }) {
      return on === 0
        ? bad('info', 'peers are not told of segments that arrived twice, which saves nothing')
        : null;
    },
  },
  {
    id: 'fin-timeout-low',
    title: 'tcp_fin_timeout was lowered to have fewer connections in TIME_WAIT',
    why: 'It is the time of FIN_WAIT_2 for connections that no program holds any more; TIME_WAIT is fixed at 60 seconds.',
    references: [`${IP_SYSCTL} (tcp_fin_timeout)`, 'TCP_TIMEWAIT_LEN in include/net/tcp.h'],
    keys: [FIN_TIMEOUT],
    live: 'here',
    judge: judgeFinTimeout,
  },
  {
    id: 'netdev-backlog-raised',
    title: 'netdev_max_backlog was raised',
    why: 'It is the input queue of a CPU, and no queue of a listener or of a network card.',
    references: ['Documentation/admin-guide/sysctl/net.rst (netdev_max_backlog)'],
    keys: ['net.core.netdev_max_backlog'],
    live: 'here',
    judge({ key: sysctl, numbers: [packets] }, view) {
      if (packets <= (view.own(sysctl)?.[0]?.high ?? 1000)) return null;
      return bad(
        'info',
        'it is the input queue of a CPU and not the accept queue, and a longer one helps only where the second column of /proc/net/softnet_stat rises',
      );
    },
  },
  {
    id: 'port-range-over-listeners',
    title: 'Outgoing connections may take the ports of servers',
    why: 'A server whose port is in use by an outgoing connection fails to start, which shows at the next restart and not before.',
    references: [`${IP_SYSCTL} (ip_local_port_range, ip_local_reserved_ports)`],
    keys: [RANGE],
    live: 'here',
    judge: judgeRange,
  },
  {
    id: 'rp-filter-strict',
    title: 'Packets whose answer would leave by another interface are dropped',
    why: 'A strict rp_filter takes them for forged, which they are not on hosts with several networks or with containers.',
    references: [`${IP_SYSCTL} (rp_filter)`, 'RFC 3704'],
    keys: [ALL_RP_FILTER, RP_FILTER],
    live: 'here',
    judge: judgeRpFilter,
  },
  {
    id: 'setting-without-effect',
    title: 'A line sets a key that this kernel no longer looks at',
    why: 'The key was kept so that old files do not fail; what it once changed is gone or decided by itself.',
    references: [
      'kernel commit 713bafea9292 (tcp_fack)',
      'kernel commit dfa2f0483360 (tcp_adv_win_scale)',
      IP_SYSCTL,
    ],
    keys: [WIN_SCALE, ...UNREAD_SINCE.keys()],
    live: 'nobody',
    judge({ key: sysctl, at }, { facts }) {
      return at !== null && isUnread(sysctl, facts)
        ? bad('info', 'this kernel keeps the key and no longer looks at it')
        : null;
    },
  },
  {
    id: 'tw-recycle',
    title: 'tcp_tw_recycle is on',
    why: 'It compares timestamps by address, and so drops the SYNs of clients that share one behind NAT; Linux 4.12 took it away.',
    references: ['kernel commit 4396e46187ca'],
    keys: [RECYCLE],
    live: 'here',
    judge: judgeRecycle,
  },
  {
    id: 'tw-reuse',
    title: 'tcp_tw_reuse is 1',
    why: 'It lets outgoing connections take a port in TIME_WAIT over, by the timestamps of the peer; a server that only accepts gains nothing.',
    references: [`${IP_SYSCTL} (tcp_tw_reuse)`, 'tcp_twsk_unique() in net/ipv4/tcp_ipv4.c'],
    keys: [REUSE],
    live: 'here',
    judge: judgeReuse,
  },
];
