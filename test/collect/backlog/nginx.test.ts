import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { nginxOptions } from '../../../src/collect/backlog/nginx-backlog.ts';
import { parseNginx } from '../../../src/collect/backlog/nginx-syntax.ts';
import type { MemoryTree } from '../../tools/memory-host.ts';
import { brief, owner, read, tcp, unix } from './listener-samples.ts';

const worker = owner('nginx', ['nginx: worker process'], { pid: 101 });
const master = owner('nginx', ['nginx: master process /usr/sbin/nginx -g daemon off;']);

describe('parseNginx', () => {
  const rows: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ['a b;', [['a', 'b']]],
    ['a "b c;" \'d}\';', [['a', 'b c;', 'd}']]],
    ['a b\\;c;', [['a', 'b\\;c']]],
    ['a "q\\"q";', [['a', 'q"q']]],
    ['# a b;\nc;', [['c']]],
    ['a b#c;', [['a', 'b#c']]],
    ['set $x a$' + '{y}z;', [['set', '$x', 'a$' + '{y}z']]],
    ['} a;', [['a']]],
    ['a { b; } c;', [['a'], ['c']]],
    ['a { b', [['a']]],
    [
      'content_by_lua_block { x = "}" -- }\n y = {} --[[ } ]] z = [=[ } ]=] } a;',
      [['content_by_lua_block'], ['a']],
    ],
    ['', []],
  ];
  test.each(rows)('%j', (text, words) => {
    expect(parseNginx(text, '/x').map((directive) => directive.words)).toEqual(words);
  });

  test('lines count through comments, quotes and blocks', () => {
    const [server] = parseNginx('# one\nserver {\n  x "a\nb";\n  listen 80;\n}', '/x');
    expect(server?.line).toBe(2);
    expect(server?.block?.map(({ line }) => line)).toEqual([3, 5]);
  });

  const piece = fc.constantFrom(...'{};"\'\\#\n $a', '[[', '--', 'x_by_lua_block ');
  const syntax = fc.array(piece, { maxLength: 80 }).map((all) => all.join(''));
  const text = fc.oneof(fc.string({ unit: 'binary' }), syntax);
  test('ends on any text', () =>
    fc.assert(fc.property(text, (one) => parseNginx(one, '/x').every(({ words }) => words.length > 0))));

  test.each(['a', '{', '"', '\\', '}', ' ', 'a ', 'a;', 'a{', '[[', '--'])(
    'a mebibyte of %j on one line',
    (piece) => {
      expect(parseNginx(piece.repeat(2 ** 20 / piece.length), '/x').length).toBeGreaterThanOrEqual(0);
    },
  );
});

test.each([
  [['-c', '/a', '-p', '/b'], '/a', '/b'],
  [['-c/a'], '/a', null],
  [['-tqc', '/a', '-g', '-c /z'], '/a', null],
  [['-c'], null, null],
  [['-c', '/a', '-c', '/b'], '/b', null],
  [[], null, null],
])('options %j', (words, config, prefix) => {
  expect(nginxOptions(words)).toEqual({ config, prefix });
});

const SITE: MemoryTree = {
  '/etc/nginx/nginx.conf': `events {}
http {
  include conf.d/*.conf;
  include /etc/nginx/sites/*;
  upstream app { server 127.0.0.1:9; }
  server { listen 7000; }
}
stream {
  server { listen 127.0.0.1:5000-5002 backlog=77; }
  server { listen 53 udp backlog=9; }
}`,
  '/etc/nginx/conf.d/a.conf': `server {
  listen 8080 default_server backlog=1024;
  listen [::]:8080 backlog=2048;
  listen 127.0.0.1;
  listen unix:/run/a.sock backlog=300;
  listen [0:0::1]:81 backlog=400;
  location / { return 200; }
}
server {
  # the first server set the backlog of this address
  listen *:8080;
}`,
  '/etc/nginx/sites/default':
    'server { server_name x; }\nserver { listen example.com:90; listen other.com:91 backlog=5; }',
};

