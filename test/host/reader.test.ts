import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hostReader } from '../../src/host/reader.ts';

let top = '';
let outside = '';
let server: Server | null = null;

beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), 'reader-'));
  outside = mkdtempSync(join(tmpdir(), 'outside-'));
  mkdirSync(join(top, 'etc/sysctl.d'), { recursive: true });
  mkdirSync(join(top, 'usr/lib'), { recursive: true });
  writeFileSync(join(outside, 'secret'), 'outside');
  writeFileSync(join(top, 'secret'), 'inside');
  writeFileSync(join(top, 'etc/a.conf'), 'a = 1\n');
  writeFileSync(join(top, 'etc/big'), Buffer.alloc(200_000, 'x'));
  writeFileSync(join(top, 'etc/empty'), '');
  chmodSync(join(top, 'etc/a.conf'), 0o640);
  symlinkSync('/etc/a.conf', join(top, 'etc/absolute'));
  symlinkSync('../../../../../../etc/a.conf', join(top, 'etc/climbs'));
  symlinkSync(join(outside, 'secret'), join(top, 'etc/escapes'));
  symlinkSync('/../secret', join(top, 'etc/dotdot'));
  symlinkSync('loop2', join(top, 'etc/loop1'));
  symlinkSync('loop1', join(top, 'etc/loop2'));
  symlinkSync('nowhere', join(top, 'etc/dangling'));
  symlinkSync('/usr/lib', join(top, 'lib'));
  writeFileSync(join(top, 'usr/lib/x'), 'merged');
  execFileSync('mkfifo', [join(top, 'etc/fifo')]);
  for (const name of ['b', 'a', 'B', 'é', 'z', '\ud83d\ude00', '\uffee', '1']) {
    writeFileSync(join(top, 'etc/sysctl.d', name), '');
  }
  server = createServer().listen(join(top, 'etc/socket'));
  await new Promise((resolve) => server?.once('listening', resolve));
});

afterAll(() => {
  server?.close();
  for (const directory of [top, outside]) rmSync(directory, { recursive: true, force: true });
});

const IN_ROOT: readonly (readonly [string, object])[] = [
  ['/etc/a.conf', { ok: true, value: 'a = 1\n' }],
  ['/etc/../etc/./a.conf', { ok: true, value: 'a = 1\n' }],
  ['/../../../etc/a.conf', { ok: true, value: 'a = 1\n' }],
  ['/etc/empty', { ok: true, value: '' }],
  ['/etc/absolute', { ok: true, value: 'a = 1\n' }],
  ['/etc/climbs', { ok: true, value: 'a = 1\n' }],
  ['/etc/dotdot', { ok: true, value: 'inside' }],
  ['/lib/x', { ok: true, value: 'merged' }],
  ['/etc/escapes', { ok: false, why: 'absent' }],
  ['/etc/dangling', { ok: false, why: 'absent' }],
  ['/etc/loop1', { ok: false, why: 'malformed', detail: 'a loop of links' }],
  ['/etc/fifo', { ok: false, why: 'malformed', detail: 'not a regular file but a fifo' }],
  ['/etc/socket', { ok: false, why: 'malformed', detail: 'not a regular file but a socket' }],
  ['/etc', { ok: false, why: 'malformed', detail: 'not a regular file but a directory' }],
  ['/etc/a.conf/x', { ok: false, why: 'absent' }],
  ['/nowhere/x', { ok: false, why: 'absent' }],
];

describe('hostReader with a root', () => {
  test.each(IN_ROOT)('%s', (path, expected) => {
    expect(hostReader(top).readText(path)).toEqual(expected);
    expect(hostReader(`${top}/`).readText(path)).toEqual(expected);
  });

  test('a link as the root itself is followed', () => {
    const link = join(outside, 'link');
    symlinkSync(top, link);
    expect(hostReader(link).readText('/etc/absolute')).toEqual({ ok: true, value: 'a = 1\n' });
  });

  test.each([(path: string) => `${path}/`, (path: string) => path.replace(/\/([^/]+)$/, '/./$1')])(
    'is one root, however it is typed',
    (typed) => {
      expect(hostReader(typed(top)).root).toBe(hostReader(top).root);
      expect(hostReader(typed(top)).typed.options).toContain(typed(top));
    },
  );

  test('is as it was typed below /proc, where a link tells nothing', () => {
    expect(hostReader('/proc/self/root').root).toBe('/proc/self/root');
    expect(hostReader('/proc/self/root').stat('/etc').ok).toBe(true);
  });

  test('stands for nothing where the root does not exist', () => {
    expect(hostReader('/nowhere/at/all').list('/etc')).toEqual({ ok: false, why: 'absent' });
  });

  test('lstat is of the entry, stat of what it leads to', () => {
    const reader = hostReader(top);
    expect(reader.lstat('/etc/absolute')).toMatchObject({ ok: true, value: { kind: 'link' } });
    expect(reader.stat('/etc/absolute')).toMatchObject({
      ok: true,
      value: {
        kind: 'file',
        mode: 0o640,
        sizeBytes: 6,
        inode: statSync(join(top, 'etc/a.conf')).ino,
        modifiedMs: statSync(join(top, 'etc/a.conf')).mtimeMs,
      },
    });
    expect(reader.lstat('/etc/dangling')).toMatchObject({ ok: true, value: { kind: 'link' } });
    expect(reader.stat('/etc/dangling')).toEqual({ ok: false, why: 'absent' });
    expect(reader.stat('/etc/loop1')).toMatchObject({ ok: false, why: 'malformed' });
    expect(reader.stat('/etc/fifo')).toMatchObject({ ok: true, value: { kind: 'fifo' } });
    expect(reader.stat('/lib')).toMatchObject({ ok: true, value: { kind: 'directory' } });
  });

  test.each<[string, object]>([
    [
      '/lib/../../etc/a.conf',
      { ok: true, value: { text: 'a = 1\n', names: 1, stat: { kind: 'file', mode: 0o640, sizeBytes: 6 } } },
    ],
    ['/etc/absolute', { ok: false, why: 'malformed', detail: 'not a regular file but a link' }],
    ['/etc/fifo', { ok: false, why: 'malformed', detail: 'not a regular file but a fifo' }],
    ['/etc/big', { ok: false, why: 'malformed', detail: 'larger than 199999 bytes' }],
    ['/etc/nowhere', { ok: false, why: 'absent' }],
  ])('what is opened at %s is said with its content', (path, expected) => {
    expect(hostReader(top).readOpened(path, 199_999)).toMatchObject(expected);
  });

  test('reads links and lists names in byte order', () => {
    const reader = hostReader(top);
    expect(reader.readLink('/etc/escapes')).toEqual({ ok: true, value: join(outside, 'secret') });
    expect(reader.readLink('/etc/a.conf')).toMatchObject({
      ok: false,
      why: 'malformed',
      detail: 'not a link',
    });
    const names = ['1', 'B', 'a', 'b', 'z', 'é', '\uffee', '\ud83d\ude00'];
    expect(reader.list('/etc/sysctl.d')).toEqual({ ok: true, value: names });
    expect(reader.list('/etc/a.conf')).toMatchObject({ ok: false });
  });
});

