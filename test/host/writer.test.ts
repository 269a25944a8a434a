import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HostWriter } from '../../src/core/ports.ts';
import { hostWriter } from '../../src/host/writer.ts';

describe('the writer, of a tree', () => {
  let directory: string;
  let root: string;
  let writer: HostWriter;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-writer-'));
    root = path.join(directory, 'root');
    mkdirSync(path.join(root, 'proc/sys/net/ipv4'), { recursive: true });
    mkdirSync(path.join(root, 'etc'));
    mkdirSync(path.join(directory, 'outside'));
    writer = hostWriter(root);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('writes a value once and as a whole', async () => {
    const file = path.join(root, 'proc/sys/net/ipv4/tcp_rmem');
    writeFileSync(file, '');
    const written = await writer.writeSysctl('/proc/sys/net/ipv4/tcp_rmem', '4096 131072 6291456');
    expect(written.ok).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('4096 131072 6291456\n');
  });

  test.each(['/proc/sys/../../etc/passwd', '/etc/passwd', '/proc/sysrq-trigger'])(
    'writes no value to %s',
    async (to) => {
      writeFileSync(path.join(root, 'etc/passwd'), 'theirs');
      expect(await writer.writeSysctl(to, '1')).toMatchObject({ ok: false, errno: 'EPERM' });
      expect(readFileSync(path.join(root, 'etc/passwd'), 'utf8')).toBe('theirs');
    },
  );

  test('makes no file where something stands, be it a link to nothing', async () => {
    writeFileSync(path.join(root, 'etc/there'), 'theirs');
    symlinkSync('/etc/nothing', path.join(root, 'etc/link'));
    for (const name of ['there', 'link']) {
      expect(await writer.createExclusive(`/etc/${name}`, 0o600)).toMatchObject({
        ok: false,
        errno: 'EEXIST',
      });
    }
    expect(readFileSync(path.join(root, 'etc/there'), 'utf8')).toBe('theirs');
    expect(readdirSync(path.join(root, 'etc')).sort()).toEqual(['link', 'there']);
  });

  test('follows links as in a chroot, and so not out of the tree', async () => {
    symlinkSync(path.join(directory, 'outside'), path.join(root, 'etc/sysctl.d'));
    const made = await writer.createExclusive('/etc/sysctl.d/x.conf', 0o600);
    expect(made.ok).toBe(false);
    expect(readdirSync(path.join(directory, 'outside'))).toEqual([]);
  });
});
