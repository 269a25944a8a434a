import { describe, expect, test } from '@jest/globals';
import { addressFromHex, parseProcNetTcp, parseProcNetUnix } from '../../src/collect/proc-net.ts';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:03EA 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 9708 1 0000000005d4c4ec 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 65534        0 9712 1 0000000091685008 100 0 0 10 0
   2: 0100007F:9C40 0100007F:03EA 01 00000000:00000000 02:00000000 00000000     0        0 9800 1 0000000091685008 20 4 30 10 -1
`;

describe('/proc/net/tcp', () => {
  test('gives listeners, and no limit', () => {
    expect(parseProcNetTcp(TCP)).toEqual({
      refused: 0,
      listeners: [
        { protocol: 'tcp', address: '127.0.0.1', port: 1002, length: 3, uid: 0, inode: 9708 },
        { protocol: 'tcp', address: '0.0.0.0', port: 80, length: 0, uid: 65534, inode: 9712 },
      ],
    });
  });

  test('counts lines that are none of its own', () => {
    expect(parseProcNetTcp(`${TCP}nonsense\n`)).toMatchObject({ refused: 1, listeners: [{}, {}] });
  });

  test.each([
    ['00000000', '0.0.0.0'],
    ['0100007F', '127.0.0.1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000001000000', '::1'],
    ['000080FE000000000000000001000000', 'fe80::1'],
    ['0000000000000000FFFF00000100007F', '::ffff:127.0.0.1'],
    ['B80D0120000000000000010002000000', '2001:db8::1:0:0:2'],
    ['B80D0120010002000300040005000600', '2001:db8:2:1:4:3:6:5'],
  ])('reads %s as %s', (hex, address) => {
    expect(addressFromHex(hex)).toBe(address);
  });
});

describe('/proc/net/unix', () => {
  const head = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
  const row = (inode: number, path: string, flags = '00010000', type = '0001') =>
    `00000000f9c7b078: 00000002 00000000 ${flags} ${type} 01 ${String(inode).padStart(5)}${path === '' ? '' : ` ${path}`}\n`;

  test('gives listening stream and seqpacket sockets', () => {
    const text =
      head +
      row(1, '/a') +
      row(2, '/b', '00000000') +
      row(3, '@c', '00010000', '0005') +
      row(4, '/d', '00010000', '0002') +
      row(5, '');
    expect(parseProcNetUnix(text)).toEqual({
      refused: 0,
      listeners: [
        { protocol: 'unix', path: '/a', inode: 1 },
        { protocol: 'unix', path: '@c', inode: 3 },
      ],
    });
  });

  test('what is no row belongs to the name before it, and a repeated inode counts once', () => {
    const text = head + row(1, '/a\ntcp LISTEN 0 1\n') + row(1, '/forged') + row(2, '/b');
    expect(parseProcNetUnix(text)).toMatchObject({
      refused: 1,
      listeners: [{ path: '/a\ntcp LISTEN 0 1\n' }, { path: '/b' }],
    });
  });
});
