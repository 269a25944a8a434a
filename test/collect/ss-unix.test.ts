import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSsUnix } from '../../src/collect/ss-unix.ts';
import { valueOr } from '../../src/core/fact.ts';
import { type FakeUnixSocket, renderSsUnix } from '../tools/ss-renderer.ts';

function rowsOf(sockets: readonly FakeUnixSocket[], withMemory = true) {
  return valueOr(parseSsUnix(renderSsUnix(sockets, withMemory)), null);
}

/** Of the names only the bytes matter here; a name's leading blanks cannot be told from padding. */
function expected(sockets: readonly FakeUnixSocket[]) {
  return sockets.map(({ name, inode, limit }) => ({
    path: Buffer.from(name.replace(/^ +/, ''), 'latin1').toString('utf8'),
    inode,
    limit,
  }));
}

function seen(sockets: readonly FakeUnixSocket[], withMemory = true) {
  return rowsOf(sockets, withMemory)?.listeners.map(({ path, inode, limit }) => ({ path, inode, limit }));
}

const TRAILER = ' 5 * 0 skmem:(r0,rb1,t0,tb1,f0,w0,o0,bl0,d0) <-> peers:';
const HEAD = 'u_str 0      9      ';

const FORGERIES: readonly (readonly [string, string])[] = [
  ['a TCP row', '@x\ntcp LISTEN 0 1 0.0.0.0:22 0.0.0.0:* ino:9'],
  ['a whole row', `@x\n${HEAD}/run/v${TRAILER}\n`],
  ['the end of its own row and the start of another', `@x${TRAILER}\n${HEAD}/run/v`],
  ['short ends', '@x 5 * 0\nu_str 0 9 /run/v 6 * 0\nu_str 0 9 /run/w'],
  ['only a line break', '\n'],
  ['a tab after the break', '@x 5 * 0\n\tmore'],
  ['bytes that are no UTF-8', '@\xff\xfe\n\x01'],
  ['UTF-8 of several bytes', Buffer.from('/run/größe', 'utf8').toString('latin1')],
];

describe('unix rows of ss', () => {
  test.each(FORGERIES)('keeps %s in the name', (_what, name) => {
    const forged = { name, inode: 77, limit: 3 };
    const other = { name: '/run/a', inode: 12345, limit: 4096 };
    for (const sockets of [[forged], [other, forged], [forged, other], [forged, forged].map(renumbered)]) {
      expect(seen(sockets)).toEqual(expected(sockets));
    }
  });

  test('never takes part of a name for a row, whatever the names hold', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\n',
        ' ',
        '@',
        '/run/v',
        HEAD,
        'u_str 0 9 ',
        TRAILER,
        ' 5 * 0',
        ' 5 * 0\n',
        '\t',
        'peers:',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 6 }),
      fc.integer({ min: 0, max: 60 }).map((count) => ' '.repeat(count)),
    );
    const name = fc
      .array(piece, { minLength: 1, maxLength: 8 })
      .map((pieces) => `@${pieces.join('')}`.slice(0, 108));
    const sockets = fc
      .array(name, { minLength: 1, maxLength: 5 })
      .map((names) => names.map((each, index) => ({ name: each, inode: 10_000 + index, limit: index })));
    fc.assert(
      fc.property(sockets, (each) => expect(seen(each)).toEqual(expected(each))),
      { numRuns: 3000 },
    );
  });

  test('an inode that comes twice counts once', () => {
    const sockets = [
      { name: '/a', inode: 5, limit: 1 },
      { name: '/b', inode: 5, limit: 1 },
    ];
    expect(rowsOf(sockets)).toMatchObject({ refused: 1, listeners: [{ inode: 5, path: '/a' }] });
  });

  test('the limit is unknown where ss had it from /proc/net/unix', () => {
    const [listener] = rowsOf([{ name: '/a', inode: 5, limit: 0 }], false)?.listeners ?? [];
    expect(listener).toEqual({ protocol: 'unix', path: '/a', length: 0, inode: 5 });
    expect(rowsOf([{ name: '/a', inode: 5, limit: 0 }])?.listeners[0]).toMatchObject({ limit: 0, drops: 2 });
  });

  test('reads the unaligned rows of older versions when every line is a whole row', () => {
    const text =
      'u_str  0      128    /run/a 901 * 0    users:(("x"))\nu_str  0  5  /run/longer 902 * 0    skmem:(r0,d1)\n';
    expect(parseSsUnix(text)).toMatchObject({
      ok: true,
      value: {
        certain: false,
        listeners: [
          { path: '/run/a', limit: 128 },
          { path: '/run/longer', inode: 902, drops: 1 },
        ],
      },
    });
    expect(parseSsUnix(`${text}what is this\n`)).toMatchObject({ ok: false, why: 'malformed' });
  });

  test('nothing printed is no listener, nonsense is malformed', () => {
    expect(parseSsUnix('')).toEqual({ ok: true, value: { listeners: [], refused: 0, certain: true } });
    expect(parseSsUnix('Usage: ss [ OPTIONS ]\n')).toMatchObject({ ok: false, why: 'malformed' });
    fc.assert(fc.property(fc.string(), (text) => expect(parseSsUnix(text)).toHaveProperty('ok')));
  });
});

function renumbered(socket: FakeUnixSocket, index: number): FakeUnixSocket {
  return { ...socket, inode: socket.inode + index };
}
