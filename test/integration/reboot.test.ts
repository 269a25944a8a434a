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

/** Keys of which the host has one, and what a profile asks of each. */
const HOST_WIDE = {
  'vm.swappiness': 'exactly: 10',
  // systemd raises it at boot to more than a number in JavaScript holds.
  'fs.file-max': 'exactly: 2000000',
  'fs.inotify.max_user_watches': 'at-least: 524288',
  'net.core.netdev_max_backlog': 'at-least: 2000',
  // A child namespace shows it, read-only, from 6.11 on.
  'net.core.wmem_max': 'at-least: 6MiB',
  'net.ipv4.tcp_mem': 'at-least: [keep, keep, 128MiB]',
} as const;

const HOST_PROFILE = `kind: profile
schemaVersion: 0
name: host
summary: Keys of which the host has one.
settings:
${Object.entries(HOST_WIDE)
  .map(([key, wanted]) => `  ${key}: {${wanted}, because: a test, source: a test}`)
  .join('\n')}
`;

const WRITE_PROFILE = `mkdir -p /etc/backlogctl/profiles
cat >/etc/backlogctl/profiles/host.yaml <<'END'
${HOST_PROFILE}END
`;

/** Values of those keys, each behind the word that tells one look from another. */
function lookAtHost(when: string): string {
  return Object.keys(HOST_WIDE)
    .map((key) => `echo "${when}:${key} $(sysctl -n ${key} | tr '\\t' ' ')"\n`)
    .join('');
}

function hostWide(when: string, said: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(HOST_WIDE).map((key) => [key, said[`${when}:${key}`] ?? 'not said']));
}

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
    const printed = await inGuest(kernel, script, new Map(), { disk: path.join(directory, disk) });
    return { printed, ...facts(printed) } as Readonly<Record<string, string>>;
  }

  const CLI = 'node bin/backlogctl.js';
  const APPLY = say('apply', `${CLI} apply --profile web-frontend --yes >/dev/null`);
  const APPLY_BOTH = say(
    'apply',
    `${CLI} apply --profile web-frontend --profile host --allow-lower --yes >/dev/null`,
  );
  const APPLY_IN_CHILD = say(
    'child',
    `unshare --net ${CLI} apply --profile host --allow-lower --yes --json >/run/child.json`,
  );
  const ROLLBACK = say('rollback', `${CLI} rollback --all`);

  describe('of the same kernel', () => {
    let first: Readonly<Record<string, string>>;
    let second: Readonly<Record<string, string>>;
    beforeAll(async () => {
      const inFirst = [
        WRITE_PROFILE,
        LOOK,
        lookAtHost('before'),
        APPLY_IN_CHILD,
        lookAtHost('child'),
        "echo \"child-files $(ls /etc/sysctl.d | tr '\\n' ' ')\"\n",
        APPLY_BOTH,
        LOOK.replace('somaxconn ', 'afterwards '),
        lookAtHost('applied'),
        'sed "s/^/drop-in:/" /etc/sysctl.d/90-backlogctl.conf\n',
        `echo "receipt $(tr -d '\\n' </run/child.json)"\n`,
      ];
      const inSecond = [
        LOOK,
        lookAtHost('booted'),
        say('status', `${CLI} status >/dev/null`),
        ROLLBACK,
        LOOK.replace('somaxconn ', 'afterwards '),
        lookAtHost('back'),
      ];
      first = await boot('same.qcow2', '6.12', inFirst.join(''));
      second = await boot('same.qcow2', '6.12', inSecond.join(''));
    }, 500_000);

    test('the values stand', () => {
      expect(first).toMatchObject({ apply: '0', afterwards: '8192' });
      expect(second).toMatchObject({ somaxconn: '8192', status: '0' });
    });

    test('rollback takes the file away and puts back what stood there before', () => {
      expect(second).toMatchObject({ rollback: '0', afterwards: '4096' });
      expect(first.files).toContain('90-backlogctl.conf');
      expect(second.files).not.toContain('90-backlogctl.conf');
    });

    describe('keys of which the host has one', () => {
      function wanted(): Readonly<Record<string, string>> {
        const [least, pressure] = first['before:net.ipv4.tcp_mem']?.split(' ') ?? [];
        return {
          'vm.swappiness': '10',
          'fs.file-max': '2000000',
          'fs.inotify.max_user_watches': '524288',
          'net.core.netdev_max_backlog': '2000',
          'net.core.wmem_max': '6291456',
          'net.ipv4.tcp_mem': `${least} ${pressure} 32768`,
        };
      }

      test('are refused in a child network namespace, each by its name, and nothing is written', () => {
        expect(first.child).toBe('0');
        const receipt = JSON.parse(first.receipt ?? '');
        expect(receipt).toMatchObject({ changed: false, outcome: 'unchanged', transaction: null });
        const skipped: readonly { key: string; why: string; message: string }[] = receipt.plan.skipped;
        const reasons = Object.fromEntries(
          skipped.map(({ key, why, message }) => [key, `${why}: ${message}`]),
        );
        const expected = Object.keys(HOST_WIDE).map((key) => [
          key,
          expect.stringMatching(`^read-only-here: ${key} belongs to the whole host`),
        ]);
        expect(reasons).toEqual(Object.fromEntries(expected));
        expect(hostWide('child', first)).toEqual(hostWide('before', first));
        expect(first['child-files']).not.toContain('90-backlogctl.conf');
      });

      test('are applied on the host, now and in the drop-in', () => {
        expect(hostWide('applied', first)).toEqual(wanted());
        for (const [key, value] of Object.entries(wanted())) {
          expect(hostWide('before', first)[key]).not.toBe(value);
          expect(first.printed).toContain(`\ndrop-in:${key} = ${value}\n`);
        }
      });

      test('stand after the boot, and rollback gives every old value back', () => {
        expect(hostWide('booted', second)).toEqual(wanted());
        expect(hostWide('back', second)).toEqual(hostWide('before', first));
      });
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
