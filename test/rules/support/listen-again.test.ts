import { describe, expect, test } from '@jest/globals';
import { assess } from '../../../src/assess/assess.ts';
import type { ListenerAssessment } from '../../../src/assess/assessment.ts';
import { plainText } from '../../../src/core/text.ts';
import { relistenRemedy } from '../../../src/rules/support/listen-again.ts';
import { SERVERS } from '../../../src/servers/registry.ts';
import type { Listener, TcpListener } from '../../../src/snapshot/listener.ts';
import { hostOf } from '../host.ts';

type Where = Pick<Listener, 'server' | 'unit' | 'processes' | 'backlogAt'>;

function assessed(where: Where): ListenerAssessment {
  const host = hostOf({ sysctls: { 'net.core.somaxconn': 4096 } });
  const socket: TcpListener = { protocol: 'tcp', address: '0.0.0.0', port: 80, limit: 128, ...where };
  const namespaces = host.namespaces.map((namespace) => ({ ...namespace, listeners: [socket] }));
  const [listener] = assess({ ...host, namespaces }).namespaces.flatMap(({ listeners }) => listeners);
  if (listener === undefined) throw new Error('no listener was assessed');
  return listener;
}

function advice(
  where: Where,
  change: 'backlog' | 'somaxconn' = 'somaxconn',
  environment: 'host' | 'container' = 'host',
) {
  const remedy = relistenRemedy(assessed(where), change, { environment });
  if (remedy.kind !== 'relisten') throw new Error(`the remedy is ${remedy.kind}`);
  return { command: remedy.command, text: plainText(remedy.instruction), disruptive: remedy.disruptive };
}

function running(...pids: readonly number[]): Pick<Listener, 'processes'> {
  return { processes: pids.map((pid) => ({ name: 'prog', pid })) };
}

describe('what to do first, then why', () => {
  test.each<readonly [name: string, where: Where, words: string]>([
    [
      'a server in its unit',
      { server: 'redis', unit: 'redis@1.service', ...running(7) },
      'restart redis: a reload keeps the old queue (or CONFIG SET port to another number and back, which keeps its clients)',
    ],
    [
      'a server outside any unit',
      { server: 'haproxy', unit: 'session-1.scope', ...running(7) },
      'restart prog (pid 7): a reload keeps the old queue',
    ],
    [
      'several processes: the oldest',
      { server: 'php-fpm', ...running(12, 7, 9) },
      'restart prog (pid 7 and 2 more): a reload keeps the old queue',
    ],
    [
      'a runtime',
      { server: 'nodejs', ...running(7) },
      'restart prog (pid 7): it calls listen() only when it starts',
    ],
    [
      'a program without reload',
      { server: 'bun', ...running(7) },
      'restart prog (pid 7): it calls listen() only when it starts',
    ],
    [
      'nginx',
      { server: 'nginx', unit: 'nginx.service' },
      'restart nginx, or change backlog= and reload: a reload alone keeps the old queue',
    ],
    ['a server whose reload suffices', { server: 'stunnel' }, 'reload stunnel: it calls listen() again'],
    [
      'a signal, to whom is not known',
      { server: 'unicorn', ...running(7, 8) },
      'reload prog (pid 7 and 1 more) by SIGHUP to its main process: it calls listen() again',
    ],
    [
      'a server that replaces itself',
      { server: 'gunicorn', ...running(7) },
      'have gunicorn replace itself by a new process, then stop the old one; or restart it: a plain reload keeps the old queue',
    ],
    [
      'a child process',
      { server: 'varnish' },
      'stop and start the child process of varnish: a reload keeps the old queue, and the cache is lost',
    ],
    [
      'a socket unit',
      { server: 'systemd-socket', unit: 'cups.socket' },
      'restart the socket unit cups.socket; restarting the service alone keeps the old queue',
    ],
    [
      'a socket unit that only systemd can name',
      { server: 'systemd-socket', processes: [{ name: 'systemd', pid: 1 }] },
      'restart the socket unit of 0.0.0.0:80 (systemctl list-sockets names it); restarting the service alone keeps the old queue',
    ],
    [
      'a program that hands over sockets without being a unit',
      { server: 'systemd-socket', processes: [{ name: 'systemd-socket-', pid: 7 }] },
      'restart systemd-socket- (pid 7): it calls listen() only when it starts',
    ],
    [
      'a proxy of a container',
      { server: 'docker-proxy', ...running(7) },
      'restart the container behind prog (pid 7)',
    ],
    [
      'a program that we do not know',
      running(7),
      'restart prog (pid 7): its socket keeps the old limit until the program calls listen() again',
    ],
    [
      'a socket of nobody knows whom',
      {},
      'restart the program that listens on 0.0.0.0:80: its socket keeps the old limit until the program calls listen() again',
    ],
  ])('%s', (_, where, words) => {
    expect(advice(where).text).toBe(words);
  });

  test('after another backlog a reload of nginx suffices', () => {
    expect(advice({ server: 'nginx', unit: 'nginx.service' }, 'backlog')).toEqual({
      command: 'systemctl reload nginx.service',
      text: 'reload nginx: it calls listen() again',
      disruptive: false,
    });
  });

  test('a listener of Envoy may be replaced', () => {
    expect(advice({ server: 'envoy', ...running(7) }, 'backlog').text).toBe(
      'restart prog (pid 7), or replace the listener in its configuration by a new one',
    );
  });

  test('in a container it says so', () => {
    expect(advice({ server: 'haproxy', ...running(7) }, 'somaxconn', 'container')).toEqual({
      command: null,
      text: 'in the container, restart prog (pid 7): a reload keeps the old queue',
      disruptive: true,
    });
  });
});

describe.each(SERVERS.map((server) => [server.id, server] as const))('%s', (id, server) => {
  const changes = server.config.configurable ? (['somaxconn', 'backlog'] as const) : (['somaxconn'] as const);

  test.each(changes)('has something to do after another %s, without a gap in it', (change) => {
    const { command, text, disruptive } = advice({ server: id, ...running(7) }, change);
    expect(`${command} ${text}`).not.toMatch(/[<>]|undefined/);
    expect(text).toMatch(/^(restart|reload|stop and start|have) /);
    // What restarts a service ends connections, whatever the action is called.
    if (/restart/.test(command ?? '')) expect(disruptive).toBe(true);
  });
});
