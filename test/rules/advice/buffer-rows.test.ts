import { testRow, tuned } from './rows.ts';

const DELETE = 'delete-line /etc/sysctl.d/60-tuning.conf:1 bad-setting';
const RMEM = 'net.ipv4.tcp_rmem';
const WMEM = 'net.ipv4.tcp_wmem';
const MEM = 'net.ipv4.tcp_mem';

const CAP =
  "it caps what a program asks for itself, UDP above all; TCP's own tuning ends at the third number of net.ipv4.tcp_rmem";

testRow('socket-most-for-tcp', {
  pass: [
    {
      name: "the kernel's own",
      host: tuned('net.core.rmem_max = 4194304', { sysctls: { 'net.core.rmem_max': 4_194_304 } }),
    },
    { name: 'lower is another matter', host: tuned('net.core.rmem_max = 212992') },
    {
      name: 'seen from a container',
      host: { environment: 'container', sysctls: { 'net.core.rmem_max': 99_999_999 } },
    },
    {
      name: 'in our own drop-in',
      host: {
        sysctls: { 'net.core.rmem_max': 16_777_216 },
        files: { '/etc/sysctl.d/90-backlogctl.conf': 'net.core.rmem_max = 16777216\n' },
      },
    },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned('net.core.rmem_max = 16777216', { sysctls: { 'net.core.rmem_max': 16_777_216 } }),
      severity: 'info',
      key: 'net.core.rmem_max',
      value: '16777216',
      says: CAP,
      line: 1,
    },
    {
      name: 'by hand',
      host: { kernel: '6.1.0', sysctls: { 'net.core.rmem_max': 2_500_000 }, files: {} },
      severity: 'info',
      key: 'net.core.rmem_max',
      value: '2500000',
      says: CAP,
    },
  ],
});

testRow('socket-start-large', {
  pass: [
    {
      name: 'somewhat larger',
      host: tuned('net.core.rmem_default = 524288', { sysctls: { 'net.core.rmem_default': 524_288 } }),
    },
  ],
  fail: [
    {
      name: 'by a line',
      host: tuned('net.core.rmem_default = 16777216', { sysctls: { 'net.core.rmem_default': 16_777_216 } }),
      severity: 'low',
      key: 'net.core.rmem_default',
      value: '16777216',
      says: "every socket but TCP's starts with 16.0 MiB, whether it needs it or not",
      remedies: ['require net.core.rmem_default at-most 212992', DELETE],
      line: 1,
    },
    {
      name: 'by hand',
      host: { sysctls: { 'net.core.wmem_default': 1_048_576 }, files: {} },
      severity: 'low',
      key: 'net.core.wmem_default',
      value: '1048576',
      says: "every socket but TCP's starts with 1.0 MiB, whether it needs it or not",
      remedies: ['require net.core.wmem_default at-most 212992'],
    },
  ],
});

testRow('tcp-buffers-large', {
  pass: [
    { name: "the kernel's own", host: tuned(`${RMEM} = 4096 131072 33554432`) },
    { name: 'twice the product of a long fast path', host: tuned(`${WMEM} = 4096 16384 67108864`) },
    { name: 'out of order is another matter', host: tuned(`${RMEM} = 4096 16777216 131072`) },
    {
      name: 'what a refused line left behind is another matter',
      host: tuned(`${RMEM} = 4096 87380 2168404300`, {
        kernel: '6.1.0',
        sysctls: { [RMEM]: '4096 87380 1734723440' },
      }),
    },
    {
      name: 'in our own drop-in',
      host: { files: { '/etc/sysctl.d/90-backlogctl.conf': `${RMEM} = 4096 131072 134217728\n` } },
    },
  ],
  fail: [
    {
      name: 'a large start, by a line',
      host: tuned(`${WMEM} = 4096 4194304 16777216`, { sysctls: { [WMEM]: '4096 4194304 16777216' } }),
      severity: 'low',
      key: WMEM,
      value: '4096 4194304 16777216',
      says: 'every connection starts with 4.0 MiB, however little it carries',
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'a large start, by hand',
      host: { sysctls: { [RMEM]: '4096\t2097152\t33554432' }, files: {} },
      severity: 'low',
      key: RMEM,
      value: '4096 2097152 33554432',
      says: 'every connection starts with 2.0 MiB, however little it carries',
      remedies: ['investigate'],
    },
    {
      name: 'a large end',
      host: tuned(`${RMEM} = 4096 131072 134217728`),
      severity: 'low',
      key: RMEM,
      value: '4096 131072 134217728',
      says: 'one connection may take 128.0 MiB, and a few slow readers bring memory pressure to all',
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'an end that is all of the memory of TCP',
      host: tuned(`${RMEM} = 4096 131072 50331648`, {
        memoryMib: 512,
        sysctls: { [MEM]: '5000 8000 12000' },
      }),
      severity: 'low',
      key: RMEM,
      value: '4096 131072 50331648',
      says: 'one connection may take 48.0 MiB, all that net.ipv4.tcp_mem gives TCP (46.9 MiB), and a few slow readers bring memory pressure to all',
      remedies: [DELETE],
      line: 1,
    },
  ],
});

testRow('tcp-mem-fixed', {
  pass: [
    { name: 'computed by the kernel', host: { sysctls: { [MEM]: '188226 250970 376452' }, files: {} } },
    { name: 'more than the memory is another matter', host: tuned(`${MEM} = 8388608 12582912 16777216`) },
    { name: 'copied from tcp_rmem is another matter', host: tuned(`${MEM} = 4096 87380 174760`) },
    {
      name: 'in our own drop-in',
      host: { files: { '/etc/sysctl.d/90-backlogctl.conf': `${MEM} = 1 2 3\n` } },
    },
  ],
  fail: [
    {
      name: 'from a larger host',
      host: tuned(`${MEM} = 786432 1048576 1572864`),
      severity: 'low',
      key: MEM,
      value: '786432 1048576 1572864',
      says: 'TCP may take 6.0 GiB of the 8.0 GiB of this host, far more than the 768.0 MiB at most that the kernel would let it take',
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'from a smaller one',
      host: tuned(`${MEM} = 16384 21845 32768`),
      severity: 'low',
      key: MEM,
      value: '16384 21845 32768',
      says: 'TCP may take 128.0 MiB of the 8.0 GiB of this host, far less than the 741.0 MiB at least that the kernel would let it take',
      remedies: [DELETE],
      line: 1,
    },
    {
      name: 'from one like this',
      host: tuned(`${MEM} = 190000 250000 380000`),
      severity: 'info',
      key: MEM,
      value: '190000 250000 380000',
      says: "TCP may take 1.4 GiB of the 8.0 GiB of this host, near the kernel's own number, which would follow the memory",
      line: 1,
    },
  ],
});
