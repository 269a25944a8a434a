import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { configsOfUnit } from '../../../src/collect/backlog/redis-backlog.ts';
import { parseRedis, redisArguments, splitWords } from '../../../src/collect/backlog/redis-syntax.ts';
import type { MemoryTree } from '../../tools/memory-host.ts';
import { brief, owner, read, tcp, unix } from './listener-samples.ts';

describe('splitWords', () => {
  test.each([
    ['a b', ['a', 'b']],
    ['  a\t"b c" ', ['a', 'b c']],
    ['a "\\x41\\n\\"q"', ['a', 'A\n"q']],
    ["a 'it\\'s \\n'", ['a', "it's \\n"]],
    ['a ""', ['a', '']],
    ['a "b', null],
    ["a 'b", null],
    ['', []],
  ])('%j', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});

test('parseRedis: names in lower case, comments and broken lines left out, lines counted', () => {
  const text = '# x\n\nTCP-Backlog 300\r\nrequirepass "open\nport 1';
  expect(parseRedis(text)).toEqual([
    { words: ['tcp-backlog', '300'], line: 3 },
    { words: ['port', '1'], line: 5 },
  ]);
});

const anyText = fc.string({ unit: 'binary' });
test('parseRedis ends on any text, a mebibyte on one line too', () => {
  for (const piece of ['a', '"', '\\', ' ', "'", '" ']) parseRedis(piece.repeat(2 ** 20 / piece.length));
});
test('parseRedis gives every line a name', () =>
  fc.assert(fc.property(anyText, (text) => parseRedis(text).every(({ words }) => words.length > 0))));

test.each([
  ['redis-server.service', '/etc/redis/redis.conf'],
  ['redis.service', '/etc/redis.conf'],
  ['redis-server@b.service', '/etc/redis/redis-b.conf'],
  ['redis@b.service', '/etc/redis/b.conf'],
  ['redis-sentinel.service', '/etc/redis/sentinel.conf'],
  ['valkey-server.service', '/etc/valkey/valkey.conf'],
  ['keydb-server.service', '/etc/keydb/keydb.conf'],
])('%s vouches for %s', (unit, path) => {
  expect(configsOfUnit(unit)).toContain(path);
});

test.each(['', 'my-redis.service', 'redis-server.socket', 'redis@../x.service'])(
  '%j vouches for nothing',
  (unit) => {
    expect(configsOfUnit(unit)).toEqual([]);
  },
);

test.each([
  [['redis-server *:6379'], null],
  [['/usr/bin/redis-server 127.0.0.1:6379 [cluster]', ''], null],
  [[], null],
  [['redis-server'], { file: null, lines: [] }],
  [['redis-server', '/x.conf'], { file: '/x.conf', lines: [] }],
  [
    ['redis-server', '/x.conf', '--Port', '1', '--save', ''],
    {
      file: '/x.conf',
      lines: [
        { words: ['port', '1'], line: 1 },
        { words: ['save'], line: 1 },
      ],
    },
  ],
])('redisArguments(%j)', (commandLine, expected) => {
  expect(redisArguments(commandLine)).toEqual(expected);
});

const title = owner('redis-server', ['/usr/bin/redis-server *:6379']);
const TREE: MemoryTree = {
  '/etc/redis/redis.conf':
    'bind 127.0.0.1\ntcp-backlog 100\ninclude /etc/redis/extra/*.conf\nunixsocket /run/r.sock\n',
  '/etc/redis/extra/a.conf': 'tcp-backlog 300',
  '/etc/redis/two.conf': 'port 6380\ncluster-enabled yes\ntcp-backlog 400',
  '/etc/redis/sentinel.conf': 'sentinel monitor m 127.0.0.1 6379 2\ntcp-backlog 50',
  '/etc/redis/tls.conf': 'port 0\ntls-port 7000',
  '/etc/valkey/v.conf': 'port 6390\ntcp-backlog 600',
  '/etc/valkey/w.conf': 'port 6390\ntcp-backlog 601',
  '/etc/redis/big.conf': 'port 6391\ninclude relative.conf\ntcp-backlog 601',
};

describe('what Redis asked for, its arguments replaced by a title', () => {
  test.each([
    [tcp('127.0.0.1', 6379), 'redis 300 config /etc/redis/extra/a.conf:1'],
    [unix('/run/r.sock'), 'redis 300 config /etc/redis/extra/a.conf:1'],
    [tcp('0.0.0.0', 6380), 'redis 400 config /etc/redis/two.conf:3'],
    [tcp('0.0.0.0', 16380), 'redis 400 config /etc/redis/two.conf:3'],
    [tcp('0.0.0.0', 26379, 50), 'redis 50 config /etc/redis/sentinel.conf:2'],
    [tcp('0.0.0.0', 7000), 'redis 511 default'],
    [tcp('0.0.0.0', 7001), 'redis 511 default'],
    [tcp('0.0.0.0', 7001, 1000), 'redis ? not-collected'],
    [tcp('0.0.0.0', 6390), 'redis ? not-collected'],
    [tcp('0.0.0.0', 6391), 'redis ? not-collected'],
  ])('%j', (listener, expected) => {
    expect(brief(read(TREE, listener, title))).toBe(expected);
  });

  test.each([
    ['as the file says', 300, 'redis 300 config /etc/redis/extra/a.conf:1'],
    ['as nobody sets it by default', 511, 'redis 511 default'],
    ['as another file may say', 64, 'redis ? not-collected'],
    ['above what the file and the default say', 1000, 'redis ? not-collected'],
  ])('a limit %s', (_what, limit, expected) => {
    expect(brief(read(TREE, tcp('127.0.0.1', 6379, limit), title))).toBe(expected);
    expect(brief(read(TREE, tcp('127.0.0.1', 7001, limit), title))).toBe(
      limit === 511 ? 'redis 511 default' : 'redis ? not-collected',
    );
  });

  test('a limit that is somaxconn itself', () => {
    const tree: MemoryTree = { ...TREE, '/proc/sys/net/core/somaxconn': '64\n' };
    expect(brief(read(tree, tcp('0.0.0.0', 6380, 64), title))).toBe('redis 400 config /etc/redis/two.conf:3');
  });

  test('a limit that nothing tells', () => {
    const { limit: _, ...listener } = tcp('0.0.0.0', 6380);
    expect(brief(read(TREE, listener, title))).toBe('redis ? not-collected');
  });

  test.each([
    ['redis-server.service', 6379, 'redis 300 config /etc/redis/extra/a.conf:1'],
    ['redis@two.service', 6380, 'redis 400 config /etc/redis/two.conf:3'],
    ['valkey@w.service', 6390, 'redis 601 config /etc/valkey/w.conf:2'],
    ['redis@one.service', 6380, 'redis ? not-collected'],
    ['session-3.scope', 6379, 'redis ? not-collected'],
  ])('the unit %s, whatever the limit is', (unit, port, expected) => {
    const server = owner('redis-server', ['redis-server *:6379'], { unit });
    expect(brief(read(TREE, tcp('0.0.0.0', port, 64), server))).toBe(expected);
  });

  test('a configuration that may not be read may be its own', () => {
    const denied: MemoryTree = { '/etc/redis': { kind: 'directory', denied: true } };
    expect(brief(read(denied, tcp('0.0.0.0', 6379), title))).toBe('redis ? denied');
    const one: MemoryTree = { ...TREE, '/etc/redis/x.conf': { text: '', denied: true } };
    expect(brief(read(one, tcp('0.0.0.0', 6380), title))).toBe('redis 400 config /etc/redis/two.conf:3');
    expect(brief(read(one, tcp('0.0.0.0', 7001), title))).toBe('redis ? denied');
  });
});

describe('what Redis asked for, its arguments left as they were', () => {
  test.each([
    [['--tcp-backlog', '600', '--requirepass', 'x'], 'redis 600 command-line'],
    [['--port', '7000'], 'redis 511 default'],
    [['/srv/r.conf'], 'redis 20 config /srv/r.conf:1'],
    [['/srv/r.conf', '--TCP-Backlog', '21'], 'redis 21 command-line'],
    [['/srv/loop.conf'], 'redis ? malformed'],
    [['/srv/none.conf'], 'redis ? absent'],
    [['/srv/fifo'], 'redis ? malformed'],
    [['/srv/bad.conf'], 'redis 511 default'],
  ])('%j', (options, expected) => {
    const tree: MemoryTree = {
      '/srv/r.conf': 'tcp-backlog 20',
      '/srv/loop.conf': 'include /srv/loop.conf',
      '/srv/fifo': { kind: 'fifo' },
      '/srv/bad.conf': 'tcp-backlog many\n\u0000\u0001 "',
    };
    const server = owner('redis-server', ['redis-server', ...options]);
    expect(brief(read(tree, tcp('127.0.0.1', 6379), server))).toBe(expected);
  });
});

test('no text of a command line or configuration comes back', () => {
  const secrets = ['--requirepass', 'hunter2', '--tcp-backlog', '600'];
  const tree: MemoryTree = { '/etc/redis/r.conf': 'requirepass hunter2\ntcp-backlog 3' };
  const readings = [
    read(tree, tcp('0.0.0.0', 6379), owner('redis-server', ['redis-server', ...secrets])),
    read(tree, tcp('0.0.0.0', 6379), owner('redis-server', [`redis-server --requirepass hunter2`])),
    read(tree, tcp('0.0.0.0', 6379), owner('redis-server', ['redis-server', '/hunter2.conf', ...secrets])),
    read(tree, tcp('0.0.0.0', 80), owner('nginx', ['nginx: master process nginx -g hunter2'])),
    read(tree, tcp('0.0.0.0', 80, 9999), owner('gunicorn', ['gunicorn', '--env', 'hunter2'])),
    read(tree, tcp('0.0.0.0', 80), owner('unknown', ['unknown', 'hunter2'])),
  ];
  expect(JSON.stringify(readings)).not.toContain('hunter2');
});
