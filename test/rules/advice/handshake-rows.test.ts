import { SOMAXCONN, testRow, tuned } from './rows.ts';

const COOKIES = 'net.ipv4.tcp_syncookies';
const ABORT = 'net.ipv4.tcp_abort_on_overflow';
const BACKLOG = 'net.ipv4.tcp_max_syn_backlog';
const RETRIES = 'net.ipv4.tcp_synack_retries';
const FAST_OPEN = 'net.ipv4.tcp_fastopen';
const DELETE = 'delete-line /etc/sysctl.d/60-tuning.conf:1 bad-setting';
const OURS = '/etc/sysctl.d/90-backlogctl.conf';

const ABORTS =
  'a burst that fills an accept queue will reset connections instead of letting the clients retry';

testRow('abort-on-overflow', {
  pass: [
    { name: 'off', host: tuned(`${ABORT} = 0`, { sysctls: { [ABORT]: 0 } }) },
    {
      name: 'on already, which accept-queue/abort-on-overflow says',
      host: tuned(`${ABORT} = 1`, { sysctls: { [ABORT]: 1 } }),
    },
    { name: 'in a later line taken back', host: tuned(`${ABORT} = 1\n${ABORT} = 0`) },
    {
      name: 'a line that beats the one which the live value agrees with: a conflict of files',
      host: tuned(`${ABORT} = 1`, {
        sysctls: { [ABORT]: 0 },
        files: { '/etc/sysctl.d/10-a.conf': `${ABORT} = 0\n` },
      }),
    },
    { name: 'no number', host: tuned(`${ABORT} = on`) },
  ],
  unknown: [
    { name: 'nothing was read', host: { sysctls: SOMAXCONN }, why: 'the sysctl files were not collected' },
  ],
  fail: [
    {
      name: 'from the next boot on',
      host: tuned(`${ABORT} = 1`, { sysctls: { [ABORT]: 0 } }),
      severity: 'medium',
      key: ABORT,
      value: '1',
      says: ABORTS,
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'in a tree without live values',
      host: tuned(`# fast\n${ABORT} = 1`),
      severity: 'medium',
      key: ABORT,
      value: '1',
      says: ABORTS,
      remedies: ['delete-line /etc/sysctl.d/60-tuning.conf:2 bad-setting'],
      line: 2,
    },
  ],
});

const ALLOWS =
  'bit 2 only allows Fast Open to listeners that ask for it with TCP_FASTOPEN, and changes nothing for the others';

testRow('fast-open-listeners', {
  pass: [
    { name: 'for clients alone', host: tuned(`${FAST_OPEN} = 1`, { sysctls: { [FAST_OPEN]: 1 } }) },
    { name: 'for every listener, asked or not', host: tuned(`${FAST_OPEN} = 1027`) },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${FAST_OPEN} = 3`, { sysctls: { [FAST_OPEN]: 3 } }),
      severity: 'info',
      key: FAST_OPEN,
      value: '3',
      says: ALLOWS,
      line: 1,
    },
    {
      name: 'by hand',
      host: { sysctls: { [FAST_OPEN]: 2 }, files: {} },
      severity: 'info',
      key: FAST_OPEN,
      value: '2',
      says: ALLOWS,
    },
  ],
});

const SACK = 'net.ipv4.tcp_sack';

testRow('line-below-default', {
  pass: [
    { name: 'as the kernel has it', host: tuned(`${SACK} = 1\nnet.core.somaxconn = 4096`) },
    {
      name: 'in force, which sysctl/below-kernel-default says',
      host: tuned(`${SACK} = 0`, { sysctls: { [SACK]: 0 } }),
    },
    { name: 'in our own drop-in', host: { sysctls: SOMAXCONN, files: { [OURS]: `${SACK} = 0\n` } } },
    {
      name: 'an older kernel, that has it so',
      host: tuned('net.core.somaxconn = 128', { kernel: '4.19.0', sysctls: { 'net.core.somaxconn': 128 } }),
    },
  ],
  fail: [
    {
      name: 'a switch',
      host: tuned(`${SACK} = 0`, { sysctls: { [SACK]: 1 } }),
      severity: 'low',
      key: SACK,
      value: '0',
      says: "that is below this kernel's own 1: recovery from loss takes a round trip for each lost segment",
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'somaxconn that will cut a listener',
      host: tuned('net.core.somaxconn = 1024', {
        listeners: [{ process: 'app', requested: 2048, limit: 2048 }],
      }),
      severity: 'low',
      key: 'net.core.somaxconn',
      value: '1024',
      says: "that is below this kernel's own 4096: it cuts the backlog of every listener that asks for more, and bursts are dropped sooner",
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'somaxconn that cuts nobody',
      host: tuned('net.core.somaxconn = 1024', {
        listeners: [{ process: 'app', requested: 511, limit: 511 }],
      }),
      severity: 'info',
      key: 'net.core.somaxconn',
      value: '1024',
      says: "that is below this kernel's own 4096, but cuts no listener that is there now",
      line: 1,
    },
    {
      name: 'the start of a vector',
      host: tuned('net.ipv4.tcp_rmem = 4096 87380 33554432'),
      severity: 'low',
      key: 'net.ipv4.tcp_rmem',
      value: '4096 87380 33554432',
      says: "that is below this kernel's own 4096, 131072, 33554432: the receive window stays smaller than the path could carry, or starts smaller",
      remedies: [DELETE],
      line: 1,
    },
  ],
});

const UNCHECKED =
  'the kernel takes it unchecked, and only SYN cookies keep it from refusing every client that it does not know';

testRow('max-syn-backlog-negative', {
  pass: [
    { name: 'a number', host: tuned(`${BACKLOG} = 1`, { sysctls: { [BACKLOG]: 1 } }) },
    {
      name: 'without cookies and a line: syn-queue/cookies-off says it',
      host: { sysctls: { [BACKLOG]: -2, [COOKIES]: 0 }, files: {} },
    },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${BACKLOG} = 0`, { sysctls: { [BACKLOG]: 0, [COOKIES]: 1 } }),
      severity: 'low',
      key: BACKLOG,
      value: '0',
      says: UNCHECKED,
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'by hand',
      host: { sysctls: { [BACKLOG]: -5, [COOKIES]: 1 }, files: {} },
      severity: 'info',
      key: BACKLOG,
      value: '-5',
      says: UNCHECKED,
    },
  ],
});

