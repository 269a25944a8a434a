import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runCommandLine } from '../../src/cli/run.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { memoryTerminal } from './memory-terminal.ts';

async function run(...argv: readonly string[]) {
  const terminal = memoryTerminal();
  const status = await runCommandLine(argv, terminal);
  return { status, stdout: terminal.stdout() };
}

test.each([[['--help']], [['help']], [['audit', '--help']], [['help', 'audit']], [['rules', 'list', '-h']]])(
  '%j shows help on standard output and is done',
  async (argv) => {
    const { status, stdout } = await run(...argv);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: backlogctl/);
  },
);

test('without a command it shows help, and that is bad usage', async () => {
  const { status, stdout } = await run();
  expect(status).toBe(2);
  expect(stdout).toContain('audit [options]');
});

test('the history of another tree that nobody changed is said to be of that tree', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'history-'));
  try {
    const { status, stdout } = await run('history', '--root', root);
    expect([status, stdout]).toEqual([0, `backlogctl has not changed anything in ${root}.\n`]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.each([
  [['audti'], "unknown command 'audti'", "did you mean 'audit'?"],
  [['audit', '--sampl', '2s'], "unknown option '--sampl'", "did you mean '--sample'?"],
  [['explain'], "missing required argument 'target'", 'backlogctl explain --help lists what there is'],
  [
    ['audit', 'extra'],
    "too many arguments for 'audit': expected 0 arguments but got 1",
    'backlogctl audit --help lists what there is',
  ],
  [
    ['audit', '--loader', 'systmd'],
    expect.stringMatching(/^unknown loader 'systmd': expected systemd, procps, /),
    expect.stringContaining("did you mean 'systemd'"),
  ],
  [
    ['plan', '--profile', 'web-fronted'],
    "unknown profile 'web-fronted'",
    expect.stringContaining('web-frontend'),
  ],
  [
    ['audit', '--profile', 'web-fronted'],
    "unknown profile 'web-fronted'",
    expect.stringContaining('web-frontend'),
  ],
  [
    ['profiles', 'show'],
    "missing required argument 'profile'",
    'backlogctl profiles show --help lists what there is',
  ],
  [['plan', '--profile', 'x'], "unknown profile 'x'", 'backlogctl profiles lists what there is'],
  [['plan', '--rtt', '40'], "--rtt expects a time such as 40ms, not '40'", undefined],
  [
    ['plan', '--bandwidth', '10GB'],
    "--bandwidth expects a rate such as 1Gbit or 400Mbit, not '10GB'",
    undefined,
  ],
  [
    ['plan', '--connections-per-second', '-5'],
    "--connections-per-second expects a whole number such as 2000, not '-5'",
    undefined,
  ],
  [['help', 'audti'], "unknown command 'audti'", 'backlogctl --help lists what there is'],
  [['--json'], 'no command is given', 'backlogctl --help lists what there is'],
  [['audit', '--root', ''], '--root is given an empty path', undefined],
  [['audit', '--snapshot', ''], '--snapshot is given an empty path', undefined],
  [['audit', '--format', 'xml'], "unknown format 'xml': expected text, json", undefined],
  [
    ['audit', '--fail-on', 'hgih'],
    "unknown severity 'hgih': expected low, medium, high",
    "did you mean 'high'?",
  ],
  [
    ['rules', 'show', 'syn-queue/cookies-of'],
    "unknown rule 'syn-queue/cookies-of'",
    expect.stringContaining("'syn-queue/cookies-off'"),
  ],
  [['audit', '--snapshot', 'x', '--root', '/'], '--snapshot and --root exclude each other', undefined],
])('%j is bad usage', async (argv, message, hint) => {
  await expect(run(...argv)).rejects.toMatchObject({ name: 'UserError', status: 2, message, hint });
});

test('every rule is listed, and one is shown in full', async () => {
  expect((await run('rules')).stdout.split('\n').filter((line) => /^\S+\/\S/.test(line))).toHaveLength(47);
  expect((await run('rules', 'show', 'accept-queue/stale-listener')).stdout).toContain(
    'docs/rules/accept-queue/stale-listener.md',
  );
  for (const argv of [['rules'], ['rules', 'show', 'accept-queue/stale-listener']]) {
    const document = JSON.parse((await run(...argv, '--json')).stdout);
    expect(schemaFaults('rules', document)).toEqual([]);
  }
  expect(schemaFaults('rules', { kind: 'rules', schemaVersion: 0, rules: [{}] })).not.toEqual([]);
});
