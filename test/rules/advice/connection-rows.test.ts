import { testRow, tuned } from './rows.ts';

const DELETE = 'delete-line /etc/sysctl.d/60-tuning.conf:1 bad-setting';
const MAX = 'net.netfilter.nf_conntrack_max';
const BUCKETS = 'net.netfilter.nf_conntrack_buckets';
const DSACK = 'net.ipv4.tcp_dsack';
const FIN = 'net.ipv4.tcp_fin_timeout';
const NETDEV = 'net.core.netdev_max_backlog';
const RANGE = 'net.ipv4.ip_local_port_range';
const RESERVED = 'net.ipv4.ip_local_reserved_ports';
const ALL = 'net.ipv4.conf.all.rp_filter';
const DEFAULT = 'net.ipv4.conf.default.rp_filter';
const RECYCLE = 'net.ipv4.tcp_tw_recycle';
const REUSE = 'net.ipv4.tcp_tw_reuse';
const KUBELET = { process: 'kubelet', port: 10_250, limit: 4096 };

testRow('conntrack-buckets-few', {
  pass: [
    { name: 'four a bucket', host: { sysctls: { [MAX]: 262_144, [BUCKETS]: 65_536 }, files: {} } },
    { name: 'buckets that nobody knows', host: tuned(`${MAX} = 1048576`) },
    {
      name: 'raised together',
      host: tuned(`${MAX} = 1048576\n${BUCKETS} = 262144`, { sysctls: { [BUCKETS]: 65_536 } }),
    },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${MAX} = 1048576`, { sysctls: { [MAX]: 1_048_576, [BUCKETS]: 65_536 } }),
      severity: 'low',
      key: MAX,
      value: '1048576',
      says: 'with 65536 buckets a full table has 16 connections in each, and every packet searches one',
      remedies: [`require ${BUCKETS} at-least 262144`, DELETE],
      line: 1,
    },
    {
      name: 'by a line under its other name, once',
      host: tuned('net.nf_conntrack_max = 1048576', {
        sysctls: { [MAX]: 1_048_576, 'net.nf_conntrack_max': 1_048_576, [BUCKETS]: 65_536 },
      }),
      severity: 'low',
      key: 'net.nf_conntrack_max',
      value: '1048576',
      says: 'with 65536 buckets a full table has 16 connections in each, and every packet searches one',
      remedies: [`require ${BUCKETS} at-least 262144`, DELETE],
      line: 1,
    },
    {
      name: 'by hand, on a kernel whose module has to be told',
      host: { kernel: '4.4.0', sysctls: { [MAX]: 1_000_000, [BUCKETS]: 16_384 }, files: {} },
      severity: 'low',
      key: MAX,
      value: '1000000',
      says: 'with 16384 buckets a full table has 61 connections in each, and every packet searches one',
      remedies: ['investigate'],
    },
  ],
});

testRow('conntrack-of-kube-proxy', {
  pass: [
    { name: 'no kube-proxy', host: tuned(`${MAX} = 262144`, { listeners: [KUBELET] }) },
    {
      name: 'no line',
      host: { sysctls: { [MAX]: 262_144 }, files: {}, listeners: [{ process: 'kube-proxy', limit: 4096 }] },
    },
  ],
  fail: [
    {
      name: 'both',
      host: tuned(`${MAX} = 262144`, {
        listeners: [{ process: 'kube-proxy', port: 10_256, limit: 4096 }],
        modulesLoad: ['nf_conntrack'],
      }),
      severity: 'low',
      key: MAX,
      value: '262144',
      says: 'kube-proxy runs here and sets it whenever it starts, so the line does not last',
      remedies: [DELETE, 'change-other-manager kube-proxy'],
      line: 1,
    },
  ],
});

const UNTOLD = 'peers are not told of segments that arrived twice, which saves nothing';

testRow('dsack-off', {
  pass: [{ name: 'on', host: tuned(`${DSACK} = 1`, { sysctls: { [DSACK]: 1 } }) }],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${DSACK} = 0`, { sysctls: { [DSACK]: 0 } }),
      severity: 'info',
      key: DSACK,
      value: '0',
      says: UNTOLD,
      line: 1,
    },
    {
      name: 'by hand',
      host: { sysctls: { [DSACK]: 0 }, files: {} },
      severity: 'info',
      key: DSACK,
      value: '0',
      says: UNTOLD,
    },
  ],
});

