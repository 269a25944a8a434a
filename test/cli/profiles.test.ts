import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import stringWidth from 'fast-string-width';
import { runCommandLine } from '../../src/cli/run.ts';
import { SHIPPED } from '../../src/profile/shipped.generated.ts';
import { profileText, REASON } from '../profile/profiles.ts';
import { hostOf } from '../rules/host.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { memoryTerminal } from './memory-terminal.ts';

/** A host of 1 GiB without any profile of its own. */
const HOST = hostOf({
  kernel: '5.3.18',
  memoryMib: 1024,
  sysctls: { 'net.core.somaxconn': 128, 'net.ipv4.tcp_wmem': '4096\t16384\t4194304' },
});

let directory: string;
let snapshot: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-profiles-'));
  snapshot = saved('host.json', JSON.stringify(HOST));
});
afterAll(() => rmSync(directory, { recursive: true }));

function saved(name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

async function run(...argv: readonly string[]) {
  const terminal = memoryTerminal();
  const status = await runCommandLine(['profiles', ...argv], terminal);
  return { status, stdout: terminal.stdout() };
}

/** The lines about one key of `show`. */
function blockOf(key: string, stdout: string): string {
  return stdout.split('\n\n').find((block) => block.startsWith(`${key}\n`)) ?? '';
}

describe('list', () => {
  test('each of ours with its summary, also without saying list', async () => {
    const { status, stdout } = await run('--root', directory);
    expect(status).toBe(0);
    for (const { name, summary } of SHIPPED) {
      expect(stdout.replace(/\n\s+/g, ' ')).toMatch(new RegExp(`^${name} +${summary}$`, 'm'));
    }
    expect((await run('list', '--root', directory)).stdout).toBe(stdout);
  });

  test('as JSON', async () => {
    const { stdout } = await run('list', '--root', directory, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'profiles',
      schemaVersion: 0,
      profiles: SHIPPED.map(({ name, summary, file }) => ({
        name,
        summary,
        file,
        origin: 'shipped',
        problem: null,
      })),
    });
  });
});

