import { describe, expect, test } from '@jest/globals';
import { changeFor, relistenStep, stepFor } from '../../src/assess/relisten.ts';
import { findServer } from '../../src/servers/registry.ts';
import type { TcpListener } from '../../src/snapshot/listener.ts';

const LISTENER: TcpListener = {
  protocol: 'tcp',
  address: '0.0.0.0',
  port: 80,
  processes: [{ name: 'x', pid: 812 }],
};

const RESTART = { action: 'restart', command: 'systemctl restart <unit>' } as const;
const NAMED = { action: 'restart', command: 'systemctl restart redis-server' } as const;
const SOCKET = {
  action: 'socket-unit-restart',
  command: 'systemctl stop <service> && systemctl restart <socket>',
} as const;

function commandOf(
  step: Parameters<typeof stepFor>[1],
  listener: Partial<TcpListener> = {},
  where?: 'container',
) {
  return stepFor({ ...LISTENER, ...listener }, step, where ?? 'host').command;
}

const OF_USER = '/user.slice/user-1000.slice/user@1000.service/app.slice';

describe('the command', () => {
  test.each([
    ['names the unit', RESTART, { unit: 'nginx.service' }, 'systemctl restart nginx.service'],
    [
      'names the real unit, not the usual one',
      NAMED,
      { unit: 'redis@6380.service' },
      'systemctl restart redis@6380.service',
    ],
    ['is no guess where no unit is known', NAMED, {}, null],
    [
      'names the service of the cgroup',
      NAMED,
      { cgroup: '/system.slice/system-redis.slice/redis@1.service' },
      'systemctl restart redis@1.service',
    ],
    ['is missing for the scope of a container', NAMED, { cgroup: '/system.slice/docker-01.scope' }, null],
    ['quotes', RESTART, { unit: 'a\\x2db.service' }, "systemctl restart 'a\\x2db.service'"],
    ['is missing for a session', NAMED, { unit: 'session-4.scope' }, null],
    ['is missing outside any service', NAMED, { cgroup: '/user.slice' }, null],
    ['does not end a whole session', RESTART, { unit: 'user@1000.service' }, null],
    [
      "restarts no namesake of a user's service",
      NAMED,
      { unit: 'redis.service', cgroup: `${OF_USER}/redis.service` },
      null,
    ],
    [
      "restarts no namesake of a user's socket unit",
      SOCKET,
      { unit: 'pipewire.socket', cgroup: '/user.slice/user-1000.slice/user@1000.service' },
      null,
    ],
    [
      "reloads no namesake of a user's server",
      { action: 'reload', command: 'nginx -s reload' } as const,
      { cgroup: `${OF_USER}/nginx.service` },
      null,
    ],
    [
      "signals a user's process",
      { action: 'reload', command: 'kill -HUP <pid>' } as const,
      { cgroup: `${OF_USER}/x.service` },
      'kill -HUP 812',
    ],
    ['is missing without a unit', RESTART, {}, null],
    ['is not made of an option', RESTART, { unit: '--now.service' }, null],
    ['is not made of a shell command', RESTART, { unit: 'x;reboot.service' }, null],
    ['is not made of a second line', RESTART, { unit: 'x\nreboot.service' }, null],
    ['is not made of blanks', RESTART, { unit: 'x y.service' }, null],
    ['is not made of a variable', RESTART, { unit: '$(id).service' }, null],
    ['restarts no socket unit as if it were the service', RESTART, { unit: 'x.socket' }, null],
    [
      'restarts the socket unit',
      SOCKET,
      { unit: 'cups.socket' },
      'systemctl stop cups.service && systemctl restart cups.socket',
    ],
    [
      'restarts the socket unit that sets the backlog',
      SOCKET,
      { unit: 'init.scope', backlogAt: { file: '/etc/systemd/system/cups.socket', line: 3 } },
      'systemctl stop cups.service && systemctl restart cups.socket',
    ],
    [
      'restarts the socket unit of a drop-in, and the service that holds the socket',
      SOCKET,
      { unit: 'web.service', backlogAt: { file: '/etc/systemd/system/http.socket.d/x.conf', line: 3 } },
      'systemctl stop web.service && systemctl restart http.socket',
    ],
    [
      'is not made of the name of a file',
      SOCKET,
      { backlogAt: { file: '/etc/systemd/system/x;reboot.socket', line: 3 } },
      null,
    ],
    ['is missing where the socket unit is not known', SOCKET, { unit: 'init.scope' }, null],
    [
      'reloads the real unit',
      { action: 'reload', command: 'systemctl reload ssh' } as const,
      { unit: 'sshd.service' },
      'systemctl reload sshd.service',
    ],
    ['signals the process', { action: 'reload', command: 'kill -HUP <pid>' } as const, {}, 'kill -HUP 812'],
    [
      'signals none of several',
      { action: 'reload', command: 'kill -HUP <pid>' } as const,
      {
        processes: [
          { name: 'x', pid: 812 },
          { name: 'x', pid: 813 },
        ],
      },
      null,
    ],
    [
      'is a program of the server',
      { action: 'reload', command: 'nginx -s reload' } as const,
      {},
      'nginx -s reload',
    ],
    [
      'leaves no placeholder',
      { action: 'rebind', command: 'redis-cli CONFIG SET port <free-port>' } as const,
      {},
      null,
    ],
    ['is missing where there is none', { action: 'n/a', command: null } as const, {}, null],
  ])('%s', (_, step, listener, expected) => {
    expect(commandOf(step, listener)).toBe(expected);
  });

  test('of the host means nothing in a container', () => {
    expect(commandOf(NAMED, {}, 'container')).toBeNull();
    expect(commandOf(NAMED, { unit: 'redis.service' }, 'container')).toBe('systemctl restart redis.service');
  });
});

