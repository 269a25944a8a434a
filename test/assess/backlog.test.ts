import { describe, expect, test } from '@jest/globals';
import { requestedBacklog } from '../../src/assess/backlog.ts';
import { findServer } from '../../src/servers/registry.ts';
import type { DefaultBacklog, ServerEntry } from '../../src/servers/server-entry.ts';
import type { TcpListener } from '../../src/snapshot/listener.ts';

const LISTENER: TcpListener = { protocol: 'tcp', address: '0.0.0.0', port: 80 };

function serverWith(defaultBacklog: DefaultBacklog): ServerEntry {
  const redis = findServer('redis');
  if (redis === null) throw new TypeError('no entry for redis');
  return { ...redis, defaultBacklog };
}

const FIXED = serverWith({ kind: 'fixed', value: 511, rule: 'test' });
const DERIVED = serverWith({ kind: 'derived', value: 151, rule: 'test' });
const DERIVED_OPEN = serverWith({ kind: 'derived', value: null, rule: 'test' });
const FOLLOWS = serverWith({ kind: 'follows-somaxconn', rule: 'test' });
const PASSES = serverWith({ kind: 'follows-somaxconn', passes: 4294967295, rule: 'test' });
const LIBC = serverWith({ kind: 'libc-somaxconn', rule: 'test' });
const CALLER = serverWith({ kind: 'caller', rule: 'test' });

function request(
  listener: Partial<TcpListener>,
  server: ServerEntry | null,
  somaxconn: number | null = 4096,
) {
  const { requested, source, followsSomaxconn } = requestedBacklog(
    { ...LISTENER, ...listener },
    server,
    somaxconn,
  );
  return [requested, source, followsSomaxconn];
}

function says(value: number, from?: string) {
  return { backlog: { ok: true, value, ...(from === undefined ? {} : { from }) } } as const;
}

describe('a backlog that the snapshot states', () => {
  test.each([
    [says(511, 'config'), null, [511, 'config', false]],
    [says(511, 'command-line'), FIXED, [511, 'command-line', false]],
    [says(128), null, [128, 'unknown', false]],
    [says(128, 'constructor'), null, [128, 'unknown', false]],
    [says(-1, 'config'), null, [4294967295, 'config', true]],
    [says(4294967295, 'config'), null, [4294967295, 'config', true]],
    [says(2147483647, 'default'), FOLLOWS, [2147483647, 'default', true]],
    [says(2147483646, 'config'), null, [2147483646, 'config', false]],
    // Go asks for the somaxconn that it read when it started.
    [says(4096, 'default'), FOLLOWS, [4096, 'default', true]],
    // PHP-FPM asked for 511 before it left it to somaxconn.
    [says(511, 'default'), PASSES, [511, 'default', false]],
    [says(4096, 'config'), FOLLOWS, [4096, 'config', false]],
    // A larger limit shows that the default was not used; a configured number stands.
    [{ ...says(511, 'default'), limit: 511 }, FIXED, [511, 'default', false]],
    [{ ...says(511, 'default'), limit: 128 }, FIXED, [511, 'default', false]],
    [{ ...says(511, 'default'), limit: 512 }, FIXED, [null, 'unknown', false]],
    [{ ...says(151, 'derived'), limit: 4096 }, DERIVED, [null, 'unknown', false]],
    [{ ...says(128, 'default'), limit: 4096 }, FOLLOWS, [null, 'default', true]],
    [{ ...says(511, 'config'), limit: 4096 }, FIXED, [511, 'config', false]],
  ])('%j', (listener, server, expected) => {
    expect(request(listener, server)).toEqual(expected);
  });

  test('keeps its file and line', () => {
    const at = { file: '/etc/redis/redis.conf', line: 7 };
    expect(requestedBacklog({ ...LISTENER, ...says(511, 'config'), backlogAt: at }, null, null).at).toEqual(
      at,
    );
  });
});