testRow('fin-timeout-low', {
  pass: [
    { name: "the kernel's own", host: tuned(`${FIN} = 60`, { sysctls: { [FIN]: 60 } }) },
    { name: 'longer', host: tuned(`${FIN} = 120`) },
  ],
  fail: [
    {
      name: 'harmless',
      host: tuned(`${FIN} = 30`, { sysctls: { [FIN]: 30 } }),
      severity: 'info',
      key: FIN,
      value: '30',
      says: 'it ends FIN_WAIT_2 sooner, and TIME_WAIT lasts 60 s all the same',
      line: 1,
    },
    {
      name: 'short, by hand',
      host: { sysctls: { [FIN]: 5 }, files: {} },
      severity: 'low',
      key: FIN,
      value: '5',
      says: 'it cuts off peers that are slow to close, and TIME_WAIT lasts 60 s all the same',
      remedies: [`require ${FIN} at-least 60`],
    },
  ],
});

const INPUT_QUEUE =
  'it is the input queue of a CPU and not the accept queue, and a longer one helps only where the second column of /proc/net/softnet_stat rises';

testRow('netdev-backlog-raised', {
  pass: [{ name: "the kernel's own", host: tuned(`${NETDEV} = 1000`, { sysctls: { [NETDEV]: 1000 } }) }],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${NETDEV} = 250000`),
      severity: 'info',
      key: NETDEV,
      value: '250000',
      says: INPUT_QUEUE,
      line: 1,
    },
    {
      name: 'by hand',
      host: { sysctls: { [NETDEV]: 5000 }, files: {} },
      severity: 'info',
      key: NETDEV,
      value: '5000',
      says: INPUT_QUEUE,
    },
  ],
});

const web = (port: number) => ({ process: 'web', port, requested: 511, limit: 511 });

testRow('port-range-over-listeners', {
  pass: [
    {
      name: "the kernel's own, whoever listens within it",
      host: { sysctls: { [RANGE]: '32768\t60999', [RESERVED]: '' }, files: {}, listeners: [web(40_000)] },
    },
    {
      name: 'nobody listens there',
      host: tuned(`${RANGE} = 1024 65535`, {
        sysctls: { [RESERVED]: '' },
        listeners: [web(80), web(44_321)],
      }),
    },
    {
      name: 'reserved',
      host: tuned(`${RANGE} = 1024 65535`, { sysctls: { [RESERVED]: '8000-8100' }, listeners: [web(8080)] }),
    },
    {
      name: 'reserved at the same boot',
      host: tuned(`${RANGE} = 1024 65535\n${RESERVED} = 8080`, {
        sysctls: { [RANGE]: '32768 60999', [RESERVED]: '' },
        listeners: [web(8080)],
      }),
    },
  ],
  unknown: [
    {
      name: 'reserved ports that nobody knows',
      host: tuned(`${RANGE} = 1024 65535`, { listeners: [web(8080)] }),
      why: 'the listeners or net.ipv4.ip_local_reserved_ports are not known',
    },
  ],
  fail: [
    {
      name: 'a line, in force',
      host: tuned(`${RANGE} = 1024 65535`, {
        sysctls: { [RANGE]: '1024\t65535', [RESERVED]: '9000' },
        listeners: [web(8080), web(8081), web(5432), web(80)],
      }),
      severity: 'medium',
      key: RANGE,
      value: '1024 65535',
      says: 'outgoing connections may take ports 5432, 8080 and 8081, and the server of such a port then fails to start',
      remedies: [`require ${RESERVED} exactly 5432,8080-8081,9000`, DELETE],
      line: 1,
    },
    {
      name: 'by hand',
      host: { sysctls: { [RANGE]: '1024\t65535', [RESERVED]: '' }, files: {}, listeners: [web(8080)] },
      severity: 'medium',
      key: RANGE,
      value: '1024 65535',
      says: 'outgoing connections may take port 8080, and the server of that port then fails to start',
      remedies: [`require ${RESERVED} exactly 8080`],
    },
    {
      name: 'over many',
      host: {
        sysctls: { [RANGE]: '1024\t65535', [RESERVED]: '' },
        files: {},
        listeners: [2001, 2003, 2005, 2007, 2009, 2011, 2013].map(web),
      },
      severity: 'medium',
      key: RANGE,
      value: '1024 65535',
      says: 'outgoing connections may take ports 2001, 2003, 2005, 2007, 2009 and 2 more, and the server of such a port then fails to start',
      remedies: [`require ${RESERVED} exactly 2001,2003,2005,2007,2009,2011,2013`],
    },
  ],
});

const PLUGIN =
  "it drops packets of containers, which kubelet routes other ways than the host's own routes say";

testRow('rp-filter-strict', {
  pass: [
    {
      name: 'loose',
      host: tuned(`${ALL} = 2\n${DEFAULT} = 1`, {
        sysctls: { [ALL]: 2, [DEFAULT]: 1 },
        listeners: [KUBELET],
      }),
    },
    { name: 'by hand, and no containers', host: { sysctls: { [ALL]: 1 }, files: {} } },
    {
      name: "a distribution's own choice",
      host: { sysctls: { [ALL]: 0 }, files: { '/usr/lib/sysctl.d/50-redhat.conf': `${DEFAULT} = 1\n` } },
    },
  ],
  fail: [
    {
      name: 'strict beside containers, by a line',
      host: tuned(`${ALL} = 1`, { sysctls: { [ALL]: 1, [DEFAULT]: 0 }, listeners: [KUBELET] }),
      severity: 'low',
      key: ALL,
      value: '1',
      says: PLUGIN,
      remedies: [`require ${ALL} exactly 2`, DELETE],
      line: 1,
    },
    {
      name: 'for new interfaces, beside containers',
      host: { sysctls: { [ALL]: 0, [DEFAULT]: 1 }, files: {}, listeners: [KUBELET] },
      severity: 'low',
      key: DEFAULT,
      value: '1',
      says: PLUGIN,
      remedies: [`require ${ALL} exactly 2`],
    },
    {
      name: 'elsewhere',
      host: tuned(`${ALL} = 1`, { sysctls: { [ALL]: 1 } }),
      severity: 'info',
      key: ALL,
      value: '1',
      says: 'it drops what comes in on another interface than the answer would leave by, as on hosts with several networks',
      line: 1,
    },
  ],
});

const UNREAD = 'this kernel keeps the key and no longer looks at it';

testRow('setting-without-effect', {
  pass: [
    {
      name: 'a kernel that looks at it',
      host: tuned('net.ipv4.tcp_fack = 1\nnet.ipv4.tcp_low_latency = 1\nnet.ipv4.tcp_adv_win_scale = 2', {
        kernel: '4.9.0',
      }),
    },
    {
      name: 'a live value without a line',
      host: { sysctls: { 'net.ipv4.tcp_adv_win_scale': 1 }, files: {} },
    },
  ],
  fail: [
    {
      name: 'tcp_fack',
      host: tuned('net.ipv4.tcp_fack = 0', { kernel: '4.15.0' }),
      severity: 'info',
      key: 'net.ipv4.tcp_fack',
      value: '0',
      says: UNREAD,
      line: 1,
    },
    {
      name: 'tcp_low_latency',
      host: tuned('net.ipv4.tcp_low_latency = 1', { kernel: '4.14.0' }),
      severity: 'info',
      key: 'net.ipv4.tcp_low_latency',
      value: '1',
      says: UNREAD,
      line: 1,
    },
    {
      name: 'tcp_adv_win_scale',
      host: tuned('net.ipv4.tcp_adv_win_scale = 2', { kernel: '6.6.0' }),
      severity: 'info',
      key: 'net.ipv4.tcp_adv_win_scale',
      value: '2',
      says: UNREAD,
      line: 1,
    },
  ],
});

const NAT = 'it drops the SYNs of clients that share an address behind NAT';

testRow('tw-recycle', {
  pass: [
    { name: 'off', host: tuned(`${RECYCLE} = 0`, { kernel: '3.10.0', sysctls: { [RECYCLE]: 0 } }) },
    { name: 'a kernel without it is another matter', host: tuned(`${RECYCLE} = 1`) },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${RECYCLE} = 1`, { kernel: '4.11.0', sysctls: { [RECYCLE]: 1 } }),
      severity: 'medium',
      key: RECYCLE,
      value: '1',
      says: NAT,
      remedies: [`require ${RECYCLE} exactly 0`, DELETE],
      line: 1,
    },
    {
      name: 'by hand, while SYNs are dropped',
      host: { kernel: '3.10.0', sysctls: { [RECYCLE]: 1 }, files: {}, increases: { PAWSPassive: 12 } },
      severity: 'high',
      key: RECYCLE,
      value: '1',
      says: NAT,
      remedies: [`require ${RECYCLE} exactly 0`],
    },
  ],
});

testRow('tw-reuse', {
  pass: [{ name: 'on loopback', host: tuned(`${REUSE} = 2`, { sysctls: { [REUSE]: 2 } }) }],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${REUSE} = 1`, { sysctls: { [REUSE]: 1 } }),
      severity: 'info',
      key: REUSE,
      value: '1',
      says: "it acts on connections that this host opens, and leaves a server's own TIME_WAIT as it is",
      line: 1,
    },
    {
      name: 'by hand, without timestamps',
      host: { sysctls: { [REUSE]: 1, 'net.ipv4.tcp_timestamps': 0 }, files: {} },
      severity: 'info',
      key: REUSE,
      value: '1',
      says: 'it does nothing while net.ipv4.tcp_timestamps is 0',
    },
  ],
});