describe('the step', () => {
  const nginx = findServer('nginx');

  test.each([
    ['backlog', 'reload', false],
    ['somaxconn', 'reload-only-if-value-changed', true],
  ] as const)('of nginx for another %s is %s', (change, how, disruptive) => {
    expect(relistenStep(LISTENER, nginx, change, 'host')).toMatchObject({ how, disruptive });
  });

  test.each([
    ['redis', 'rebind', true],
    ['stunnel', 'reload', false],
    ['apache-httpd', 'restart', true],
    ['varnish', 'child-restart', true],
    ['systemd-socket', 'socket-unit-restart', true],
  ])('of %s for a raised somaxconn is %s', (id, how, disruptive) => {
    expect(relistenStep(LISTENER, findServer(id), 'somaxconn', 'host')).toMatchObject({ how, disruptive });
  });

  test.each([
    [{ unit: 'redis@1.service' }, 'systemctl restart redis@1.service'],
    [{ unit: 'session-4.scope' }, null],
  ])('of redis without a free port to go to is a restart, in %p', (where, command) => {
    expect(relistenStep({ ...LISTENER, ...where }, findServer('redis'), 'somaxconn', 'host')).toEqual({
      how: 'rebind',
      command,
      disruptive: true,
    });
  });

  test.each([
    ['x.service', 'systemctl restart x.service'],
    ['x.socket', null],
    [undefined, null],
  ])('of a server that we do not know, in %p', (unit, command) => {
    const listener = unit === undefined ? LISTENER : { ...LISTENER, unit };
    expect(relistenStep(listener, null, 'somaxconn', 'host')).toEqual({
      how: 'unknown',
      command,
      disruptive: true,
    });
  });
});

describe('the change that a limit calls for', () => {
  const backlog = { requested: 511, source: 'config', at: null, followsSomaxconn: false } as const;

  test.each([
    ['backlog', false, 'backlog'],
    ['both', false, 'backlog'],
    ['both', true, 'somaxconn'],
    ['somaxconn', false, 'somaxconn'],
    ['somaxconn-at-listen', false, 'somaxconn'],
    ['unknown', false, 'somaxconn'],
  ] as const)(
    'of bound by %s (leaves it to somaxconn: %p) is the %s',
    (boundBy, followsSomaxconn, change) => {
      expect(changeFor(boundBy, { ...backlog, followsSomaxconn })).toBe(change);
    },
  );
});
