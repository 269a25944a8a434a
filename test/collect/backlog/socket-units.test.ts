import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backlogReader } from '../../../src/collect/backlog/requested-backlog.ts';
import { parseUnitFile } from '../../../src/collect/backlog/unit-files.ts';
import { type MemoryTree, memoryHost } from '../../tools/memory-host.ts';
import { brief, owner, read, tcp, unix } from './listener-samples.ts';

const manager = owner('systemd', ['/sbin/init'], { pid: 1, exe: '/usr/lib/systemd/systemd' });

function unit(listen: string, backlog: number | null = null): string {
  return `[Socket]\nListenStream=${listen}\n${backlog === null ? '' : `Backlog=${backlog}\n`}`;
}

describe('parseUnitFile', () => {
  test('sections, comments, continued lines and their numbers', () => {
    const text =
      '# x\n[Unit]\nDescription = a b\n[Socket]\nListenStream = 80 \\\n; not this\n 81\nnonsense\n=x\nBacklog=5';
    expect(
      parseUnitFile(text, '/u').map(({ section, key, value, line }) => [section, key, value, line]),
    ).toEqual([
      ['Unit', 'Description', 'a b', 3],
      ['Socket', 'ListenStream', '80 81', 5],
      ['Socket', 'Backlog', '5', 10],
    ]);
  });

  const piece = fc.constantFrom(...'[]=\\\n#; a');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((all) => all.join('')),
  );
  test('ends on any text', () =>
    fc.assert(
      fc.property(text, (one) =>
        parseUnitFile(one, '/u').every(({ key, line }) => key !== undefined && line > 0),
      ),
    ));

  test.each(['\\\n', '[', '=', 'a'])('a mebibyte of %j', (one) => {
    expect(parseUnitFile(one.repeat(2 ** 20 / one.length), '/u')).toEqual([]);
  });
});

const LIB = '/usr/lib/systemd/system';
const ETC = '/etc/systemd/system';
const TREE: MemoryTree = {
  [`${LIB}/port.socket`]: unit('80'),
  [`${LIB}/v4.socket`]: unit('127.0.0.1:81', 100),
  [`${LIB}/v6.socket`]: unit('[0:0::1]:82', 101),
  [`${LIB}/zone.socket`]: unit('[fe80::1]:83%eth0', 102),
  [`${LIB}/path.socket`]: unit('%t/%p//x.sock', 103),
  [`${LIB}/abstract.socket`]: unit('@name', 104),
  [`${LIB}/inst@.socket`]: unit('/run/%i.sock', 105),
  [`${ETC}/sockets.target.wants/inst@one.socket`]: { link: `${LIB}/inst@.socket` },
  [`${LIB}/over.socket`]: unit('84', 106),
  [`${ETC}/over.socket.d/20.conf`]: '[Socket]\nBacklog=108',
  [`${LIB}/over.socket.d/30.conf`]: '[Service]\nBacklog=1\n[Socket]\n\nBacklog=109',
  [`${LIB}/hidden.socket.d/10.conf`]: '[Socket]\nBacklog=110',
  [`${ETC}/hidden.socket.d/10.conf`]: { link: '/dev/null' },
  [`${LIB}/hidden.socket`]: unit('85'),
  [`${LIB}/masked.socket`]: unit('86', 111),
  [`${ETC}/masked.socket`]: { link: '/dev/null' },
  [`${LIB}/emptied.socket`]: unit('86', 112),
  '/run/systemd/system/emptied.socket': '',
  [`${LIB}/replaced.socket`]: unit('87', 113),
  [`${ETC}/replaced.socket`]: unit('88', 114),
  [`${LIB}/moved.socket`]: unit('89', 115),
  [`${ETC}/moved.socket.d/x.conf`]: '[Socket]\nListenStream=\nListenStream=90\nBacklog=',
  [`${LIB}/one.socket`]: unit('91', 1),
  [`${LIB}/two.socket`]: unit('91', 2),
  [`${LIB}/boot.socket`]: unit('92', 3),
  [`${LIB}/idle.socket`]: unit('92', 4),
  [`${ETC}/sockets.target.wants/boot.socket`]: { link: `${LIB}/boot.socket` },
  [`${ETC}/alias.socket`]: { link: `${LIB}/v4.socket` },
  [`${LIB}/odd.socket`]: '[Socket]\nListenStream=93\nBacklog=5\nBacklog=many\nBacklog=-1',
  [`${LIB}/packets.socket`]: '[Socket]\nListenSequentialPacket=%t/seq\nListenDatagram=/run/dgram\nBacklog=6',
  [`${LIB}/sctp.socket`]: '[Socket]\nListenSequentialPacket=95\nListenDatagram=96',
  [`${LIB}/retracted.socket`]: '[Socket]\nListenStream=97\nListenDatagram=',
  [`${LIB}/a-b.socket`]: unit('94'),
  [`${ETC}/a-.socket.d/x.conf`]: '[Socket]\nBacklog=116',
};

