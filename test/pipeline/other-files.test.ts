import { describe, expect, test } from '@jest/globals';
import { otherFilesIn, otherFilesOn } from '../../src/pipeline/other-files.ts';
import type { SysctlFile } from '../../src/snapshot/sysctl-file.ts';
import { hostOf } from '../rules/host.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

const CONF = '/etc/sysctl.conf';
const LINK = '/etc/sysctl.d/99-sysctl.conf';

function otherFile(tree: MemoryTree, path = CONF, collected: readonly SysctlFile[] = []) {
  const snapshot = { ...hostOf({ files: {} }), sysctlFiles: [...collected] };
  return otherFilesOn(memoryHost({ tree }).reader, snapshot)(path);
}

function keepers(tree: MemoryTree): readonly string[] {
  const file = otherFile(tree);
  return file.ok ? file.keepers() : ['refused'];
}

describe('a file of somebody else that is to be edited', () => {
  test('is read with its bytes, its mode and its owner', () => {
    expect(otherFile({ [CONF]: { text: 'a=1\n', mode: 0o640, uid: 7 } })).toMatchObject({
      ok: true,
      state: { text: 'a=1\n', mode: '0640', uid: 7 },
    });
    const bytes = Buffer.from([0x23, 0xe9, 0x0a]);
    expect(otherFile({ [CONF]: { bytes } })).toMatchObject({
      ok: true,
      state: { base64: bytes.toString('base64') },
    });
  });

  test.each<readonly [what: string, tree: MemoryTree, why: string]>([
    ['that is not there', {}, 'it cannot be looked at: absent'],
    ['that is a link', { [CONF]: { link: '/srv/x' }, '/srv/x': '' }, 'it is no regular file but a link'],
    ['that is a FIFO', { [CONF]: { kind: 'fifo' } }, 'it is no regular file but a fifo'],
    ['that cannot be read', { [CONF]: { text: '', denied: true } }, 'it cannot be read: denied'],
    [
      'that holds a secret, if only in a comment',
      { [CONF]: '# net.ipv4.tcp_fastopen_key = 00000000-00000000-00000000-00000000\n' },
      'it holds a secret key, which the plan would show',
    ],
  ])('%s is not edited', (_what, tree, why) => {
    expect(otherFile(tree)).toEqual({ ok: false, why });
  });

  test('is the one that a link leads to, or is not edited', () => {
    const link = { path: LINK, kind: 'link', target: '../sysctl.conf', text: 'a=1\n' } as const;
    const files = [{ path: CONF, kind: 'file', mode: '0644', text: 'a=1\n' } as const, link];
    const led = { [CONF]: 'a=1\n', [LINK]: { link: '../sysctl.conf' } };
    expect(otherFile(led, CONF, files)).toMatchObject({ ok: true });
    const astray = {
      [CONF]: 'a=1\n',
      '/etc/sysctl.d': { link: '/srv/conf/sysctl.d' },
      '/srv/conf/sysctl.conf': 'a=1\n',
      '/srv/conf/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' },
    };
    expect(otherFile(astray, CONF, files)).toEqual({ ok: false, why: `${LINK} leads elsewhere` });
  });
});

describe('who keeps it', () => {
  const STATUS = `Package: bash
Status: install ok installed
Conffiles:
 /etc/bash.bashrc 89269e1298235f1b12b4c16e4065ad0d
Description: a shell

Package: procps
Status: install ok installed
Conffiles:
 /etc/init.d/procps ceb39cc9bb6fd1b1a5da0ebd2ff0e4d8
 /etc/sysctl.conf 76c1d8285c578d5e827c3e07b9738112
 /etc/old.conf 76c1d8285c578d5e827c3e07b9738112 obsolete
Description: /proc utilities
 /etc/sysctl.d is read too
`;
  const withStatus = (path: string, text = 'a=1\n') => {
    const file = otherFile({ [path]: text, '/var/lib/dpkg/status': STATUS }, path);
    return file.ok ? file.keepers() : ['refused'];
  };

  test('is the package whose configuration file it is', () => {
    expect(withStatus(CONF)).toEqual([
      '/etc/sysctl.conf is a configuration file of the package procps: its next update may ask which one to keep, and its own has the lines that are commented out',
    ]);
    expect(withStatus('/etc/bash.bashrc')).toEqual([expect.stringContaining('the package bash')]);
  });

  test.each(['/etc/old.conf', '/etc/sysctl.d/50.conf', '/etc/sysctl', '/etc/sysctl.d'])(
    'is no package of %s',
    (path) => {
      expect(withStatus(path)).toEqual([]);
    },
  );

  test('is whoever a comment names', () => {
    expect(keepers({ [CONF]: `a=1\n# ${'x'.repeat(80)} managed by Chef\n` })).toEqual([
      `${CONF}:2 says "${'x'.repeat(60)}…": what keeps the file may write it anew, and the lines that are commented out are back then`,
    ]);
  });

  test('is nobody where nothing says so', () => {
    expect(keepers({ [CONF]: '# ours\na=1\n' })).toEqual([]);
  });
});

test('of a snapshot there is what was collected', () => {
  const files = { [CONF]: '# Ansible managed\na=1\n' };
  const file = otherFilesIn(hostOf({ files }))(CONF);
  expect(file).toMatchObject({ ok: true, state: { text: files[CONF], mode: '0644', uid: 0, gid: 0 } });
  expect(file.ok && file.keepers()).toHaveLength(1);
  expect(otherFilesIn(hostOf({ files }))('/etc/sysctl.d/x.conf')).toEqual({
    ok: false,
    why: 'it was not read',
  });
  const secret = { [CONF]: 'net.ipv4.tcp_fastopen_key = 0\n' };
  expect(otherFilesIn(hostOf({ files: secret }))(CONF)).toMatchObject({ ok: false });
});
