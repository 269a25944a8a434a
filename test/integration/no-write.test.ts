import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Sandbox } from '../tools/sandbox.ts';
import { startServers, writeConfigs } from '../tools/servers.ts';

const TRACE = '/run/trace';

/** Every system call that changes a file or a directory, and those that open one. */
const OPENING = ['open', 'openat', 'openat2', 'creat'];
const CHANGING = [
  ...['unlink', 'unlinkat', 'rename', 'renameat', 'renameat2', 'mkdir', 'mkdirat', 'rmdir', 'link', 'linkat'],
  ...['symlink', 'symlinkat', 'mknod', 'mknodat', 'truncate', 'ftruncate', 'chmod', 'fchmod', 'fchmodat'],
  ...['chown', 'fchown', 'lchown', 'fchownat', 'utimensat', 'setxattr', 'fsetxattr', 'mount', 'umount2'],
];

const READS = [
  ['audit'],
  ['audit', '--json', '--sample', '200ms'],
  ['explain', ':8080'],
  ['snapshot'],
  ['rules', 'list'],
  ['model', '--backlog', '511', '--somaxconn', '4096'],
  ['model', 'buffers', '--bandwidth', '10Gbit', '--rtt', '40ms'],
  ['plan', '--profile', 'web-frontend'],
  ['apply', '--profile', 'web-frontend', '--dry-run'],
  ['history'],
  ['--version'],
];

describeWith(
  [...SANDBOX_PROGRAMS, 'strace', 'nginx', 'redis-server', 'systemd-socket-activate'],
  'what only reads',
  () => {
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await openSandbox();
      await writeConfigs(sandbox);
      await startServers(sandbox);
    });
    afterAll(async () => sandbox?.close());

    test.each(READS.map((args) => [args.join(' '), args] as const))('%s writes nothing', async (_, args) => {
      const calls = [...OPENING, ...CHANGING].join(',');
      const traced = ['strace', '-f', '-qq', '-o', TRACE, '-e', `trace=?${calls.replaceAll(',', ',?')}`];
      const { status, stderr } = await sandbox.run([...traced, 'node', BIN, ...args]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const lines = (await sandbox.output(['cat', TRACE]))
        .split('\n')
        .filter((line) => !line.includes(' = -1 '));
      expect(lines.filter((line) => line.includes('O_RDONLY')).length).toBeGreaterThan(5);
      const opened = lines.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|\bcreat\(/.test(line));
      expect(opened.filter((line) => !line.includes('"/dev/null"'))).toEqual([]);
      const changing = new RegExp(`^\\d+ +(?:${CHANGING.join('|')})\\(`);
      expect(lines.filter((line) => changing.test(line))).toEqual([]);
    });
  },
);
