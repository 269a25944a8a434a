import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runCommandLine } from '../../src/cli/run.ts';
import { clampedHost } from '../report/snapshots.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { memoryTerminal } from './memory-terminal.ts';

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'explain-'));
  file = path.join(directory, 'host.json');
  writeFileSync(file, JSON.stringify(clampedHost(511)));
});

afterAll(() => rmSync(directory, { recursive: true }));

async function explained(...argv: readonly string[]): Promise<string> {
  const terminal = memoryTerminal();
  expect(await runCommandLine(['explain', ...argv, '--snapshot', file], terminal)).toBe(0);
  return terminal.stdout();
}

it('says of a key what a change would do on that host, and what it would not', async () => {
  expect(await explained('net.core.somaxconn')).toContain(
    [
      'A change        - Raised, it gives the only listener more, up to what it asks',
      '                  for, once it calls listen() again: nginx on 0.0.0.0:80 (128 of',
      '                  511).',
      '                - Nothing happens at once: each listener keeps its limit until',
    ].join('\n'),
  );
});

it('says the same of a listener, before the arithmetic', async () => {
  expect(await explained(':80')).toMatch(
    /^A change {8}- A larger backlog does nothing: nginx asks for 511, and\n[^=]*\n\naccept queue limit = 128 /m,
  );
});

it('says it in the JSON as plain sentences', async () => {
  const { explanations } = JSON.parse(await explained('net.ipv4.tcp_max_syn_backlog', '--json'));
  expect(explanations).toMatchObject([
    {
      kind: 'key',
      change: [
        'Nothing, in either direction: net.ipv4.tcp_syncookies is 1, and then this kernel does not read it.',
        expect.stringContaining('nginx on 0.0.0.0:80 (129)'),
      ],
    },
  ]);
});

it.each(['net.core.somaxconn', ':80', 'stale-listener', 'accept-queue/bound-by-somaxconn', 'the finding'])(
  'prints %s as the published schema has it',
  async (target) => {
    const rule = JSON.parse(await explained('bound-by-somaxconn', '--json'));
    const id: string = rule.explanations[0].findings[0].id;
    const document = JSON.parse(await explained(target === 'the finding' ? id : target, '--json'));
    expect(schemaFaults('explanation', document)).toEqual([]);
    expect(schemaFaults('explanation', { ...document, explanations: [{ kind: target }] })).not.toEqual([]);
  },
);
