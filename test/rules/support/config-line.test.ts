import { describe, expect, test } from '@jest/globals';
import { configLine } from '../../../src/rules/support/config-line.ts';
import { SERVERS } from '../../../src/servers/registry.ts';

function serverCalled(id: string) {
  return SERVERS.find((server) => server.id === id) ?? null;
}

describe('how a server is asked for a backlog', () => {
  test.each([
    ['nginx', 'backlog=1234'],
    ['haproxy', 'backlog 1234'],
    ['nodejs', 'backlog: 1234'],
    ['redis', 'tcp-backlog 1234'],
    ['mongodb', 'net: { listenBacklog: 1234 }'],
    ['systemd-socket', 'Backlog=1234'],
    ['nginx-unit', '"backlog": 1234'],
    ['tomcat', 'acceptCount="1234"'],
    ['puma', 'backlog=1234'],
    ['erlang-gen-tcp', '{backlog,1234}'],
    ['ruby-tcpserver', 's.listen(1234)'],
    ['waitress', '--backlog=1234'],
  ])('%s: in its own words, and in no other place than the backlog', (id, line) => {
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
    '$id: a part of the example, with one number in it, and no address or port of somebody else',
    (server) => {
      const line = configLine(server, 1234);
      if (line === null) return;
      expect(line.match(/(?<![\w:])\d+/g)).toEqual(['1234']);
      const [before = '', after = ''] = line.split('1234');
      expect(server.config.example).toContain(before);
      expect(server.config.example).toContain(after);
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(line.split(open ?? '').length).toBe(line.split(close ?? '').length);
      }
    },
  );
});
