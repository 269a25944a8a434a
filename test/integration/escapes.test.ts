import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type RunOptions, type Sandbox } from '../tools/sandbox.ts';

const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const TEMPORARY = '/etc/sysctl.d/.90-backlogctl.conf.000001.new';
const STATE = '/var/lib/backlogctl';
const APPLY = ['apply', '--profile', 'web-frontend', '--yes'];

/** Root's: nobody may change or see it. Below /etc, where hard links to it can be made. */
const VICTIM = '/etc/victim/file';
const SECRET = 'a-secret-of-root';
/** Somebody else's directory, to lead us into. */
const THEIRS = '/srv/theirs';

type Attempt = {
  readonly what: string;
  /** Set up as root, by a shell: what an attacker, or an accident, would have left. */
  readonly trap: string;
  readonly run: readonly string[];
  readonly options?: RunOptions;
  /** Of the command; it may not be walked into whatever it answers. */
  readonly status: number;
};

const link = (from: string, to: string) => `rm -rf ${from}; mkdir -p $(dirname ${from}); ln -s ${to} ${from}`;
const shared = 'mkdir -m 1777 /run/shared; chmod 1777 /run/shared';
const PLAN_FILE = '/run/plan.json';
const SHARED_PLAN = '/run/shared/plan.json';
/** A plan of ours, root's alone, of which a program has changed one thing. */
const forged = (edit: string) =>
  `node ${BIN} plan --profile web-frontend --out ${PLAN_FILE} >/dev/null; node -e '
const fs = require("node:fs"); const plan = JSON.parse(fs.readFileSync("${PLAN_FILE}", "utf8"));
const file = plan.steps.find(({ kind }) => kind === "file"); const live = plan.steps.find(({ kind }) => kind === "live");
${edit}; fs.writeFileSync("${PLAN_FILE}", JSON.stringify(plan))'`;
const OBEY = ['apply', PLAN_FILE, '--yes'];
const applied = `node ${BIN} ${APPLY.join(' ')} >/dev/null`;
const log = `${STATE}/transactions/000001/log.ndjson`;
const intent = `${STATE}/transactions/000001/intent.json`;
const PROFILE =
  'kind: profile\\nschemaVersion: 0\\nname: site\\nsummary: Of the site.\\nsettings:\\n  net.core.somaxconn: { at-least: 4096, because: it is, source: here }\\n';
const profile = (directory: string) => `mkdir -p ${directory}; printf '${PROFILE}' >${directory}/site.yaml`;
const SITE = (directory: string) => ['apply', '--profile', `${directory}/site.yaml`, '--yes'];

