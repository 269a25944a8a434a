import { describe, expect, test } from '@jest/globals';
import { configLine } from '../../../src/rules/support/config-line.ts';
import { SERVERS } from '../../../src/servers/registry.ts';

function serverCalled(id: string) {
  return SERVERS.find((server) => server.id === id) ?? null;
}

describe('how a server is asked for a backlog', () => {
  test.each([
    ['nginx', 'listen 0.0.0.0:443 ssl backlog=1234;'],
    ['redis', 'tcp-backlog 1234'],
    ['mongodb', 'net: { listenBacklog: 1234 }'],
    ['systemd-socket', 'Backlog=1234'],
    ['nginx-unit', '{"listeners": {"*:80": {"pass": "applications/app", "backlog": 1234}}}'],
  ])('%s: in its own words', (id, line) => {
    const server = serverCalled(id);
    expect(server?.config.example).toEqual(expect.any(String));
    expect(configLine(server, 1234)).toBe(line);
  });

  test('no line for a server that we do not know or that has no setting', () => {
    expect(configLine(null, 1234)).toBeNull();
    expect(configLine(serverCalled('mosquitto'), 1234)).toBeNull();
  });

  test('no line where the setting is another number, from which the server computes its backlog', () => {
    const indirect = SERVERS.filter(({ config }) => /indirect|multiplier/.test(config.directive ?? ''));
    expect(indirect.length).toBeGreaterThan(2);
    for (const server of indirect) expect([server.id, configLine(server, 1234)]).toEqual([server.id, null]);
  });

  test.each(SERVERS.filter(({ config }) => config.example !== null))(
    '$id: the number stands where its own did',
    (server) => {
      const line = configLine(server, 1234);
      if (line === null) return;
      const own = server.config.example ?? '';
      expect(line.split('1234')).toHaveLength(own.split('1234').length + 1);
      expect(line.replace(/\d/g, '').length).toBe(own.replace(/\d/g, '').length);
    },
  );
});