describe('hostReader of this host', () => {
  test('does not wait for a FIFO and follows no loop', () => {
    const reader = hostReader();
    expect(reader.readText(join(top, 'etc/fifo'))).toMatchObject({ ok: false, why: 'malformed' });
    expect(reader.readText(join(top, 'etc/loop1'))).toMatchObject({ ok: false, why: 'malformed' });
    expect(reader.readText('/dev/null')).toMatchObject({ ok: false, why: 'malformed' });
  });

  test('reads files of /proc, which say that they are empty', () => {
    expect(hostReader().readText('/proc/self/stat')).toMatchObject({
      ok: true,
      value: expect.stringMatching(/^\d+ /),
    });
    expect(hostReader().readText('/proc/self/no-such-file')).toEqual({ ok: false, why: 'absent' });
  });

  test.each([
    [199_999, { ok: false, why: 'malformed', detail: 'larger than 199999 bytes' }],
    [200_000, { ok: true }],
  ])('bounds what it reads to %d bytes', (maxBytes, expected) => {
    expect(hostReader().readText(join(top, 'etc/big'), maxBytes)).toMatchObject(expected);
    expect(hostReader().readBytes(join(top, 'etc/big'), maxBytes)).toMatchObject(expected);
  });

  test('bounds files that do not know their own size', () => {
    expect(hostReader().readText('/proc/self/maps', 100)).toMatchObject({ ok: false, why: 'malformed' });
  });

  test('what it read stays as it was when the next file is read', () => {
    const reader = hostReader();
    const first = reader.readBytes(join(top, 'etc/a.conf'));
    reader.readBytes(join(top, 'secret'));
    expect(first).toEqual({ ok: true, value: Uint8Array.from(Buffer.from('a = 1\n')) });
  });

  test('gives bytes as they are, and text with U+FFFD for what is no UTF-8', () => {
    const path = join(top, 'etc/latin');
    writeFileSync(path, Buffer.from([0x61, 0xff, 0x0a]));
    linkSync(path, join(top, 'etc/latin-hard'));
    expect(hostReader().readBytes(path)).toEqual({ ok: true, value: Uint8Array.of(0x61, 0xff, 0x0a) });
    expect(hostReader(top).readText('/etc/latin-hard')).toEqual({ ok: true, value: 'a\ufffd\n' });
  });

  test.each(['net/ipv4/tcp_rmem', 'net/ipv4/tcp_available_congestion_control', 'kernel/osrelease'])(
    'reads the variable %s whole',
    (name) => {
      const path = `/proc/sys/${name}`;
      expect(hostReader().readText(path)).toEqual({ ok: true, value: readFileSync(path, 'utf8') });
    },
  );

  test('reads a variable without a value, a directory of them and no more than it may', () => {
    expect(hostReader().readText('/proc/sys/kernel/domainname', 2)).toMatchObject({ why: 'malformed' });
    expect(hostReader().readText('/proc/sys/net')).toEqual({
      ok: false,
      why: 'malformed',
      detail: 'a directory',
    });
    const list = '/proc/sys/net/ipv4/ip_local_reserved_ports';
    expect(hostReader().readText(list)).toEqual({ ok: true, value: readFileSync(list, 'utf8') });
  });

  test('says denied for what it may not read', () => {
    // Only an ordinary user is refused; root is refused what the kernel keeps to itself.
    const path = process.getuid?.() === 0 ? '/proc/sys/net/ipv4/route/flush' : '/etc/shadow';
    expect(hostReader().readText(path)).toMatchObject({ ok: false, why: 'denied' });
  });
});