describe('show', () => {
  test('a setting: what, why, whence, and what it comes to here', async () => {
    const { status, stdout } = await run('show', 'web-frontend', '--snapshot', snapshot);
    expect(status).toBe(0);
    expect(blockOf('net.core.somaxconn', stdout)).toMatchInlineSnapshot(`
"net.core.somaxconn
  Requires   at least 8192
  Here       at least 8192; it is 128 now
  Why        lets a listener that asks for it queue a burst of some thousand
             connections, about a second of work
  Source     man 2 listen; measured, 5000 connections at once on 6.18
  Line       profiles/web-frontend.yaml:9"
`);
    expect(stdout.split('\n\n')[0]).toMatchInlineSnapshot(`
"web-frontend
  For        Web servers that meet bursts of new connections, HTTP/3 included.
  Extends    base
  File       profiles/web-frontend.yaml"
`);
  });

  test('what the memory cut, what is not applied, and what is protected', async () => {
    const { stdout } = await run('show', 'bulk-transfer', '--snapshot', snapshot);
    expect(blockOf('net.ipv4.tcp_wmem', stdout)).toMatchInlineSnapshot(`
"net.ipv4.tcp_wmem
  Requires   at least [keep, keep, 16MiB]
  Here       at least keep keep 8388608; it is 4096 16384 4194304 now
  Why        fills 1 Gbit/s at 50 ms, where the kernel's own 4 MiB carry 0.4
             Gbit/s; cut from 16777216, for 8388608 is all that this host bears
             (1/128 of the memory)
  Source     measured, 6.18
  Line       profiles/bulk-transfer.yaml:16"
`);
    expect(stdout.replace(/\n\s+/g, ' ')).toContain(
      'not applied: the bandwidth and the round-trip time of the path are not known (--bandwidth, --rtt)',
    );
    expect(stdout).toMatch(/^net\.core\.rmem_default\n {2}Protected {2}every socket but TCP's/m);
  });

  test.each(SHIPPED.map(({ name }) => name))('%s fits in 80 columns', async (name) => {
    const { stdout } = await run('show', name, '--snapshot', snapshot);
    expect(stdout.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
  });

  test('as JSON', async () => {
    const { stdout } = await run('show', 'bulk-transfer', '--snapshot', snapshot, '--json');
    const report: { settings: readonly { key: string }[] } = JSON.parse(stdout);
    expect(report).toMatchObject({
      kind: 'profile-report',
      schemaVersion: 0,
      name: 'bulk-transfer',
      lineage: ['base', 'bulk-transfer'],
      protect: expect.arrayContaining([
        expect.objectContaining({ key: 'net.core.rmem_default', by: 'bulk-transfer' }),
      ]),
    });
    expect(report.settings.filter(({ key }) => key === 'net.ipv4.tcp_wmem')).toEqual([
      expect.objectContaining({
        relation: 'at-least',
        value: '[keep, keep, 16MiB]',
        here: expect.objectContaining({
          value: 'keep keep 8388608',
          notApplied: null,
          live: '4096 16384 4194304',
        }),
      }),
      expect.objectContaining({
        value: 'auto',
        here: expect.objectContaining({
          value: null,
          notApplied: expect.objectContaining({ kind: 'no-facts' }),
        }),
      }),
    ]);
  });

  test('text of a stranger acts on no terminal', async () => {
    const file = saved(
      'evil.yaml',
      profileText([`net.core.somaxconn: {at-least: 1, because: "\\e[31mred", source: "\\a"}`]),
    );
    const { stdout } = await run('show', file, '--snapshot', snapshot);
    expect(stdout).toContain('\\x1b[31mred');
    expect([stdout.includes('\u001b'), stdout.includes('\u0007')]).toEqual([false, false]);
  });
});

test('what each prints as JSON is as the published schemas have it', async () => {
  const file = saved('own.yaml', profileText([`net.core.somaxconn: {at-least: 1, ${REASON}}`], 'own'));
  const documents = await Promise.all(
    [
      ['list', '--root', directory],
      ['show', 'bulk-transfer', '--snapshot', snapshot],
      ['validate', file],
    ].map(async (argv) => JSON.parse((await run(...argv, '--json')).stdout)),
  );
  expect(documents.map(({ kind }) => kind)).toEqual(['profiles', 'profile-report', 'profile-validation']);
  for (const document of documents) {
    expect(schemaFaults(document.kind, document)).toEqual([]);
    expect(schemaFaults(document.kind, { ...document, more: 1 })).not.toEqual([]);
  }
});

describe('validate', () => {
  test('a sound file', async () => {
    const file = saved(
      'shop.yaml',
      `${profileText([`net.core.somaxconn: {at-least: 1, ${REASON}}`], 'shop')}extends: [base]\n`,
    );
    expect(await run('validate', file)).toEqual({
      status: 0,
      stdout: `${file}: the profile shop is sound: 7 keys, with those of base\n`,
    });
    expect(JSON.parse((await run('validate', file, '--json')).stdout)).toMatchObject({
      kind: 'profile-validation',
      name: 'shop',
      lineage: ['base', 'shop'],
    });
  });

  test.each([
    [
      'a wrong unit',
      `net.core.somaxconn: {at-least: 16MiB, ${REASON}}`,
      { line: 6, column: 34 },
      /in connections/,
    ],
    [
      'a key that we do not know',
      `net.core.somaxcon: {at-least: 1, ${REASON}}`,
      { line: 6, column: 3 },
      /unknown sysctl key/,
    ],
    [
      'an unchecked key below /tmp',
      `a.b: {at-least: 1, ${REASON}, unchecked: true}`,
      { line: 6 },
      /nobody vouches/,
    ],
  ])('%s', async (_, line, at, message) => {
    const file = saved('bad.yaml', profileText([line]));
    await expect(run('validate', file)).rejects.toMatchObject({
      name: 'UserError',
      status: 2,
      at: { file, ...at },
      message: expect.stringMatching(message),
    });
  });

  test.each([
    [['show', 'databsae', '--root', '/'], "unknown profile 'databsae'", "did you mean 'database'?"],
    [['validate', '/no/such.yaml'], 'the profile cannot be read: there is no such file', undefined],
    [['validate', '/dev/zero'], expect.stringContaining('not a regular file'), undefined],
    [['validate'], "missing required argument 'file'", expect.anything()],
  ])('%j is bad usage or input', async (argv, message, hint) => {
    await expect(run(...argv)).rejects.toMatchObject({ name: 'UserError', status: 2, message, hint });
  });
});
