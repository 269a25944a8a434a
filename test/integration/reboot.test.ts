import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inGuest } from '../tools/guest.ts';
import { describeWith, GUEST_PROGRAMS } from '../tools/requirements.ts';

const LOOK = `
echo "somaxconn $(cat /proc/sys/net/core/somaxconn)"
echo "rmem_max $(cat /proc/sys/net/core/rmem_max)"
echo "files $(ls /etc/sysctl.d | tr '\\n' ' ')"
`;

/** A command whose exit status is of interest; the script goes on. */
function say(name: string, command: string): string {
  return `status=0; ${command} || status=$?; echo "${name} $status"\n`;
}

function facts(printed: string): Readonly<Record<string, string>> {
  const rows = printed.split('\n').map((line) => /^(\S+) (.*)$/.exec(line));
  return Object.fromEntries(rows.flatMap((row) => (row === null ? [] : [[row[1], (row[2] ?? '').trim()]])));
}

describeWith(GUEST_PROGRAMS, 'across a reboot', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-reboot-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function boot(disk: string, kernel: string, script: string) {
    const printed = await inGuest(kernel, script, new Map(), path.join(directory, disk));
    return { printed, ...facts(printed) } as Readonly<Record<string, string>>;
  }

  const APPLY = say('apply', 'node bin/backlogctl.js apply --profile web-frontend --yes >/dev/null');
  const ROLLBACK = say('rollback', 'node bin/backlogctl.js rollback --all');

  describe('of the same kernel', () => {
    let first: Readonly<Record<string, string>>;
    let second: Readonly<Record<string, string>>;
    beforeAll(async () => {
      first = await boot('same.qcow2', '6.12', `${LOOK}${APPLY}${LOOK.replace('somaxconn ', 'afterwards ')}`);
      second = await boot(
        'same.qcow2',
        '6.12',
        `${LOOK}${say('status', 'node bin/backlogctl.js status >/dev/null')}${ROLLBACK}${LOOK.replace('somaxconn ', 'afterwards ')}`,
      );
    }, 300_000);

    test('the values stand', () => {
      expect(first).toMatchObject({ apply: '0', afterwards: '8192' });
      expect(second).toMatchObject({ somaxconn: '8192', status: '0' });
    });

    test('rollback takes the file away and puts back what stood there before', () => {
      expect(second).toMatchObject({ rollback: '0', afterwards: '4096' });
      expect(first.files).toContain('90-backlogctl.conf');
      expect(second.files).not.toContain('90-backlogctl.conf');
    });
  });

  describe('into another kernel', () => {
    let old: Readonly<Record<string, string>>;
    let later: Readonly<Record<string, string>>;
    let after: Readonly<Record<string, string>>;
    beforeAll(async () => {
      old = await boot('other.qcow2', '6.1', `${APPLY}${LOOK}`);
      later = await boot('other.qcow2', '6.12', `${ROLLBACK}${LOOK}`);
      after = await boot('other.qcow2', '6.12', LOOK);
    }, 300_000);

    test("no default of the old kernel's is written: what only a boot can tell is left, and named", () => {
      expect(old).toMatchObject({ apply: '0', somaxconn: '8192' });
      expect(later).toMatchObject({ rollback: '1', somaxconn: '8192' });
      expect(later.printed).toContain('net.core.somaxconn stays as it is until the next boot');
      expect(later.files).not.toContain('90-backlogctl.conf');
    });

    test('the next boot brings what that kernel sets by itself', () => {
      expect(after).toMatchObject({ somaxconn: '4096', rmem_max: '212992' });
    });
  });
});