describe('what systemd asked for', () => {
  test.each([
    [tcp('*', 80), 'systemd-socket 2147483647 default port.socket'],
    [tcp('0.0.0.0', 80), 'systemd-socket 2147483647 default port.socket'],
    [tcp('127.0.0.1', 80), 'systemd-socket ? absent'],
    [tcp('127.0.0.1', 81), `systemd-socket 100 config ${LIB}/v4.socket:3 v4.socket`],
    [tcp('::1', 82), `systemd-socket 101 config ${LIB}/v6.socket:3 v6.socket`],
    [tcp('fe80::1', 83), `systemd-socket 102 config ${LIB}/zone.socket:3 zone.socket`],
    [unix('/run/path/x.sock'), `systemd-socket 103 config ${LIB}/path.socket:3 path.socket`],
    [unix('@name'), `systemd-socket 104 config ${LIB}/abstract.socket:3 abstract.socket`],
    [unix('/run/one.sock'), `systemd-socket 105 config ${LIB}/inst@.socket:3 inst@one.socket`],
    [tcp('*', 84), `systemd-socket 109 config ${LIB}/over.socket.d/30.conf:5 over.socket`],
    [tcp('*', 85), 'systemd-socket 2147483647 default hidden.socket'],
    [tcp('*', 86), 'systemd-socket ? absent'],
    [tcp('*', 87), 'systemd-socket ? absent'],
    [tcp('*', 88), `systemd-socket 114 config ${ETC}/replaced.socket:3 replaced.socket`],
    [tcp('*', 89), 'systemd-socket ? absent'],
    [tcp('*', 90), 'systemd-socket 2147483647 default moved.socket'],
    [tcp('*', 91), 'systemd-socket ? not-collected'],
    [{ ...tcp('*', 91), unit: 'two.socket' }, `systemd-socket 2 config ${LIB}/two.socket:3 two.socket`],
    [tcp('*', 92), `systemd-socket 3 config ${LIB}/boot.socket:3 boot.socket`],
    [tcp('*', 93), `systemd-socket 5 config ${LIB}/odd.socket:3 odd.socket`],
    [unix('/run/seq'), `systemd-socket 6 config ${LIB}/packets.socket:4 packets.socket`],
    [unix('/run/dgram'), 'systemd-socket ? absent'],
    [tcp('*', 95), 'systemd-socket ? absent'],
    [tcp('*', 96), 'systemd-socket ? absent'],
    [tcp('*', 97), 'systemd-socket ? absent'],
    [tcp('*', 94), `systemd-socket 116 config ${ETC}/a-.socket.d/x.conf:2 a-b.socket`],
  ])('%j', (listener, expected) => {
    expect(brief(read(TREE, listener, manager))).toBe(expected);
  });

  test('the service that got the socket does not count, and whoever sees only the cgroup knows too', () => {
    const listener = tcp('127.0.0.1', 81);
    const expected = `systemd-socket 100 config ${LIB}/v4.socket:3 v4.socket`;
    expect(brief(read(TREE, listener, owner('nginx'), manager))).toBe(expected);
    expect(brief(read(TREE, { ...listener, unit: 'v4.socket' }))).toBe(expected);
  });

  test("a user's manager reads other directories", () => {
    const user = owner('systemd', ['/usr/lib/systemd/systemd', '--user'], { pid: 900 });
    const tree: MemoryTree = { ...TREE, '/usr/lib/systemd/user/mine.socket': unit('127.0.0.1:81', 7) };
    expect(brief(read(tree, tcp('127.0.0.1', 81), user))).toBe(
      'systemd-socket 7 config /usr/lib/systemd/user/mine.socket:3 mine.socket',
    );
  });

  test.each([
    ['/usr/lib/systemd/libsystemd-shared-257.so', 128, '2147483647 default'],
    ['/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so', 128, '2147483647 default'],
    ['/lib/systemd/libsystemd-shared-247.so', 128, '? not-collected'],
    ['/lib/systemd/libsystemd-shared-247.so', 8192, '2147483647 inferred'],
  ])('without Backlog= and with %s, a limit of %d: %s', (library, limit, expected) => {
    const tree: MemoryTree = { ...TREE, [library]: '' };
    expect(brief(read(tree, tcp('*', 80, limit), manager)).replace(/ port\.socket$/, '')).toBe(
      `systemd-socket ${expected}`,
    );
  });

  test('a unit that cannot be read is said where none fits', () => {
    const tree: MemoryTree = {
      ...TREE,
      [`${ETC}/shut.socket`]: { text: '', denied: true },
      [`${ETC}/fifo.socket`]: { kind: 'fifo' },
    };
    expect(brief(read(tree, tcp('*', 9999), manager))).toBe('systemd-socket ? malformed');
    expect(brief(read(tree, tcp('*', 84), manager))).toContain('109 config');
  });

  test('/lib is read where it is a directory of its own, and not twice where it is /usr/lib', () => {
    const own: MemoryTree = { ...TREE, '/lib/systemd/system/own.socket': unit('180', 8) };
    expect(brief(read(own, tcp('*', 180), manager))).toBe(
      'systemd-socket 8 config /lib/systemd/system/own.socket:3 own.socket',
    );
    const merged = memoryHost({ tree: { ...TREE, '/lib': { link: 'usr/lib' } } });
    const listed: string[] = [];
    const list = (path: string) => {
      listed.push(path);
      return merged.reader.list(path);
    };
    const reading = backlogReader({ ...merged.reader, list })(tcp('127.0.0.1', 81), [manager]);
    expect(brief(reading)).toBe(`systemd-socket 100 config ${LIB}/v4.socket:3 v4.socket`);
    expect(listed).toContain('/usr/lib/systemd/system');
    expect(listed).not.toContain('/lib/systemd/system');
  });

  test('only systemd is systemd', () => {
    for (const other of [
      owner('systemd', [], { pid: 1, exe: '/usr/sbin/nginx' }),
      owner('nginx', [], { pid: 1 }),
    ]) {
      expect(read(TREE, tcp('*', 80), other).unit).toBeUndefined();
    }
  });
});