const ONE = 'a handshake fails where two packets are lost, and half-open requests live 3 s';

testRow('synack-retries-low', {
  pass: [{ name: 'two, as during an attack', host: tuned(`${RETRIES} = 2`, { sysctls: { [RETRIES]: 2 } }) }],
  fail: [
    {
      name: 'one, by a line',
      host: tuned(`${RETRIES} = 1`, { sysctls: { [RETRIES]: 1 } }),
      severity: 'low',
      key: RETRIES,
      value: '1',
      says: ONE,
      remedies: [`require ${RETRIES} at-least 5`, DELETE],
      line: 1,
    },
    {
      name: 'none, by hand',
      host: { sysctls: { [RETRIES]: 0 }, files: {} },
      severity: 'low',
      key: RETRIES,
      value: '0',
      says: 'a handshake whose SYN-ACK is lost fails, for it is never sent again',
      remedies: [`require ${RETRIES} at-least 5`],
    },
    {
      name: 'one, in a container',
      host: { environment: 'container', sysctls: { [RETRIES]: 1 } },
      severity: 'low',
      key: RETRIES,
      value: '1',
      says: ONE,
      remedies: [`set-in-container ${RETRIES} at-least 5`],
    },
    {
      name: 'in a file that the loader passes over, but somebody loaded',
      host: { sysctls: { [RETRIES]: 1 }, files: { '/etc/sysctl.conf': `${RETRIES} = 1\n` } },
      severity: 'low',
      key: RETRIES,
      value: '1',
      says: ONE,
      remedies: [`require ${RETRIES} at-least 5`, 'delete-line /etc/sysctl.conf:1 bad-setting'],
    },
    {
      name: 'at boot, and taken back by ufw',
      host: tuned(`${RETRIES} = 1`, {
        sysctls: { [RETRIES]: 1 },
        files: {
          '/etc/ufw/sysctl.conf': 'net/ipv4/tcp_synack_retries=0\n',
          '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
        },
      }),
      severity: 'low',
      key: RETRIES,
      value: '1',
      says: ONE,
      remedies: [`require ${RETRIES} at-least 5`, DELETE, 'change-other-manager ufw /etc/ufw/sysctl.conf:1'],
      line: 1,
    },
  ],
});

const ALWAYS =
  'every SYN is answered with a cookie, which is a mode for tests: connections lose options, and full SYN queues show no more';

testRow('syncookies-always', {
  pass: [
    { name: 'when needed', host: tuned(`${COOKIES} = 1`, { sysctls: { [COOKIES]: 1 } }) },
    {
      name: 'a kernel that takes 2 as 1',
      host: tuned(`${COOKIES} = 2`, { kernel: '3.10.0', sysctls: { [COOKIES]: 2 } }),
    },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${COOKIES} = 2`, { sysctls: { [COOKIES]: 2 } }),
      severity: 'low',
      key: COOKIES,
      value: '2',
      says: ALWAYS,
      remedies: [`require ${COOKIES} exactly 1`, DELETE],
      line: 1,
    },
    {
      name: 'by hand, for a test',
      host: { sysctls: { [COOKIES]: 2 }, files: {} },
      severity: 'info',
      key: COOKIES,
      value: '2',
      says: ALWAYS,
    },
  ],
});

const MEANINGLESS = 'only 0, 1 and 2 mean something, and the kernel takes it as 1';

testRow('syncookies-meaningless', {
  pass: [
    { name: 'off is another matter', host: tuned(`${COOKIES} = 0`, { sysctls: { [COOKIES]: 0 } }) },
    { name: 'refused is another matter', host: tuned(`${COOKIES} = 256`) },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned(`${COOKIES} = 3`, { sysctls: { [COOKIES]: 3 } }),
      severity: 'info',
      key: COOKIES,
      value: '3',
      says: MEANINGLESS,
      line: 1,
    },
    {
      name: 'by hand',
      host: { sysctls: { [COOKIES]: 255 }, files: {} },
      severity: 'info',
      key: COOKIES,
      value: '255',
      says: MEANINGLESS,
    },
  ],
});

testRow('syncookies-off', {
  pass: [
    { name: 'on', host: tuned(`${COOKIES} = 1`) },
    {
      name: 'off already, which syn-queue/cookies-off says',
      host: tuned(`${COOKIES} = 0`, { sysctls: { [COOKIES]: 0 } }),
    },
  ],
  fail: [
    {
      name: 'from the next boot on',
      host: tuned(`${COOKIES} = 0`, { sysctls: { [COOKIES]: 1 } }),
      severity: 'medium',
      key: COOKIES,
      value: '0',
      says: 'once a SYN queue is full, every further SYN will be dropped',
      remedies: [DELETE],
      line: 1,
    },
  ],
});
