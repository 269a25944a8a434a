import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readDocument } from '../../src/host/document-reader.ts';
import { writeDocument } from '../../src/host/document-writer.ts';

const top = mkdtempSync(join(tmpdir(), 'documents-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

describe('writeDocument', () => {
  test('makes a file that only its owner may read', () => {
    const path = join(top, 'new.json');
    expect(writeDocument(path, '{"ü":1}\n')).toEqual({ ok: true, value: path });
    expect(readFileSync(path, 'utf8')).toBe('{"ü":1}\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('replaces a longer file and takes back its permissions', () => {
    const path = join(top, 'old.json');
    writeFileSync(path, 'x'.repeat(1000));
    chmodSync(path, 0o666);
    writeDocument(path, 'short');
    expect(readFileSync(path, 'utf8')).toBe('short');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['a directory that is not there', join(top, 'no/such/file'), { ok: false, why: 'absent' }],
    ['a directory', top, { ok: false, why: 'malformed', detail: 'a directory' }],
    ['a full device', '/dev/full', { ok: false, why: 'malformed', detail: 'ENOSPC' }],
  ])('answers why it could not write to %s', (_what, path, expected) => {
    expect(writeDocument(path, 'x')).toEqual(expected);
  });

  test('follows a link of our own', () => {
    const path = join(top, 'link.json');
    symlinkSync(join(top, 'target.json'), path);
    expect(writeDocument(path, 'through')).toEqual({ ok: true, value: path });
    expect(readFileSync(join(top, 'target.json'), 'utf8')).toBe('through');
  });

  test('makes what a link of our own leads to', () => {
    symlinkSync('not-yet.json', join(top, 'early.json'));
    symlinkSync(top, join(top, 'here'));
    expect(writeDocument(join(top, 'here/early.json'), 'through').ok).toBe(true);
    expect(readFileSync(join(top, 'not-yet.json'), 'utf8')).toBe('through');
  });

  test('says that a link leads to itself', () => {
    symlinkSync('loop.json', join(top, 'loop.json'));
    const detail = 'a loop of links';
    expect(writeDocument(join(top, 'loop.json'), 'x')).toEqual({ ok: false, why: 'malformed', detail });
  });

  test('does not follow a link with other names, which another user may have given it', () => {
    const link = join(top, 'second-link.json');
    symlinkSync(join(top, 'never.json'), join(top, 'first-link.json'));
    linkSync(join(top, 'first-link.json'), link);
    const detail = `${link} is a link that another user may have put there`;
    expect(writeDocument(link, 'x')).toEqual({ ok: false, why: 'malformed', detail });
    expect(existsSync(join(top, 'never.json'))).toBe(false);
  });

  test('does not follow a link in a directory that others may write to', () => {
    const open = join(top, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(join(top, 'never.json'), join(open, 'link.json'));
    const detail = `${join(open, 'link.json')} is a link that another user may have put there`;
    expect(writeDocument(join(open, 'link.json'), 'x')).toEqual({ ok: false, why: 'malformed', detail });
    expect(existsSync(join(top, 'never.json'))).toBe(false);
    expect(writeDocument(join(open, 'new.json'), 'x').ok).toBe(true);
  });

  test.each(['/dev/fd/N', '/proc/self/fd/N', 'a link to it'])(
    'writes to what is open already: %s',
    (name) => {
      const file = join(top, 'open-already.json');
      const descriptor = openSync(file, 'w', 0o600);
      try {
        const link = join(top, 'link-to-open.json');
        if (name.startsWith('a')) symlinkSync(`/dev/fd/${descriptor}`, link);
        const path = name.startsWith('a') ? link : name.replace('N', `${descriptor}`);
        expect(writeDocument(path, name)).toEqual({ ok: true, value: path });
      } finally {
        closeSync(descriptor);
      }
      expect(readFileSync(file, 'utf8')).toBe(name);
    },
  );

  test('leaves a file alone that has other names', () => {
    const path = join(top, 'second-name.json');
    writeFileSync(join(top, 'first-name.json'), 'as it was');
    linkSync(join(top, 'first-name.json'), path);
    const detail = 'the file has other names besides this one (hard links)';
    expect(writeDocument(path, 'x')).toEqual({ ok: false, why: 'malformed', detail });
    expect(readFileSync(path, 'utf8')).toBe('as it was');
  });

  test('leaves the permissions of a device alone', () => {
    const before = statSync('/dev/null').mode;
    expect(writeDocument('/dev/null', 'x').ok).toBe(true);
    expect(statSync('/dev/null').mode).toBe(before);
  });
});

describe('readDocument', () => {
  test('reads a file', () => {
    writeFileSync(join(top, 'a.json'), '{}');
    expect(readDocument(join(top, 'a.json'))).toEqual({ ok: true, value: '{}' });
  });

  test.each([
    ['a missing file', join(top, 'nowhere'), { ok: false, why: 'absent' }],
    ['a directory', top, { ok: false, why: 'malformed', detail: 'a directory' }],
    ['a device', '/dev/zero', { ok: false, why: 'malformed', detail: 'not a regular file' }],
  ])('answers why it could not read %s', (_what, path, expected) => {
    expect(readDocument(path)).toEqual(expected);
  });

  test('does not wait for somebody to write to a FIFO', () => {
    const path = join(top, 'fifo');
    spawnSync('mkfifo', [path]);
    expect(statSync(path).isFIFO()).toBe(true);
    expect(readDocument(path)).toEqual({ ok: false, why: 'malformed', detail: 'not a regular file' });
  });

  test('says that 100 MB are too large, without reading them', () => {
    const path = join(top, 'huge');
    writeFileSync(path, '');
    truncateSync(path, 100_000_000);
    expect(readDocument(path)).toEqual({
      ok: false,
      why: 'malformed',
      detail: 'too large: more than 64 MiB',
    });
  });
});
