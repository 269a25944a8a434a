import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSsTcp } from '../../src/collect/ss-tcp.ts';

const MEMORY = '\n\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d3)          ';

const ROWS: readonly (readonly [string, string, object])[] = [
  [
    'IPv4, of root, whose uid ss leaves out',
    `0      7               127.0.0.1:1002 0.0.0.0:* ino:17462 sk:1016 cgroup:/ <-> cgroup:/${MEMORY}`,
    { address: '127.0.0.1', port: 1002, length: 0, limit: 7, inode: 17462, uid: 0, drops: 3 },
  ],
  [
    'another user, a cgroup',
    `129    128             0.0.0.0:80 0.0.0.0:* uid:33 ino:9 sk:1 cgroup:/system.slice/nginx.service <-> cgroup:/x${MEMORY}`,
    {
      address: '0.0.0.0',
      port: 80,
      length: 129,
      limit: 128,
      inode: 9,
      uid: 33,
      cgroup: '/system.slice/nginx.service',
      drops: 3,
    },
  ],
  [
    'both families',
    '0      5                       *:1003       *:* ino:1 sk:101b cgroup:/ v6only:0 <-> cgroup:/',
    { address: '*', port: 1003, length: 0, limit: 5, inode: 1, uid: 0, v6only: false },
  ],
  [
    'IPv6 only',
    '0      5                    [::]:1004    [::]:* ino:2 sk:101c cgroup:/ v6only:1 <-> cgroup:/',
    { address: '::', port: 1004, length: 0, limit: 5, inode: 2, uid: 0, v6only: true },
  ],
  [
    'a device',
    '0 5 0.0.0.0%lo:1006 0.0.0.0:* ino:3 sk:1',
    { address: '0.0.0.0', zone: 'lo', port: 1006, length: 0, limit: 5, inode: 3, uid: 0 },
  ],
  [
    'a device for both families',
    '0 5 *%lo:7 *:* ino:3 sk:1',
    { address: '*', zone: 'lo', port: 7, length: 0, limit: 5, inode: 3, uid: 0 },
  ],
  [
    'a zone outside the brackets',
    '0 5 [fe80::1]%eth0:80 [::]:*',
    { address: 'fe80::1', zone: 'eth0', port: 80, length: 0, limit: 5 },
  ],
  [
    'a zone inside the brackets',
    '0 5 [fe80::1%eth0]:80 [::]:*',
    { address: 'fe80::1', zone: 'eth0', port: 80, length: 0, limit: 5 },
  ],
  [
    'a zone without brackets',
    '0 5 fe80::1%eth0:80 :::*',
    { address: 'fe80::1', zone: 'eth0', port: 80, length: 0, limit: 5 },
  ],
  ['IPv6 without brackets', '0 5 :::80 :::*', { address: '::', port: 80, length: 0, limit: 5 }],
  [
    'IPv4-mapped',
    '0 5 [::ffff:127.0.0.1]:1009 *:*',
    { address: '::ffff:127.0.0.1', port: 1009, length: 0, limit: 5 },
  ],
  [
    'the columns for protocol and state',
    'tcp LISTEN 0 5 0.0.0.0:1 0.0.0.0:*',
    { address: '0.0.0.0', port: 1, length: 0, limit: 5 },
  ],
  [
    'a limit of 0 that the kernel gave',
    `0 0 0.0.0.0:1 0.0.0.0:*${MEMORY}`,
    { address: '0.0.0.0', port: 1, length: 0, limit: 0, drops: 3 },
  ],
  [
    'no limit where ss read /proc/net/tcp',
    '2 0 0.0.0.0:1 0.0.0.0:*',
    { address: '0.0.0.0', port: 1, length: 2 },
  ],
  [
    'a cgroup that imitates details',
    '0 5 0.0.0.0:1 0.0.0.0:* uid:7 ino:4 sk:1 cgroup:/a uid:0 ino:9 skmem:(r0,d9) <-> cgroup:/',
    {
      address: '0.0.0.0',
      port: 1,
      length: 0,
      limit: 5,
      uid: 7,
      inode: 4,
      cgroup: '/a uid:0 ino:9 skmem:(r0,d9)',
    },
  ],
  [
    'a cgroup that is gone',
    '0 5 0.0.0.0:1 0.0.0.0:* ino:4 sk:1 cgroup:unreachable:1234 <-> cgroup:unreachable:1234',
    { address: '0.0.0.0', port: 1, length: 0, limit: 5, uid: 0, inode: 4 },
  ],
];

describe('TCP rows of ss', () => {
  test.each(ROWS)('%s', (_what, text, expected) => {
    const rows = parseSsTcp(`${text}\n`);
    expect(rows.refused).toBe(0);
    expect(rows.listeners).toMatchObject([{ protocol: 'tcp', ...expected }]);
    const { drops: _drops, ...listener } = { drops: 0, ...rows.listeners[0] };
    const { drops: _expected, ...wanted } = { drops: 0, ...expected };
    expect(listener).toEqual({ protocol: 'tcp', ...wanted });
  });

  test('refuses nonsense and a repeated inode, keeps the rest', () => {
    const text =
      'Error: nonsense\n0 5 1.1.1.1:1 *:* ino:4 sk:1\n0 5 2.2.2.2:2 *:* ino:4 sk:1\n0 5 3.3.3.3:99999 *:*\n';
    expect(parseSsTcp(text)).toMatchObject({ refused: 3, listeners: [{ address: '1.1.1.1' }] });
  });

  test('takes any text', () => {
    const piece = fc.constantFrom(
      '0 5 ',
      '1.1.1.1:1 ',
      '*:* ',
      'ino:3 ',
      '\n',
      '\t',
      'cgroup:',
      '/a ',
      '<->',
      ' v6only:1',
      '[',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (each) => {
        const { listeners } = parseSsTcp(each);
        for (const { port, address } of listeners)
          expect([port >= 0 && port <= 65535, address !== '']).toEqual([true, true]);
      }),
    );
  });

  test('10,000 rows are no trouble', () => {
    const text = Array.from(
      { length: 10_000 },
      (_, index) => `0 128 127.0.0.1:${index} 0.0.0.0:* ino:${index + 1} sk:1 cgroup:/${MEMORY}`,
    );
    expect(parseSsTcp(text.join('\n')).listeners).toHaveLength(10_000);
  });
});
