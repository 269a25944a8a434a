import { describe, expect, test } from '@jest/globals';
import { configLine } from '../../../src/rules/support/config-line.ts';
import { SERVERS } from '../../../src/servers/registry.ts';
import type { Listener } from '../../../src/snapshot/listener.ts';

const WEB: Listener = { protocol: 'tcp', address: '0.0.0.0', port: 8081 };
const UNIX: Listener = { protocol: 'unix', path: '/run/x.sock' };

function serverCalled(id: string) {
  return SERVERS.find((server) => server.id === id) ?? null;
}

describe('how a server is asked for a backlog', () => {
  test.each([
    ['nginx', 'listen 0.0.0.0:8081 backlog=1234;'],
    ['haproxy', 'bind :8081 backlog 1234'],
    ['nodejs', 'server.listen({ port: 8081, backlog: 1234 })'],
    ['redis', 'tcp-backlog 1234'],
    ['mongodb', 'net: { listenBacklog: 1234 }'],
    ['systemd-socket', 'Backlog=1234'],
    ['nginx-unit', '{"listeners": {"*:8081": {"pass": "applications/app", "backlog": 1234}}}'],
  ])('%s: in its own words', (id, line) => {
    const server = serverCalled(id);
    expect(server?.config.example).toEqual(expect.any(String));
    expect(configLine(server, 1234, WEB)).toBe(line);
  });

  test('no line for a server that we do not know or that has no setting', () => {
    expect(configLine(null, 1234, WEB)).toBeNull();
    expect(configLine(serverCalled('mosquitto'), 1234, WEB)).toBeNull();
  });

  test('an address of six is in brackets, and a port says nothing to a unix socket', () => {
    const six: Listener = { protocol: 'tcp', address: '::', port: 80 };
    expect(configLine(serverCalled('nginx'), 1234, six)).toBe('listen [::]:80 backlog=1234;');
    expect(configLine(serverCalled('nginx'), 1234, UNIX)).toBeNull();
    expect(configLine(serverCalled('redis'), 1234, UNIX)).toBe('tcp-backlog 1234');
  });

  test('no line where the setting is another number, from which the server computes its backlog', () => {
    const indirect = SERVERS.filter(({ config }) => /indirect|multiplier/.test(config.directive ?? ''));
    expect(indirect.length).toBeGreaterThan(2);
    for (const server of indirect)
      expect([server.id, configLine(server, 1234, WEB)]).toEqual([server.id, null]);
  });

  test.each(SERVERS.filter(({ config }) => config.example !== null))(
    '$id: the number stands where its own did',
    (server) => {
      const line = configLine(server, 1234, { ...WEB, port: 443 })?.replace('0.0.0.0:443', '0.0.0.0:443 ssl');
      if (line === undefined) return;
      const own = server.config.example ?? '';
      expect(line.split('1234')).toHaveLength(own.split('1234').length + 1);
      expect(line.replace(/\d/g, '').length).toBe(own.replace(/\d/g, '').length);
    },
  );
});
