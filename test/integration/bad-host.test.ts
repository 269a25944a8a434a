import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditDocument } from '../../src/report/audit-document.ts';
import { auditDocument, findingsAbout, onPort } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type RunOptions, type Sandbox } from '../tools/sandbox.ts';

const LISTEN = "require('node:net').createServer().listen(4000, '127.0.0.1', 100)";

describeWith(SANDBOX_PROGRAMS, 'a host that does not answer as it should', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sandbox.start(['node', '-e', LISTEN]);
    await sandbox.listening(4000);
  });
  afterEach(async () => sandbox?.close());

  async function shell(script: string): Promise<void> {
    await sandbox.output(['sh', '-euc', script]);
  }

  /** Status 0 and no stack, in text and in JSON, whatever is missing. */
  async function auditAnyway(options: RunOptions = {}): Promise<AuditDocument> {
    const inText = await sandbox.backlogctl(['audit'], options);
    expect({ status: inText.status, stderr: inText.stderr }).toEqual({ status: 0, stderr: '' });
    expect(inText.stdout).not.toMatch(/^\s+at .*:\d+:\d+|undefined|\[object|NaN/m);
    const inJson = await sandbox.backlogctl(['audit', '--json'], options);
    expect({ status: inJson.status, stderr: inJson.stderr }).toEqual({ status: 0, stderr: '' });
    return auditDocument(inJson);
  }

  function expectBlindTo(document: AuditDocument, subject: RegExp): void {
    expect(document.complete).toBe(false);
    expect(document.unseen.map(({ what, why }) => `${what}: ${why}`).join('\n')).toMatch(subject);
  }

  describe('/proc', () => {
    test('without a directory of keys', async () => {
      await shell('mount -t tmpfs tmpfs /proc/sys/net/ipv4');
      const document = await auditAnyway();
      expect(onPort(document, 4000).acceptQueue).toMatchObject({ limit: 100, capacity: 101 });
    });

    test('without somaxconn', async () => {
      await shell('mount -t tmpfs tmpfs /proc/sys/net/core');
      const document = await auditAnyway();
      expect(onPort(document, 4000)).toMatchObject({ acceptQueue: { limit: 100 }, boundBy: 'unknown' });
    });

    test('with keys that may not be read', async () => {
      await shell('mount -t tmpfs -o mode=700 tmpfs /proc/sys/net/core');
      const document = await auditAnyway({ as: 'nobody' });
      expectBlindTo(document, /somaxconn|net\.core/);
    });

    test('with a key that holds no number', async () => {
      await shell('echo lots >/run/words; mount --bind /run/words /proc/sys/net/core/somaxconn');
      const document = await auditAnyway();
      expect(onPort(document, 4000).boundBy).toBe('unknown');
    });
  });

  describe('sysctl.d', () => {
    test('with a loop, a dangling link, a directory, a mask, a device and bytes that are no text', async () => {
      await shell(`
        cd /etc/sysctl.d
        ln -s 20-loop.conf 20-loop.conf
        ln -s /nowhere 30-dangling.conf
        mkdir 40-directory.conf
        ln -s /dev/null 50-mask.conf
        ln -s /dev/zero 55-device.conf
        printf 'net.core.somaxconn = \\377\\376\\n' >60-bytes.conf
        printf 'net.core.somaxconn = 256\\n' >70-good.conf
      `);
      const document = await auditAnyway();
      expect(onPort(document, 4000).acceptQueue).toMatchObject({ limit: 100 });
      const { status, stdout } = await sandbox.backlogctl(['explain', 'net.core.somaxconn']);
      expect(status).toBe(0);
      expect(stdout).toContain('70-good.conf');
    });

    test('with a FIFO, at which systemd-sysctl would wait', async () => {
      await shell('cd /etc/sysctl.d; mkfifo 10-fifo.conf; echo net.core.somaxconn = 256 >70-good.conf');
      const document = await auditAnyway();
      expect(onPort(document, 4000).acceptQueue).toMatchObject({ limit: 100 });
      const { status, stdout } = await sandbox.backlogctl(['explain', 'net.core.somaxconn']);
      expect(status).toBe(0);
      expect(stdout).toContain('/etc/sysctl.d/10-fifo.conf');
    });

    test('with a file that is too large', async () => {
      await shell('truncate -s 64M /etc/sysctl.d/10-large.conf');
      await auditAnyway();
    });
  });

  describe('ss', () => {
    /** It is 100, which only ss can tell. */
    function expectNoClaimAboutTheLimit(document: AuditDocument): void {
      const listener = onPort(document, 4000);
      expect(listener).toMatchObject({
        address: '127.0.0.1',
        processes: [{ name: expect.stringMatching(/^(?:node|MainThread)$/) }],
        acceptQueue: null,
        boundBy: 'unknown',
        relisten: { needed: false },
      });
      const sure = findingsAbout(document, listener).filter(({ confidence }) => confidence !== 'assumed');
      expect(sure).toEqual([]);
    }

    test('missing: the listeners are those of /proc/net, their limits unknown', async () => {
      await shell(`
        mkdir -p /run/bin-overlay; mount -t tmpfs tmpfs /run/bin-overlay
        mkdir /run/bin-overlay/upper /run/bin-overlay/work
        mount -t overlay -o lowerdir=/usr/bin,upperdir=/run/bin-overlay/upper,workdir=/run/bin-overlay/work o /usr/bin
        rm -f /usr/bin/ss
      `);
      const document = await auditAnyway();
      expectBlindTo(document, /\bss\b/);
      expectNoClaimAboutTheLimit(document);
    });

    test.each([
      ['not to be executed', '', '0644'],
      ['that fails', '#!/bin/sh\nexit 1\n', '0755'],
      ['that prints nonsense', '#!/bin/sh\necho "<html>404</html>"; echo LISTEN LISTEN LISTEN\n', '0755'],
      ['that prints bytes', '#!/bin/sh\nhead -c 100000 /dev/urandom\n', '0755'],
      ['that never stops printing', '#!/bin/sh\nexec yes\n', '0755'],
      ['that hangs', '#!/bin/sh\nexec sleep 1000\n', '0755'],
    ])(
      '%s',
      async (_, script, mode) => {
        await sandbox.writeFile('/run/ss', script, mode);
        await shell('mount --bind /run/ss "$(readlink -f /usr/bin/ss)"');
        const document = await auditAnyway({ timeoutMs: 60_000 });
        expectBlindTo(document, /\bss\b/);
        expectNoClaimAboutTheLimit(document);
      },
      90_000,
    );
  });
});