describe('what nginx asked for', () => {
  const conf = '/etc/nginx/conf.d/a.conf';
  test.each([
    [tcp('0.0.0.0', 8080), `nginx 1024 config ${conf}:2`],
    [tcp('::', 8080), `nginx 2048 config ${conf}:3`],
    [tcp('*', 8080), `nginx 2048 config ${conf}:3`],
    [tcp('127.0.0.1', 80), 'nginx 511 default'],
    [tcp('0.0.0.0', 80), 'nginx 511 default'],
    [tcp('::1', 81), `nginx 400 config ${conf}:6`],
    [unix('/run/a.sock'), `nginx 300 config ${conf}:5`],
    [tcp('0.0.0.0', 7000), 'nginx 511 default'],
    [tcp('0.0.0.0', 7000, 4096), 'nginx ? not-collected'],
    [tcp('127.0.0.1', 5001), 'nginx 77 config /etc/nginx/nginx.conf:9'],
    [tcp('127.0.0.1', 5003), 'nginx ? absent'],
    [tcp('0.0.0.0', 53), 'nginx ? absent'],
    [tcp('10.0.0.1', 90), 'nginx 511 default'],
    [tcp('10.0.0.1', 91), 'nginx ? not-collected'],
  ])('%j', (listener, expected) => {
    expect(brief(read(SITE, listener, worker, master))).toBe(expected);
  });

  test.each([
    ['nginx: master process nginx -c /srv/x.conf', null, '/srv/x.conf'],
    ['nginx: master process nginx -p /srv -c x.conf', null, '/srv/x.conf'],
    ['nginx: master process nginx -p srv/', null, '/home/a/srv/conf/nginx.conf'],
    ['nginx: master process ./nginx', '/opt/ng/sbin/nginx', '/opt/ng/conf/nginx.conf'],
    ['nginx: master process nginx', '/usr/sbin/nginx', '/etc/nginx/nginx.conf'],
  ])('%s (%s) reads %s', (title, exe, path) => {
    const tree = { [path]: 'http { server { listen 80 backlog=9; } }', '/proc/100/cwd': { link: '/home/a' } };
    expect(brief(read(tree, tcp('0.0.0.0', 80), worker, owner('nginx', [title], { exe })))).toBe(
      `nginx 9 config ${path}:1`,
    );
  });

  test('without any file to be found the default counts', () => {
    expect(brief(read({}, tcp('0.0.0.0', 80), master))).toBe('nginx 511 default');
  });

  test('a process in another root directory reads another /etc', () => {
    const tree: MemoryTree = { ...SITE, '/elsewhere/x': '', '/proc/100/root': { link: '/elsewhere' } };
    expect(brief(read(tree, tcp('0.0.0.0', 8080), master))).toBe('nginx ? not-collected');
    const sameInode = { kind: 'directory', device: 2 } as const;
    expect(brief(read({ ...SITE, '/proc/100/root': sameInode }, tcp('0.0.0.0', 8080), master))).toBe(
      'nginx ? not-collected',
    );
    const same: MemoryTree = { ...SITE, '/proc/100/root': { link: '/' } };
    expect(brief(read(same, tcp('0.0.0.0', 8080), master))).toBe(`nginx 1024 config ${conf}:2`);
  });
});

describe('hostile configuration', () => {
  const main = '/etc/nginx/nginx.conf';
  const sites = 'http { include sites/*; server { listen 1 backlog=5; } server { listen 2; } }';
  const rows: readonly (readonly [string, MemoryTree, string])[] = [
    ['denied', { [main]: { text: '', denied: true } }, 'denied'],
    ['a FIFO', { [main]: { kind: 'fifo' } }, 'malformed'],
    ['includes itself', { [main]: `include ${main}; ${sites}` }, 'malformed'],
    ['a denied site', { [main]: sites, '/etc/nginx/sites/a': { text: 'x', denied: true } }, 'denied'],
    ['a FIFO among the sites', { [main]: sites, '/etc/nginx/sites/a': { kind: 'fifo' } }, 'malformed'],
    [
      'sites that include each other',
      { [main]: sites, '/etc/nginx/sites/a': 'include sites/b;', '/etc/nginx/sites/b': 'include sites/a;' },
      'malformed',
    ],
    ['larger than is read', { [main]: sites, '/etc/nginx/sites/a': '#'.repeat(2 ** 20 + 1) }, 'malformed'],
  ];
  test.each(rows)('%s', (_name, tree, why) => {
    expect(brief(read(tree, tcp('0.0.0.0', 2), master))).toBe(`nginx ? ${why}`);
  });

  test('what could be read still counts', () => {
    const tree: MemoryTree = { [main]: sites, '/etc/nginx/sites/a': { kind: 'fifo' } };
    expect(brief(read(tree, tcp('0.0.0.0', 1), master))).toBe(`nginx 5 config ${main}:1`);
  });

  test('includes that double at each level end', () => {
    const levels = Array.from({ length: 19 }, (_, level): [string, string] => [
      `/etc/nginx/l${level}`,
      `include l${level + 1};`.repeat(4),
    ]);
    const tree = {
      [main]: `http { include l0; server { listen 2; } }`,
      ...Object.fromEntries(levels),
      '/etc/nginx/l19': '',
    };
    expect(brief(read(tree, tcp('0.0.0.0', 2), master))).toBe('nginx ? not-collected');
  });

  test('bytes that are no text', () => {
    const tree: MemoryTree = {
      [main]: { bytes: Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) % 256) },
    };
    expect(brief(read(tree, tcp('0.0.0.0', 2), master))).toBe('nginx ? absent');
  });

  test('three thousand sites', () => {
    const all = Array.from({ length: 3000 }, (_, index): [string, string] => [
      `/etc/nginx/sites/${index}`,
      `server { listen ${index + 1}; server_name s${index}; location / { return 200; } }`,
    ]);
    const tree = {
      [main]: 'http { include sites/*; server { listen 3001 backlog=6; } }',
      ...Object.fromEntries(all),
    };
    expect(brief(read(tree, tcp('0.0.0.0', 3001), master))).toBe(`nginx 6 config ${main}:1`);
    expect(brief(read(tree, tcp('0.0.0.0', 3000), master))).toBe('nginx 511 default');
  });
});
