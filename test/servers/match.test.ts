import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { matchServer, type ServerProcess } from '../../src/servers/match.ts';
import { SERVERS } from '../../src/servers/registry.ts';

function idOf(comm: string, exe: string | null, ...commandLine: readonly string[]): string | null {
  return matchServer({ comm, exe, commandLine })?.id ?? null;
}

type Row = readonly [string | null, string, string | null, ...(readonly string[])];

describe('matchServer', () => {
  const rows: readonly Row[] = [
    ['nginx', 'nginx', '/usr/sbin/nginx', 'nginx: worker process'],
    ['nginx', 'nginx', '/usr/sbin/nginx (deleted)', 'nginx: master process /usr/sbin/nginx'],
    ['nginx', 'nginx', null],
    ['redis', 'redis-server', null, 'redis-server *:6379'],
    ['redis', 'valkey-server', null, '/usr/bin/valkey-server 127.0.0.1:6379'],
    ['haproxy', 'haproxy', null, 'haproxy', '-f', '/x.cfg'],
    ['nodejs', 'MainThread', '/usr/local/bin/node', 'node', 'server.js'],
    ['nodejs', 'MainThread', null, '/usr/local/bin/node', 'server.js'],
    [null, 'MainThread', null, 'something-else'],
    ['nodejs', 'next-server', '/usr/bin/node', 'next-server (v14.2)'],
    ['python-socket', 'python3.11', '/usr/bin/python3.11', 'python3.11', 'app.py'],
    ['python-socketserver', 'python3', '/usr/bin/python3.11', 'python3', '-m', 'http.server'],
    ['gunicorn', 'gunicorn', '/usr/bin/python3.11', 'gunicorn: master [app:app]'],
    ['gunicorn', 'python3', '/usr/bin/python3.11', '/usr/bin/python3', '/usr/bin/gunicorn', '-k', 'gevent'],
    [
      'gunicorn',
      'gunicorn',
      '/usr/bin/python3.11',
      '/usr/bin/python3',
      '/usr/bin/gunicorn',
      '-k',
      'uvicorn.workers.UvicornWorker',
    ],
    ['uvicorn', 'uvicorn', '/usr/bin/python3.11', '/usr/bin/python3', '/usr/bin/uvicorn', 'app:app'],
    ['python-socket', 'python3', null, 'python3', '/srv/gunicorn-demo/run.py'],
    ['puma', 'ruby3.1', '/usr/bin/ruby3.1', 'puma 5.6.5 (tcp://0.0.0.0:3000) [app]'],
    ['ruby-tcpserver', 'ruby', '/usr/bin/ruby3.1', 'ruby', '/srv/puma-notes/server.rb'],
    ['unicorn', 'ruby', null, 'unicorn master -c /srv/unicorn.rb'],
    [
      'kafka',
      'java',
      '/usr/lib/jvm/bin/java',
      'java',
      '-Xmx1G',
      '-cp',
      '/opt/libs/*',
      'kafka.Kafka',
      'x.properties',
    ],
    [
      'elasticsearch',
      'java',
      null,
      'java',
      '-Dio.netty.noUnsafe=true',
      'org.elasticsearch.bootstrap.Elasticsearch',
    ],
    [
      'cassandra',
      'java',
      null,
      'java',
      '-Dio.netty.tryX=true',
      'org.apache.cassandra.service.CassandraDaemon',
    ],
    ['java-serversocket', 'java', null, 'java', '-jar', 'app.jar'],
    ['tomcat', 'java', null, 'java', 'org.apache.catalina.startup.Bootstrap', 'start'],
    ['rabbitmq', 'beam.smp', null, '/usr/lib/erlang/bin/beam.smp', '-s', 'rabbit', 'boot'],
    ['erlang-gen-tcp', 'beam.smp', null, 'beam.smp', '--', '-root', '/usr/lib/erlang'],
    ['php-fpm', 'php-fpm8.2', '/usr/sbin/php-fpm8.2', 'php-fpm: pool www'],
    ['php-fpm', 'php-fpm', null, 'php-fpm: master process (/etc/php-fpm.conf)'],
    ['php-cli-server', 'php8.2', null, 'php8.2', '-S', '0.0.0.0:80', '-t', '/srv'],
    ['php-streams', 'php', null, 'php', 'server.php'],
    ['postfix', 'master', '/usr/lib/postfix/sbin/master', '/usr/lib/postfix/sbin/master', '-w'],
    ['postfix', 'master', '/usr/libexec/postfix/master', '/usr/libexec/postfix/master', '-w'],
    [null, 'master', null, '/opt/other/master'],
    ['prosody', 'lua5.4', '/usr/bin/lua5.4', 'lua5.4', '/usr/bin/prosody', '-F'],
    [null, 'lua5.4', '/usr/bin/lua5.4', 'lua5.4', 'x.lua'],
    ['mariadb', 'mysqld', '/usr/sbin/mariadbd', '/usr/sbin/mysqld'],
    ['mysql', 'mysqld', '/usr/sbin/mysqld', '/usr/sbin/mysqld'],
    ['varnish', 'cache-main', '/usr/sbin/varnishd', '/usr/sbin/varnishd', '-a', ':80'],
    ['node-exporter', 'prometheus-node', null],
    ['go-net', 'kube-controller', '/usr/bin/kube-controller-manager', 'kube-controller-manager'],
    ['systemd-socket', 'systemd', '/usr/lib/systemd/systemd', '/sbin/init'],
    ['systemd-socket', 'systemd-socket-', null, 'systemd-socket-activate', '-l', '80', 'cat'],
    [null, 'my-rust-server', null, './my-rust-server'],
    [null, '', null],
  ];

  test.each(rows.map((row) => [row] as const))('%j', ([expected, comm, exe, ...commandLine]) => {
    expect(idOf(comm, exe, ...commandLine)).toBe(expected);
  });

  test('never answers an entry that is matched by hand', () => {
    for (const server of SERVERS.filter(({ match }) => match.specificity === 'manual')) {
      for (const comm of [...server.match.comm, server.id])
        expect(idOf(comm, null, comm)).not.toBe(server.id);
    }
  });

  test('every other entry is recognised by each of its names where the name decides', () => {
    for (const { id, match } of SERVERS) {
      if (match.specificity !== 'exact' || match.commandLine.length > 0) continue;
      for (const comm of match.comm) expect(idOf(comm.slice(0, 15), null)).toBe(id);
    }
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('nginx', 'java', '/', ' (deleted)', '8.2'),
  );
  const anyProcess: fc.Arbitrary<ServerProcess> = fc.record({
    comm: text,
    exe: fc.option(text, { nil: null }),
    commandLine: fc.array(text, { maxLength: 6 }),
  });
  test('answers for whatever a process calls itself', () =>
    fc.assert(
      fc.property(anyProcess, (one) => {
        const found = matchServer(one);
        return found === null || SERVERS.includes(found);
      }),
    ));
});

test('a name or a command line of any length costs no more than a short one', () => {
  const digits = `${'1'.repeat(400_000)}x`;
  const words = 'flask '.repeat(60_000);
  expect(matchServer({ comm: digits, exe: `/usr/bin/${digits}`, commandLine: [digits, words] })).toBeNull();
  expect(
    matchServer({ comm: 'python3', exe: '/usr/bin/python3', commandLine: ['python3', words] })?.id,
  ).not.toBe('werkzeug');
});