describe('a backlog that only our knowledge of the server tells', () => {
  test.each([
    ['nobody known', null, undefined, [null, 'unknown', false]],
    ['a fixed default', FIXED, 128, [511, 'default', false]],
    ['a fixed default, limit not known', FIXED, undefined, [511, 'default', false]],
    ['a fixed default below the limit', FIXED, 1024, [null, 'unknown', false]],
    ['a derived default', DERIVED, 128, [151, 'derived', false]],
    ['a derived default without a number', DERIVED_OPEN, 128, [null, 'unknown', false]],
    ['one that follows somaxconn', FOLLOWS, 128, [null, 'default', true]],
    ['the C library of 128 or of 4096', LIBC, 128, [null, 'unknown', false]],
    ['the C library of 4096', LIBC, 1024, [4096, 'inferred', false]],
    ['neither C library', LIBC, 8192, [null, 'unknown', false]],
    ['the C library, limit not known', LIBC, undefined, [null, 'unknown', false]],
    ['whatever the caller says', CALLER, 128, [null, 'unknown', false]],
  ])('%s', (_, server, limit, expected) => {
    expect(request(limit === undefined ? {} : { limit }, server)).toEqual(expected);
    const denied = {
      backlog: { ok: false, why: 'denied' },
      ...(limit === undefined ? {} : { limit }),
    } as const;
    // What the file says may be any number that the limit does not speak against.
    const hasNumber = server === FIXED || server === DERIVED || server === DERIVED_OPEN;
    expect(request(denied, server)).toEqual(hasNumber ? [null, 'unknown', false] : expected);
  });

  test('where its configuration may not be read, only the limit itself speaks for the default', () => {
    const denied = { backlog: { ok: false, why: 'denied' } } as const;
    expect(request({ ...denied, limit: 511 }, FIXED)).toEqual([511, 'default', false]);
    expect(request({ ...denied, limit: 151 }, DERIVED)).toEqual([151, 'derived', false]);
  });

  test.each([
    [128, [511, 'default', false]],
    [511, [511, 'default', false]],
    [64, [null, 'unknown', false]],
  ])('a configuration that could not be read, and a limit of %d', (limit, expected) => {
    const backlog = { ok: false, why: 'not-collected' } as const;
    expect(request({ backlog, limit }, FIXED)).toEqual(expected);
  });
});

describe('a program of a runtime, which may pass any number', () => {
  test.each([
    // server, limit, somaxconn
    ['python-socket', 5, 4096, [null, 'unknown', false]],
    ['python-socket', 128, 4096, [128, 'default', false]],
    ['python-socket', undefined, 4096, [null, 'unknown', false]],
    ['nodejs', 511, 4096, [511, 'default', false]],
    ['nodejs', 128, 4096, [511, 'default', false]],
    ['nodejs', 256, 256, [511, 'default', false]],
    ['nodejs', 256, 4096, [null, 'unknown', false]],
    ['nodejs', 256, null, [null, 'unknown', false]],
    ['nodejs', 4096, 4096, [null, 'unknown', false]],
    ['netty', 128, 4096, [null, 'default', true]],
    ['netty', 1024, 1024, [null, 'default', true]],
    ['netty', 1024, 4096, [null, 'unknown', false]],
    // Go has no parameter for it, so a limit of any size is somaxconn's.
    ['go-net', 1024, 4096, [null, 'default', true]],
    // 511 is what PHP before 8.2 asks for.
    ['php-fpm', 511, 4096, [null, 'unknown', false]],
    ['php-fpm', 1024, 4096, [null, 'default', true]],
  ] as const)('%s with a limit of %p and somaxconn %p', (id, limit, somaxconn, expected) => {
    const server = findServer(id);
    expect(server).not.toBeNull();
    expect(request(limit === undefined ? {} : { limit }, server, somaxconn)).toEqual(expected);
  });

  test('what the snapshot says stands', () => {
    expect(request({ ...says(511, 'default'), limit: 100 }, findServer('nodejs'))).toEqual([
      511,
      'default',
      false,
    ]);
  });
});
