import { describe, expect, test } from '@jest/globals';
import { difference, listenDrops, readCounted, readQueues, sentAgain } from '../../src/lab/read-kernel.ts';
import { memoryHost } from '../tools/memory-host.ts';

const NETSTAT = `TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPSynRetrans
TcpExt: 4 5 7 2
IpExt: InNoRoutes
IpExt: 0
`;
const SNMP = `Ip: Forwarding
Ip: 1
Tcp: RtoAlgorithm PassiveOpens OutRsts
Tcp: 1 9 3
`;
const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  lab0:    5000      50    0    0    0     0          0         0     2500      25    0    0    0     0       0          0
`;

const FILES = {
  '/proc/self/net/netstat': NETSTAT,
  '/proc/net/snmp': SNMP,
  '/proc/net/dev': DEV,
  '/proc/77/net/netstat': NETSTAT,
};

describe('the counters', () => {
  test('what the server sent is SYN-ACKs, but for resets and what was sent again', () => {
    const counted = readCounted(memoryHost({ tree: FILES }));
    expect(counted).toMatchObject({ resets: 3, synAcks: 25 - 3 - 2 });
    expect(counted.counters).toMatchObject({
      SyncookiesSent: 4,
      ListenOverflows: 5,
      PassiveOpens: 9,
      // A kernel that never counted it does not list it.
      TCPReqQFullDrop: 0,
    });
  });

  test('only what came since counts', () => {
    const before = readCounted(memoryHost({ tree: FILES }));
    const after = { ...before, resets: 4, counters: { ...before.counters, ListenDrops: 10 } };
    expect(difference(after, before)).toMatchObject({ resets: 1, synAcks: 0, counters: { ListenDrops: 3 } });
  });

  test('of another process are those of its network namespace', () => {
    expect(listenDrops(memoryHost({ tree: FILES }), 77)).toBe(7);
    expect(() => listenDrops(memoryHost({ tree: FILES }), 78)).toThrow('/proc/78/net/netstat cannot be read');
  });

  test('what was sent again is told', () => {
    expect(sentAgain(memoryHost({ tree: FILES }))).toBe(2);
  });

  test.each([
    ['/proc/self/net/netstat', 'TcpExt: A B\nTcpExt: 1\n', 'cannot be understood'],
    ['/proc/net/snmp', 'Tcp: RtoAlgorithm\nTcp: 1\n', 'has no Tcp OutRsts'],
    ['/proc/net/dev', 'lo: 1 2\n', 'does not show lab0'],
  ])('%s that is not as expected is an error that names it', (file, text, message) => {
    expect(() => readCounted(memoryHost({ tree: { ...FILES, [file]: text } }))).toThrow(message);
  });
});

const SS = 'ss -Htnem state listening state syn-recv sport = :10000';
const LISTEN = 'LISTEN   9  8  192.0.2.1:10000  0.0.0.0:*  ino:17 sk:1 cgroup:/ <->';
const MEMORY = '\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d3)';
const HALF_OPEN =
  'SYN-RECV 0  0  192.0.2.1:10000  192.0.2.3:1024 timer:(on,1sec,0) sk:2 <->\n\t skmem:(r0,rb0,t0,tb0,f0,w0,o0,bl0,d9)';

describe('the queues', () => {
  test.each([
    ['before', [HALF_OPEN, LISTEN, MEMORY, HALF_OPEN]],
    ['after', [LISTEN, MEMORY, HALF_OPEN, HALF_OPEN]],
  ])('half-open requests stand %s the listener, and their memory is not its', (_where, rows) => {
    const host = memoryHost({ outputs: { [SS]: `${rows.join('\n')}\n` } });
    expect(readQueues(host, 10_000)).toEqual({ limit: 8, acceptQueue: 9, synRecv: 2, socketDrops: 3 });
  });

  test.each([
    ['no listener', `${HALF_OPEN}\n`],
    ['no memory', `${LISTEN}\n`],
    ['nothing', ''],
  ])('%s is an error', (_what, output) => {
    const host = memoryHost({ outputs: { [SS]: output } });
    expect(() => readQueues(host, 10_000)).toThrow('ss does not show the listener on port 10000');
  });
});