const ATTEMPTS: readonly Attempt[] = [
  // In the place of the drop-in.
  { what: 'a link to a file of root', trap: link(DROP_IN, VICTIM), run: APPLY, status: 5 },
  { what: 'a link to nothing', trap: link(DROP_IN, `${THEIRS}/new`), run: APPLY, status: 5 },
  { what: 'a hard link to a file of root', trap: `ln ${VICTIM} ${DROP_IN}`, run: APPLY, status: 0 },
  { what: 'a FIFO', trap: `mkfifo ${DROP_IN}`, run: APPLY, status: 5 },
  { what: 'a directory', trap: `mkdir ${DROP_IN}`, run: APPLY, status: 5 },
  { what: 'a device', trap: `mknod ${DROP_IN} c 1 3`, run: APPLY, status: 5 },
  // In the place of what becomes the drop-in.
  { what: 'a link under the temporary name', trap: link(TEMPORARY, VICTIM), run: APPLY, status: 0 },
  {
    what: 'a hard link under the temporary name',
    trap: `ln ${VICTIM} ${TEMPORARY}`,
    run: APPLY,
    status: 0,
  },
  { what: 'a FIFO under the temporary name', trap: `mkfifo ${TEMPORARY}`, run: APPLY, status: 0 },
  { what: 'a directory under the temporary name', trap: `mkdir ${TEMPORARY}`, run: APPLY, status: 3 },
  // The directory of the drop-in.
  { what: 'sysctl.d leads to their directory', trap: link('/etc/sysctl.d', THEIRS), run: APPLY, status: 5 },
  {
    what: 'sysctl.d may be written by everybody',
    trap: 'chmod 777 /etc/sysctl.d',
    run: APPLY,
    status: 5,
  },
  {
    what: 'sysctl.d may be written by a group',
    trap: 'chgrp 65534 /etc/sysctl.d; chmod 775 /etc/sysctl.d',
    run: APPLY,
    status: 5,
  },
  { what: 'sysctl.d is theirs', trap: 'chown 65534 /etc/sysctl.d', run: APPLY, status: 5 },
  { what: '/etc may be written by everybody', trap: 'chmod 777 /etc', run: APPLY, status: 5 },
  {
    what: 'sysctl.d may be written by everybody since the plan was made',
    trap: `${forged('')}; chmod 777 /etc/sysctl.d`,
    run: OBEY,
    status: 5,
  },
  {
    what: 'sysctl.d may be written by everybody since the values were set',
    trap: `node ${BIN} ${APPLY.join(' ')} --confirm-within 60s >/dev/null; chmod 777 /etc/sysctl.d`,
    run: ['confirm'],
    status: 5,
  },
  { what: 'the state leads to their directory', trap: link(STATE, THEIRS), run: APPLY, status: 5 },
  {
    what: 'the state is theirs',
    trap: `mkdir ${STATE}; chown 65534 ${STATE}`,
    run: APPLY,
    status: 5,
  },
  {
    what: 'the state may be written by everybody',
    trap: `mkdir -m 777 ${STATE}`,
    run: APPLY,
    status: 5,
  },
  {
    what: 'the transactions lead to their directory',
    trap: link(`${STATE}/transactions`, THEIRS),
    run: APPLY,
    status: 5,
  },
  { what: 'a log is a link', trap: `${applied}; ln -sf ${VICTIM} ${log}`, run: ['rollback'], status: 5 },
  {
    what: 'a log is a FIFO',
    trap: `${applied}; rm ${log}; mkfifo ${log}`,
    run: ['rollback'],
    status: 5,
  },
  {
    what: 'an intent is a link',
    trap: `${applied}; ln -sf ${VICTIM} ${intent}`,
    run: ['rollback'],
    status: 5,
  },
  {
    what: 'a transaction is a link to their directory',
    trap: `${applied}; mv ${STATE}/transactions/000001 ${THEIRS}/; ln -s ${THEIRS}/000001 ${STATE}/transactions/000001`,
    run: ['rollback'],
    status: 5,
  },
  // The lock.
  {
    what: 'the directory of the lock is theirs',
    trap: link('/run/backlogctl', THEIRS),
    run: APPLY,
    status: 5,
  },
  {
    what: 'the directory of the lock may be written by everybody',
    trap: 'mkdir -m 777 /run/backlogctl; chmod 777 /run/backlogctl',
    run: APPLY,
    status: 5,
  },
  {
    what: 'the lock is a link',
    trap: `mkdir -m 700 /run/backlogctl; ln -s ${VICTIM} /run/backlogctl/lock`,
    run: APPLY,
    status: 5,
  },
  {
    what: 'the lock is a FIFO',
    trap: 'mkdir -m 700 /run/backlogctl; mkfifo /run/backlogctl/lock',
    run: APPLY,
    status: 5,
  },
  // What is obeyed.
  { what: "a profile of root's, to compare", trap: profile('/run/p'), run: SITE('/run/p'), status: 0 },
  {
    what: 'a profile that a group may write',
    trap: `${profile('/run/p')}; chgrp 65534 /run/p/site.yaml; chmod 664 /run/p/site.yaml`,
    run: SITE('/run/p'),
    status: 2,
  },
  {
    what: 'a profile of somebody else',
    trap: `${profile('/run/p')}; chown 65534 /run/p/site.yaml`,
    run: SITE('/run/p'),
    status: 2,
  },
  {
    what: 'a profile in their directory',
    trap: `${profile(`${THEIRS}/p`)}; chown 65534 ${THEIRS}/p`,
    run: SITE(`${THEIRS}/p`),
    status: 2,
  },
  {
    what: 'a profile below a directory that everybody may write',
    trap: `mkdir -m 777 /run/open; chmod 777 /run/open; ${profile('/run/open/p')}`,
    run: SITE('/run/open/p'),
    status: 2,
  },
  {
    what: 'a saved plan of somebody else',
    trap: `${forged('')}; chown 65534 ${PLAN_FILE}`,
    run: OBEY,
    status: 2,
  },
  {
    what: "a saved plan of root's through a link of root's, to compare",
    trap: `${forged('')}; ${shared}; ln -s ${PLAN_FILE} ${SHARED_PLAN}`,
    run: ['apply', SHARED_PLAN, '--yes'],
    status: 0,
  },
  {
    what: "a saved plan of root's through a link of theirs",
    trap: `${forged('')}; ${shared}; ln -s ${PLAN_FILE} ${SHARED_PLAN}; chown -h 65534 ${SHARED_PLAN}`,
    run: ['apply', SHARED_PLAN, '--yes'],
    status: 2,
  },
  {
    what: "a saved plan of root's below a link of theirs",
    trap: `${forged('')}; ${shared}; ln -s /run /run/shared/run; chown -h 65534 /run/shared/run`,
    run: ['apply', '/run/shared/run/plan.json', '--yes'],
    status: 2,
  },
  {
    what: "a saved plan of root's under a name that they gave it",
    trap: `${forged('')}; ${shared}; ln ${PLAN_FILE} ${SHARED_PLAN}`,
    run: ['apply', SHARED_PLAN, '--yes'],
    status: 2,
  },
  {
    what: "a saved plan of root's in a sticky directory of theirs",
    trap: `${forged('')}; ${shared}; chown 65534 /run/shared; mv ${PLAN_FILE} ${SHARED_PLAN}`,
    run: ['apply', SHARED_PLAN, '--yes'],
    status: 2,
  },
  {
    what: "a profile of root's through a link of theirs",
    trap: `${profile('/run/p')}; ${shared}; ln -s /run/p/site.yaml /run/shared/site.yaml; chown -h 65534 /run/shared/site.yaml`,
    run: SITE('/run/shared'),
    status: 2,
  },
  {
    what: "a profile of root's below a link of theirs",
    trap: `${profile('/run/p')}; ${shared}; ln -s /run/p /run/shared/p; chown -h 65534 /run/shared/p`,
    run: SITE('/run/shared/p'),
    status: 2,
  },
  {
    what: 'a configuration that everybody may write',
    trap: "mkdir -p /etc/backlogctl; echo 'ignore: []' >/etc/backlogctl/config.yaml; chmod 666 /etc/backlogctl/config.yaml",
    run: APPLY,
    status: 2,
  },
  {
    what: 'a name of the drop-in that leads elsewhere',
    trap: '',
    run: [...APPLY, '--file-name', '../victim.conf'],
    status: 2,
  },
  {
    what: 'a name of the drop-in with a line break',
    trap: '',
    run: [...APPLY, '--file-name', '99-a\nb.conf'],
    status: 2,
  },
  // A plan that says more than plans do.
  { what: 'a plan for another file', trap: forged(`file.target.path = "${VICTIM}"`), run: OBEY, status: 2 },
  {
    what: 'a plan for a file beside the directory',
    trap: forged('file.target.path = "/etc/sysctl.d/../victim.conf"'),
    run: OBEY,
    status: 2,
  },
  {
    what: 'a plan for a key that leads out of /proc/sys',
    trap: forged('live.target.key = "net.ipv4.conf.x/../../../../kernel/core_pattern.y"'),
    run: OBEY,
    status: 2,
  },
  {
    what: 'a plan for a key with two dots',
    trap: forged('live.target.key = "net/../../kernel/hostname"'),
    run: OBEY,
    status: 2,
  },
  {
    what: 'a plan for a key with a line break',
    trap: forged('live.target.key = "net.core.somaxconn\\nkernel.hostname"'),
    run: OBEY,
    status: 2,
  },
  {
    what: 'a plan for a key that runs a program',
    trap: forged(
      'live.target.key = "kernel.core_pattern"; live.from = "core"; live.to = "|/srv/theirs/program"',
    ),
    run: OBEY,
    status: 2,
  },
  {
    what: 'a plan whose value is two lines',
    trap: forged('live.to = "4096\\nkernel.modprobe = /srv/theirs/program"'),
    run: OBEY,
    status: 2,
  },
  // Surroundings.
  {
    what: 'programs of theirs in front of the path',
    trap: '',
    run: APPLY,
    options: { env: { PATH: `${THEIRS}/bin:/run/node:/usr/sbin:/usr/bin:/sbin:/bin` } },
    status: 0,
  },
  {
    what: 'an environment that shells, linkers and systemd heed',
    trap: '',
    run: APPLY,
    options: {
      env: {
        BASH_ENV: `${THEIRS}/bin/ss`,
        ENV: `${THEIRS}/bin/ss`,
        IFS: '/',
        SYSTEMD_PAGER: `${THEIRS}/bin/ss`,
        HOME: THEIRS,
        TMPDIR: THEIRS,
        XDG_CONFIG_HOME: THEIRS,
      },
    },
    status: 0,
  },
  {
    what: 'a report over a link of theirs',
    trap: `${shared}; ln -s ${VICTIM} /run/shared/out; chown -h 65534 /run/shared/out`,
    run: ['snapshot', '--out', '/run/shared/out'],
    status: 2,
  },
  {
    what: 'a report over a link of theirs to nothing',
    trap: `${shared}; ln -s /etc/victim/new /run/shared/out; chown -h 65534 /run/shared/out`,
    run: ['snapshot', '--out', '/run/shared/out'],
    status: 2,
  },
  {
    what: 'facts over a link of theirs to nothing',
    trap: `${shared}; ln -s /etc/victim/new /run/shared/out; chown -h 65534 /run/shared/out`,
    run: ['audit', '--snapshot-out', '/run/shared/out'],
    status: 2,
  },
  {
    what: 'a report over a link of theirs, who called sudo',
    trap: `${shared}; ln -s ${VICTIM} /run/shared/out; chown -h 65534 /run/shared/out`,
    run: ['snapshot', '--out', '/run/shared/out'],
    options: { env: { SUDO_UID: '65534' } },
    status: 2,
  },
  {
    what: 'a report below a link of theirs to a directory of root',
    trap: `${shared}; ln -s /etc/victim /run/shared/out; chown -h 65534 /run/shared/out`,
    run: ['snapshot', '--out', '/run/shared/out/new'],
    status: 2,
  },
  {
    what: 'a report over a hard link to a link of root',
    trap: `${shared}; ln -s /etc/victim/new /run/link; ln -P /run/link /run/shared/out`,
    run: ['snapshot', '--out', '/run/shared/out'],
    status: 2,
  },
  {
    what: "a report over a link of root's in their directory",
    trap: `ln -s /etc/victim/new ${THEIRS}/out`,
    run: ['snapshot', '--out', `${THEIRS}/out`],
    status: 2,
  },
  {
    what: 'a report into a FIFO of theirs',
    trap: `mkfifo ${THEIRS}/out; chown 65534 ${THEIRS}/out; (timeout 20 cat ${THEIRS}/out >/etc/victim/ran &) >/dev/null 2>&1; sleep 0.2`,
    run: ['snapshot', '--out', `${THEIRS}/out`],
    status: 2,
  },
  {
    what: 'a report into a hard link to a file of root',
    trap: `mkdir -m 1777 /etc/shared; ln ${VICTIM} /etc/shared/out`,
    run: ['snapshot', '--out', '/etc/shared/out'],
    status: 2,
  },
  {
    what: 'a report into a file of theirs',
    trap: `mkdir -m 777 /run/open; chmod 777 /run/open; touch /run/open/out; chown 65534 /run/open/out`,
    run: ['snapshot', '--out', '/run/open/out'],
    status: 2,
  },
];

