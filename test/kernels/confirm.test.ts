import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inGuest } from '../tools/guest.ts';
import { describeWith, GUEST_PROGRAMS } from '../tools/requirements.ts';

/** `NAME: live value, number of drop-ins of ours`, at the moments that count. */
const SAY = `
BACKLOGCTL="node $PWD/bin/backlogctl.js"
KEY=/proc/sys/net/core/somaxconn
say() { echo "$1: $(cat $KEY) $(ls /etc/sysctl.d | grep -c backlogctl || true)"; }
old() { echo 128 >$KEY; }
apply() { $BACKLOGCTL apply --profile web-frontend --yes --confirm-within "$1" --json | sed -n 's/^  "outcome": /waits: /p'; }
# Up to 30 s past the deadline: how late it really is depends on the machine.
until_old() { n=0; until [ "$(cat $KEY)" = 128 ] || [ $n -ge $1 ]; do sleep 1; n=$((n + 1)); done; }
`;

/** Nobody stays who belongs to the session, root neither. */
const SESSION = `
mkdir -p /root/.ssh /etc/systemd/logind.conf.d
printf '[Login]\\nKillUserProcesses=yes\\nKillExcludeUsers=\\n' >/etc/systemd/logind.conf.d/kill.conf
systemctl restart systemd-logind
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id
cp /root/.ssh/id.pub /root/.ssh/authorized_keys
cat >/root/session <<'END'
BACKLOGCTL="node $1/bin/backlogctl.js"
sleep 100000 & echo $! >/root/left
$BACKLOGCTL apply --profile web-frontend --yes --confirm-within 60s --json >/root/receipt
cat /proc/sys/net/core/somaxconn >/root/during
loginctl terminate-session $XDG_SESSION_ID
sleep 100000
END
old
ssh -i /root/.ssh/id -o StrictHostKeyChecking=no -o LogLevel=QUIET root@127.0.0.1 sh /root/session "$PWD" || true
n=0; while kill -0 $(cat /root/left) 2>/dev/null && [ $n -lt 20 ]; do sleep 1; n=$((n + 1)); done
kill -0 $(cat /root/left) 2>/dev/null && echo 'session: still there' || echo 'session: gone'
echo "during: $(cat /root/during)"
until_old 90
say 'session killed'
`;

const CLOCK = `
old
apply 20s
date -s '-1 hour' >/dev/null
until_old 50
say 'clock set back'
date -s '+1 hour' >/dev/null
`;

const KEPT = `
old
apply 30s
$BACKLOGCTL confirm --json | sed -n 's/^  "outcome": /confirm: /p'
sleep 35
say 'confirmed'
systemctl list-units --all --no-legend 'backlogctl-*' | sed 's/^/unit: /'
$BACKLOGCTL rollback >/dev/null
`;

const LEFT_WAITING = `
old
apply 1000s
say 'before the boot'
sync
`;

const BOOTED = `
say 'after the boot'
$BACKLOGCTL confirm 2>&1 || echo "confirm: $?"
$BACKLOGCTL history --json | sed -n 's/^      "state": /state: /p' | head -1
`;

describeWith(GUEST_PROGRAMS, 'a change that waits to be confirmed, under systemd', () => {
  let directory: string;
  let said: readonly string[];
  let booted: readonly string[];

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-confirm-'));
    const options = {
      disk: path.join(directory, 'disk'),
      packages: ['dbus', 'libpam-systemd', 'openssh-server'],
      longestSeconds: 500,
    };
    const script = SAY + SESSION + CLOCK + KEPT + LEFT_WAITING;
    said = (await inGuest('6.12', script, new Map(), options)).trim().split('\n');
    booted = (await inGuest('6.12', SAY + BOOTED, new Map(), options)).trim().split('\n');
  }, 1_200_000);
  afterAll(() => {
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  test('goes back although the SSH session that applied it was killed with all of its processes', () => {
    expect(said).toEqual(expect.arrayContaining(['session: gone', 'during: 8192', 'session killed: 128 0']));
  });

  test('goes back in time although the clock was set back an hour', () => {
    expect(said).toContain('clock set back: 128 0');
  });

  test('stays once it is confirmed, and leaves no unit behind', () => {
    expect(said).toEqual(expect.arrayContaining(['confirm: "applied",', 'confirmed: 8192 1']));
    expect(said.filter((line) => line.startsWith('unit: '))).toEqual([]);
  });

  test('is gone after a boot, and the journal says so once somebody looks', () => {
    expect(said).toContain('before the boot: 8192 0');
    expect(booted[0]).toBe('after the boot: 4096 0');
    expect(booted.join('\n')).toContain('it is too late for transaction');
    expect(booted).toEqual(expect.arrayContaining(['confirm: 5', 'state: "undone",']));
  });
});
