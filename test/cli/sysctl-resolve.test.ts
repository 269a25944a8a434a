import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCommandLine } from '../../src/cli/run.ts';
import { ComparisonDocument, ResolutionDocument } from '../../src/report/resolve-document.ts';
import { hostOf } from '../rules/host.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { memoryTerminal } from './memory-terminal.ts';

const KEY = 'net.core.somaxconn';
const A = '/etc/sysctl.d/10-a.conf';
const MAIN = '/etc/sysctl.conf';
const FILES = { [A]: `${KEY} = 1\nnet.core.odd_line = 2\n`, [MAIN]: `${KEY} = 3\n` };

let directory: string;

function at(name: string): string {
  return path.join(directory, name);
}

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'resolve-'));
  writeFileSync(at('host.json'), JSON.stringify(hostOf({ files: FILES, sysctls: { [KEY]: 4096 } })));
  writeFileSync(at('keys.json'), JSON.stringify({ 'net/core/somaxconn': ['f', '644'] }));
  writeFileSync(at('bad.json'), '{\n  "net/core/somaxconn": ["f", "999"]\n}\n');
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(at(`tree${name}`)), { recursive: true });
    writeFileSync(at(`tree${name}`), text);
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

async function resolved(...argv: readonly string[]) {
  const terminal = memoryTerminal();
  const status = await runCommandLine(['sysctl', 'resolve', ...argv], terminal);
  return { status, stdout: terminal.stdout() };
}

function ofSnapshot(...argv: readonly string[]) {
  return resolved('--snapshot', at('host.json'), ...argv);
}

describe('sysctl resolve', () => {
  test('tells of a key in either spelling which line decides', async () => {
    for (const key of [KEY, 'net/core/somaxconn']) {
      const { status, stdout } = await ofSnapshot(key);
      expect(status).toBe(0);
      expect(stdout).toContain(`net.core.somaxconn will be 1 after the next boot\n  Decides   ${A}:1\n`);
      expect(stdout).toContain(`  Beaten    ${MAIN}:1 = 3: its file is not read\n`);
      expect(stdout).toContain('  Now       4096, so the next boot changes it\n');
    }
  });

  test.each([
    ['systemd-252', '1'],
    ['procps-4.0.4', '3'],
    ['busybox', '3'],
    ['openrc-busybox', '1'],
  ])('as %s reads the files, sets %s', async (loader, value) => {
    const { status, stdout } = await ofSnapshot('--loader', loader, '--quiet', KEY);
    expect([status, stdout]).toEqual([0, `${KEY} = ${value}\n`]);
  });

  test('reads a tree, where only the keys of a list are there', async () => {
    const root = ['--root', at('tree'), '--loader', 'systemd'];
    const all = JSON.parse((await resolved(...root, '--keys', at('keys.json'), '--json')).stdout);
    expect(all).toMatchObject({
      files: [A],
      values: { [KEY]: { value: '1' }, 'net.core.odd_line': { kind: 'unset' } },
    });
    expect((await resolved(...root, '--keys', at('keys.json'), KEY)).stdout).toContain(
      'will be 1 after a boot\n',
    );
  });

  test('prints JSON as the schema describes it', async () => {
    for (const argv of [[], [KEY], ['--keys', at('keys.json')], ['--loader', 'procps']]) {
      const document: unknown = JSON.parse((await ofSnapshot('--json', ...argv)).stdout);
      expect(ResolutionDocument.parse(document)).toEqual(document);
      expect(schemaFaults('sysctl-resolution', document)).toEqual([]);
    }
  });

  test('--compare says what sysctl --system changes, and in JSON as the schema describes it', async () => {
    const { status, stdout } = await ofSnapshot('--compare');
    expect(status).toBe(0);
    expect(stdout).toContain(`${KEY}\n  At boot   1, from ${A}:1\n  By hand   3, from ${MAIN}:1\n`);
    const document = ComparisonDocument.parse(JSON.parse((await ofSnapshot('--compare', '--json')).stdout));
    expect(document.disagreements.map(({ key }) => key)).toEqual([KEY]);
    expect(schemaFaults('sysctl-comparison', document)).toEqual([]);
  });
});

describe('bad usage of sysctl resolve', () => {
  test.each<readonly [string, () => readonly string[], object]>([
    [
      'a mistyped key',
      () => ['net.core.somaxcon'],
      {
        message: "unknown key 'net.core.somaxcon'",
        hint: expect.stringContaining("did you mean 'net.core.somaxconn'"),
      },
    ],
    [
      'a mistyped key that a file alone has',
      () => ['net.core.odd_lin'],
      { message: "unknown key 'net.core.odd_lin'", hint: expect.stringContaining("'net.core.odd_line'") },
    ],
    ['what is no key', () => ['net core'], { message: expect.stringMatching(/^'net core' is no key: /) }],
    [
      'a mistyped loader',
      () => ['--loader', 'systmd'],
      {
        message: expect.stringMatching(/^unknown loader 'systmd': expected systemd, procps, /),
        hint: expect.stringContaining("did you mean 'systemd'"),
      },
    ],
    [
      'a list of keys that is none',
      () => ['--keys', at('bad.json')],
      {
        code: 'malformed-document',
        at: { file: expect.stringMatching(/bad\.json$/), line: 2, column: 31 },
        message: '["net/core/somaxconn"][1]: expected a mode such as 644',
      },
    ],
    [
      'a list of keys that is not there',
      () => ['--keys', at('nothing.json')],
      {
        code: 'unreadable',
        at: { file: expect.stringMatching(/nothing\.json$/) },
        message: expect.stringMatching(/^the list of keys cannot be read: [^\n]+$/),
      },
    ],
  ])('%s', async (_what, argv, expected) => {
    await expect(ofSnapshot(...argv())).rejects.toMatchObject({ name: 'UserError', status: 2, ...expected });
  });
});
