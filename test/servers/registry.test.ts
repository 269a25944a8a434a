import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findServer, SERVERS } from '../../src/servers/registry.ts';

const DATA = new URL('../../src/servers/data/', import.meta.url);
const PLACEHOLDERS = new Set([
  '<unit>',
  '<socket>',
  '<service>',
  '<container>',
  '<pid>',
  '<port>',
  '<free-port>',
  '<N>',
]);

describe('the registry', () => {
  test('holds every data file once, sorted, under the name of its file', () => {
    const files = readdirSync(DATA).map((name) => name.replace(/\.ts$/, ''));
    expect(files.length).toBeGreaterThanOrEqual(97);
    expect(SERVERS.map((server) => server.id)).toEqual(files.sort());
  });

  test('finds a server by its id, and nothing by another', () => {
    expect(findServer('redis')?.defaultBacklog).toMatchObject({ kind: 'fixed', value: 511 });
    expect(findServer('Redis')).toBeNull();
    expect(findServer('__proto__')).toBeNull();
  });
});

describe.each(SERVERS.map((server) => [server.id, server] as const))('%s', (_id, server) => {
  const steps = [server.configChange, server.somaxconnChange];

  test('its commands are what one types', () => {
    for (const { command } of steps) {
      if (command === null) continue;
      for (const placeholder of command.match(/<[^>]*>/g) ?? []) expect(PLACEHOLDERS).toContain(placeholder);
      const typed = command.replace(/<[^>]*>/g, 'x').replaceAll(' && ', ' ');
      expect(typed).toMatch(/^[a-z][\w. -]*\w$/);
      expect(typed).not.toMatch(/\b(foo|bar|tmp|orig|or|your|PID|PORT|N)\b/);
    }
  });

  test('a step that nobody can take has no command, any other has one', () => {
    for (const { action, command } of steps) expect(command === null).toBe(action === 'n/a');
  });

  test('what cannot be configured has no directive, files or step', () => {
    const { config } = server;
    expect(config.configurable).toBe(config.directive !== null);
    if (config.configurable) return;
    expect(config).toEqual({ configurable: false, directive: null, files: [], example: null });
    expect(server.configChange.action).toBe('n/a');
  });

  test('it can be recognised, unless it is matched by hand', () => {
    if (server.match.specificity !== 'manual') expect(server.match.comm.length).toBeGreaterThan(0);
    for (const pattern of server.match.commandLine) expect(pattern.flags).toBe('');
  });

  test('its default is a number that listen() takes', () => {
    const { defaultBacklog } = server;
    expect(defaultBacklog.rule).not.toBe('');
    if (defaultBacklog.kind === 'fixed') expect(defaultBacklog.value).toBeGreaterThan(0);
  });
});
