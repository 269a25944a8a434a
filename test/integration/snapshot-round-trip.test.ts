import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditDocument } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Sandbox } from '../tools/sandbox.ts';
import { startServers, writeConfigs } from '../tools/servers.ts';

const SAVED = '/run/saved.json';
const TREE = '/run/tree';

describeWith(
  [...SANDBOX_PROGRAMS, 'nginx', 'redis-server', 'systemd-socket-activate'],
  'a saved snapshot',
  () => {
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await openSandbox();
      await sandbox.setSysctl('net.core.somaxconn', 128);
      await sandbox.writeFile('/etc/sysctl.d/10-queue.conf', 'net.core.somaxconn = 512\n');
      await writeConfigs(sandbox);
      await startServers(sandbox);
      await sandbox.writeFile(`${TREE}/etc/sysctl.d/20-tree.conf`, 'net.core.somaxconn = 256\n');
      await sandbox.writeFile(`${TREE}/etc/os-release`, 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="A tree"\n');
      await sandbox.writeFile(`${TREE}/srv/real.conf`, 'net.ipv4.tcp_max_syn_backlog = 64\n');
      // Absolute, so it leads out of the tree unless it is resolved as in a chroot.
      await sandbox.output(['ln', '-s', '/srv/real.conf', `${TREE}/etc/sysctl.d/30-link.conf`]);
    });
    afterAll(async () => sandbox?.close());

    /** A snapshot does not tell which machine it is of. */
    function withoutMachine<T extends { readonly stdout: string }>(outcome: T): T {
      return { ...outcome, stdout: outcome.stdout.replace(/"machineId": "\w+"/, '"machineId": null') };
    }

    // Text in full names the way to explain each finding, and that leads to the saved snapshot.
    test.each([['--json'], ['--quiet']])('prints the same bytes again with %s', async (form) => {
      const live = await sandbox.backlogctl(['audit', form, '--snapshot-out', SAVED]);
      const again = await sandbox.backlogctl(['audit', form, '--snapshot', SAVED]);
      expect(live).toMatchObject({ status: 0, stderr: '' });
      expect(again).toEqual(withoutMachine(live));
    });

    test('audited by nobody on another host, it says the same', async () => {
      const live = await sandbox.backlogctl(['audit', '--json', '--snapshot-out', SAVED]);
      const snapshot = await sandbox.output(['cat', SAVED]);
      const piped = await sandbox.backlogctl(['audit', '--json', '--snapshot', '-'], {
        as: 'nobody',
        input: snapshot,
      });
      expect(piped).toEqual(withoutMachine(live));
    });

    test('a written snapshot audits like the one that is printed', async () => {
      await sandbox.output(['node', BIN, 'snapshot', '--out', SAVED]);
      const document = auditDocument(await sandbox.backlogctl(['audit', '--json', '--snapshot', SAVED]));
      expect(document.complete).toBe(true);
      expect(document.findings.length).toBeGreaterThan(0);
    });

    test('of another tree, with its links resolved inside it', async () => {
      await sandbox.output(['node', BIN, 'snapshot', '--root', TREE, '--out', SAVED]);
      const saved = await sandbox.output(['cat', SAVED]);
      expect(saved).toContain('net.core.somaxconn = 256');
      expect(saved).toContain('net.ipv4.tcp_max_syn_backlog = 64');
      expect(saved).not.toContain('net.core.somaxconn = 512');
      const direct = await sandbox.backlogctl(['audit', '--root', TREE, '--snapshot-out', SAVED]);
      const later = await sandbox.backlogctl(['audit', '--snapshot', SAVED]);
      expect(direct).toMatchObject({ status: 0, stderr: '' });
      expect(later).toEqual(direct);
    });
  },
);