describeWith(SANDBOX_PROGRAMS, 'an attempt to lead it astray', () => {
  let sandbox: Sandbox;
  const sh = (script: string) => sandbox.output(['sh', '-euc', script]);
  beforeEach(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sh(`mkdir -p /run/srv; mount --bind /run/srv /srv; mkdir -p /etc/victim ${THEIRS}/bin
echo '${SECRET}' >${VICTIM}; chmod 600 ${VICTIM}
for each in ss flock logger sysctl systemctl systemd-run; do
  printf '#!/bin/sh\\ntouch /etc/victim/ran\\n' >${THEIRS}/bin/$each; done
chmod 755 ${THEIRS}/bin/*; cp ${THEIRS}/bin/ss ${THEIRS}/program; chown -R 65534 ${THEIRS}`);
  });
  afterEach(async () => sandbox?.close());
  let withstood = 0;
  afterAll(() => {
    process.stdout.write(`\n${withstood} of ${ATTEMPTS.length} attempts came to nothing\n`);
  });

  /** What must not change, whatever is tried. */
  const SACRED = `cat ${VICTIM}; stat -c '%a %u %g' ${VICTIM}; ls -A /etc/victim; find ${THEIRS} | sort; ls -d /etc/*victim*
cat /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname; find ${THEIRS} -newer /run/sacred`;

  test.each(ATTEMPTS)('$what', async ({ trap, run, options, status }) => {
    await sh(trap);
    await sh('sleep 0.02; touch /run/sacred');
    const before = await sh(SACRED);
    const outcome = await sandbox.backlogctl(run, { timeoutMs: 20_000, ...options });
    expect({ status: outcome.status, stderr: outcome.stderr }).toEqual({
      status,
      stderr: expect.not.stringMatching(new RegExp(`${SECRET}|^ +at .*:\\d+:\\d+`, 'm')),
    });
    expect(outcome.stdout).not.toContain(SECRET);
    expect(await sh(SACRED)).toBe(before);
    withstood += 1;
  });

  test('what it was given open is no attempt: a plan from a pipe', async () => {
    await sh(forged(''));
    await sh(`cat ${PLAN_FILE} | node ${BIN} apply /dev/stdin --yes`);
    expect(await sh('cat /proc/sys/net/core/somaxconn')).not.toMatch(/^128\n?$/);
  });

  test.each(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', '/run/link'])(
    'what it was given open is no attempt: a report to %s',
    async (path) => {
      await sh('ln -s /dev/stdout /run/link');
      const piped = await sh(`node ${BIN} snapshot --out ${path} | cat`);
      expect(JSON.parse(piped)).toMatchObject({ kind: 'snapshot' });
      await sh(`node ${BIN} snapshot --out ${path} >/run/redirected`);
      expect(JSON.parse(await sh('cat /run/redirected'))).toMatchObject({ kind: 'snapshot' });
    },
  );
});
