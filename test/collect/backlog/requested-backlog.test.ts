import { describe, expect, test } from '@jest/globals';
import { asBacklog, type ListenerOwner } from '../../../src/collect/backlog/backlog-reading.ts';
import { backlogReader } from '../../../src/collect/backlog/requested-backlog.ts';
import { SERVERS } from '../../../src/servers/registry.ts';
import { BacklogSource, Listener } from '../../../src/snapshot/listener.ts';
import { memoryHost } from '../../tools/memory-host.ts';
import { brief, owner, read, tcp } from './listener-samples.ts';

describe('defaults and arguments', () => {
  const rows: readonly (readonly [string, number, readonly ListenerOwner[]])[] = [
    ['memcached 1024 default', 128, [owner('memcached', ['memcached', '-u', 'x'])]],
    ['memcached ? not-collected', 1025, [owner('memcached', ['memcached', '-u', 'x'])]],
    ['memcached 1024 default', 1024, [owner('memcached', ['memcached'])]],
    ['memcached 9 command-line', 1024, [owner('memcached', ['memcached', '-b', '7', '-b9'])]],
    ['memcached 8 command-line', 8, [owner('memcached', ['memcached', '--listen-backlog=8'])]],
    ['memcached 1024 default', 8, [owner('memcached', ['memcached', '-b', 'x'])]],
    ['memcached 1024 default', 8, [owner('memcached', ['memcached', '-b'])]],
    [
      'gunicorn 64 command-line',
      8,
      [owner('gunicorn', ['python3', '/usr/bin/gunicorn', '--backlog', '64', 'app'])],
    ],
    ['gunicorn 2048 default', 8, [owner('gunicorn', ['gunicorn: master [app]'])]],
    [
      'uvicorn 65 command-line',
      8,
      [owner('uvicorn', ['python3', '/usr/bin/uvicorn', '--backlog=65', 'app'])],
    ],
    ['uwsgi 66 command-line', 8, [owner('uwsgi', ['uwsgi', '--listen', '66'])]],
    ['varnish 67 command-line', 8, [owner('cache-main', ['varnishd', '-p', 'listen_depth=67'])]],
    ['mysql ? not-collected', 8, [owner('mysqld', ['/usr/sbin/mysqld', '--back_log=-1'])]],
    ['mysql ? not-collected', 152, [owner('mysqld', ['/usr/sbin/mysqld'])]],
    ['haproxy ? not-collected', 8, [owner('haproxy')]],
    ['caddy ? absent', 4096, [owner('caddy')]],
    ['netty ? absent', 128, [owner('java', ['java', 'io.netty.Example'])]],
    [
      'systemd-socket 2147483647 default',
      128,
      [owner('systemd-socket-', ['systemd-socket-activate', '-l', '80', 'cat'])],
    ],
    ['python-socket 128 default', 128, [owner('python3', ['python3', 'x.py'])]],
    ['python-socket ? not-collected', 5, [owner('python3', ['python3', 'x.py'])]],
    ['java-serversocket ? not-collected', 10, [owner('java', ['java', '-jar', 'x.jar'])]],
    ['java-serversocket 50 default', 50, [owner('java', ['java', '-jar', 'x.jar'])]],
    ['php-streams ? not-collected', 31, [owner('php', ['php', 'x.php'])]],
    ['stunnel ? not-collected', 4096, [owner('stunnel4')]],
    ['perl-io-socket ? not-collected', 5, [owner('perl')]],
    ['h2o 65535 derived', 4096, [owner('h2o')]],
    [
      'h2o 4096 derived',
      4096,
      [
        owner('perl', ['perl', '/usr/share/h2o/start_server', '--', 'h2o']),
        owner('h2o', ['h2o'], { pid: 101 }),
      ],
    ],
    ['php-fpm 4294967295 default', 128, [owner('php-fpm8.2')]],
    ['php-fpm 511 default', 128, [owner('php-fpm7.4')]],
    ['php-fpm 511 default', 128, [owner('php-fpm', [], { exe: '/opt/remi/php81/root/usr/sbin/php-fpm' })]],
    ['php-fpm ? not-collected', 512, [owner('php-fpm8.1')]],
    ['php-fpm ? not-collected', 128, [owner('php-fpm')]],
    ['php-fpm 4294967295 inferred', 4096, [owner('php-fpm')]],
    ['nodejs 511 default', 511, [owner('MainThread', ['node', 'x.js'], { exe: '/usr/bin/node' })]],
    ['- ? not-collected', 5, [owner('something')]],
    ['- ? not-collected', 5, []],
  ];
  test.each(rows)('%s at a limit of %d', (expected, limit, owners) => {
    expect(brief(read({}, tcp('0.0.0.0', 80, limit), ...owners))).toBe(expected);
  });

  test.each([
    ['300\n', 300, 'nodejs 511 default'],
    ['300\n', 128, 'nodejs 511 default'],
    ['300\n', 4096, 'nodejs ? not-collected'],
    ['300\n', 301, 'nodejs ? not-collected'],
    ['nonsense', 300, 'nodejs ? not-collected'],
  ])('with somaxconn %j, a limit of %d: %s', (somaxconn, limit, expected) => {
    const tree = { '/proc/sys/net/core/somaxconn': somaxconn };
    expect(brief(read(tree, tcp('0.0.0.0', 80, limit), owner('node')))).toBe(expected);
  });

  test('without a limit a runtime says nothing of its programs', () => {
    const listener = { protocol: 'tcp' as const, address: '0.0.0.0', port: 80 };
    expect(read({}, listener, owner('node')).backlog).toEqual({
      ok: false,
      why: 'not-collected',
      detail: 'its program may ask for another number than the default of 511',
    });
  });

  test('without a limit the default counts', () => {
    const listener = { protocol: 'tcp' as const, address: '0.0.0.0', port: 80 };
    expect(brief(read({}, listener, owner('memcached')))).toBe('memcached 1024 default');
  });

  test('every server gets a reading that a snapshot can hold', () => {
    for (const server of SERVERS) {
      for (const comm of server.match.comm) {
        const requested = backlogReader(memoryHost().reader);
        const listener = tcp('0.0.0.0', 80, 1);
        const { unit: _unit, ...reading } = requested(listener, [owner(comm, [comm])]);
        expect(Listener.safeParse({ ...listener, ...reading }).success).toBe(true);
        if (reading.backlog?.ok) expect(BacklogSource.options).toContain(reading.backlog.from);
      }
    }
  });
});

test.each([
  ['511', 511],
  ['-1', 4294967295],
  ['4294967295', 4294967295],
  ['4294967296', null],
  ['-2147483649', null],
  ['', null],
  ['1e3', null],
  ['0x10', null],
  ['9'.repeat(400), null],
])('asBacklog(%j)', (text, expected) => {
  expect(asBacklog(text)).toBe(expected);
});

test('a configuration is read once for all listeners', () => {
  const host = memoryHost({ tree: { '/etc/nginx/nginx.conf': 'http { server { listen 80; } }' } });
  const requested = backlogReader(host.reader);
  for (let port = 1; port <= 50; port += 1) requested(tcp('0.0.0.0', port), [owner('nginx')]);
  expect(host.readPaths.filter((path) => path === '/etc/nginx/nginx.conf')).toHaveLength(1);
});
