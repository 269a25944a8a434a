import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';

const BIN = path.join(import.meta.dirname, '..', '..', 'bin', 'backlogctl.js');
const MEGABYTE = 1024 * 1024;

const MINIMAL = {
  kind: 'snapshot',
  schemaVersion: 0,
  takenAt: '2026-11-20T09:00:00Z',
  host: { kernel: { release: '6.18.5' } },
  namespaces: [{ id: '1', name: 'host', sysctls: { 'net.core.somaxconn': { ok: true, value: '4096' } } }],
};

async function backlogctl(args: readonly string[], options: { readonly maxBuffer?: number } = {}) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: 30_000,
    ...options,
  });
  return { status: exitCode ?? -1, stdout, stderr };
}

/** Status 2, one line on stderr, nothing on stdout. */
async function expectRefusal(args: readonly string[], ...words: readonly RegExp[]): Promise<void> {
  const { status, stdout, stderr } = await backlogctl(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^backlogctl: [^\n]+$/);
  expect(stderr.length).toBeLessThan(400);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|node:internal|ZodError/);
  for (const word of words) expect(stderr).toMatch(word);
}

describe('words that do not exist', () => {
  test.each([
    ['a command', ['audti'], /unknown command 'audti'/, /did you mean 'audit'/],
    ['an option', ['audit', '--jsno'], /unknown option '--jsno'/, /did you mean '--json'/],
    ['a key', ['explain', 'net.core.somaxcon'], /net\.core\.somaxcon/, /did you mean 'net\.core\.somaxconn'/],
    ['a loader', ['audit', '--loader', 'sytemd'], /unknown loader 'sytemd'/, /did you mean 'systemd'/],
    ['a severity', ['audit', '--fail-on', 'hgih'], /unknown severity 'hgih'/, /did you mean 'high'/],
    ['a format', ['audit', '--format', 'jsn'], /unknown format 'jsn'/, /did you mean 'json'/],
    [
      'a rule',
      ['rules', 'show', 'accept-queue/overflowin'],
      /unknown rule/,
      /did you mean 'accept-queue\/overflowing'/,
    ],
    ['a time', ['audit', '--sample', 'soon'], /--sample/, /10s/],
    ['a root', ['audit', '--root', '/nonexistent'], /\/nonexistent/, /directory/],
    ['an argument too many', ['audit', 'now'], /argument/, /audit/],
    ['a missing argument', ['explain'], /argument/, /target/],
    ['a missing value', ['audit', '--snapshot'], /--snapshot/, /argument/],
  ])('%s', async (_, args, ...words) => expectRefusal(args, ...words));

  test('no command at all shows the help', async () => {
    const { status, stdout } = await backlogctl([]);
    expect(status).toBe(2);
    expect(stdout).toContain('Usage: backlogctl');
  });

  test('with --json the error is JSON', async () => {
    const { status, stdout, stderr } = await backlogctl(['explain', 'net.core.somaxcon', '--json']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'error',
      schemaVersion: 0,
      code: 'unknown-name',
      status: 2,
    });
  });
});

describe('snapshots that are none', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-input-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function saved(name: string, content: string | Uint8Array): string {
    const file = path.join(directory, name);
    writeFileSync(file, content);
    return file;
  }

  const text = JSON.stringify(MINIMAL);
  const wrongValue = {
    ...MINIMAL,
    namespaces: [{ id: '1', name: 'host', sysctls: [], listeners: [{ protocol: 'udp' }] }],
  };

  test.each([
    ['truncated', text.slice(0, text.length / 2), /JSON|end/i],
    ['empty', '', /empty|JSON/i],
    ['binary', Uint8Array.from({ length: 4096 }, (_, index) => (index * 167) % 256), /JSON|UTF-8|text/i],
    ['of a later schema', JSON.stringify({ ...MINIMAL, schemaVersion: 7 }), /7/],
    ['of another kind', JSON.stringify({ ...MINIMAL, kind: 'plan' }), /plan/],
    ['an array', '[]', /snapshot/],
    ['null', 'null', /snapshot/],
    ['without namespaces', JSON.stringify({ ...MINIMAL, namespaces: [] }), /namespaces/],
    ['with wrong values', JSON.stringify(wrongValue), /namespaces/],
    ['nested too deeply', `${'['.repeat(200_000)}`, /./],
  ])('%s', async (name, content, word) => {
    const file = saved(`${name.replaceAll(' ', '-')}.json`, content);
    await expectRefusal(['audit', '--snapshot', file], word, new RegExp(path.basename(file)));
  });

  test('of 100 MB', async () => {
    const file = saved('huge.json', text);
    truncateSync(file, 100 * MEGABYTE);
    await expectRefusal(['audit', '--snapshot', file], /huge\.json/, /MB|MiB|bytes|large/);
    rmSync(file);
  });

  test('that are not there, or a directory', async () => {
    await expectRefusal(['audit', '--snapshot', path.join(directory, 'none.json')], /none\.json/);
    await expectRefusal(['audit', '--snapshot', directory], /./);
  });

  test('a file that cannot be written is said in one sentence', async () => {
    const file = saved('minimal.json', text);
    const out = path.join(directory, 'no', 'such', 'directory.json');
    await expectRefusal(['audit', '--snapshot', file, '--snapshot-out', out], /directory\.json/);
  });

  test('a pipe is as good as a file', async () => {
    const file = saved('piped.json', text);
    const script = '"$0" "$1" audit --json --snapshot <(cat "$2")';
    const { exitCode, stdout } = await execa('bash', ['-c', script, process.execPath, BIN, file], {
      reject: false,
      stdin: 'ignore',
      timeout: 30_000,
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'audit' });
  });

  test('the least of a snapshot is enough, with fields that we do not know', async () => {
    const file = saved('least.json', JSON.stringify({ ...MINIMAL, invented: { later: true } }));
    const { status, stderr } = await backlogctl(['audit', '--snapshot', file]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('profiles that are none', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-profile-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const head = 'kind: profile\nschemaVersion: 0\nname: mine\nsummary: Mine.\n';

  test.each([
    ['empty', '', /empty/],
    ['binary', Uint8Array.from({ length: 4096 }, (_, index) => (index * 167) % 256), /binary/],
    ['cut-off', 'kind: [', /:1:/],
    ['nested-deeper-than-the-stack', '['.repeat(60_000), /nested too deeply/],
    ['larger-than-any', `# ${'x'.repeat(70_000)}`, /larger than 65536 bytes/],
    ['of-another-kind', 'kind: plan', /:1:7: .*plan/],
    ['of-a-later-schema', 'kind: profile\nschemaVersion: 9', /:2:16: .*9/],
    ['with-a-parent-that-is-not-there', `${head}extends: [bas]\n`, /:5:11: .*did you mean 'base'/],
    ['that-extends-itself', `${head}extends: [mine]\n`, /:5:11: .*(circle|unknown)/],
    [
      'in-the-wrong-unit',
      `${head}settings: {net.core.somaxconn: {at-least: 1MiB, because: b, source: s}}`,
      /:5:/,
    ],
  ])('%s', async (name, content, word) => {
    const file = path.join(directory, `${name}.yaml`);
    writeFileSync(file, content);
    await expectRefusal(['profiles', 'validate', file], word, new RegExp(path.basename(file)));
  });
});
