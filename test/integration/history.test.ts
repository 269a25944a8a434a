import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schemaFaults } from '../tools/published-schema.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const TRANSACTIONS = '/var/lib/backlogctl/transactions';
const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';

describeWith(SANDBOX_PROGRAMS, 'history', () => {
  let sandbox: Sandbox;
  let old: string;

  const sh = (script: string) => sandbox.output(['sh', '-euc', script]);

  async function said(...args: readonly string[]) {
    const { status, stdout, stderr } = await sandbox.backlogctl(args);
    return { status, stderr, text: stdout, flat: stdout.replace(/\s+/g, ' ') };
  }

  async function shown(id: string) {
    const { status, stdout, stderr } = await sandbox.backlogctl(['history', 'show', id, '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const document = JSON.parse(stdout);
    expect(schemaFaults('transaction-report', document)).toEqual([]);
    return document;
  }

  function nowOf(document: Awaited<ReturnType<typeof shown>>, target: string) {
    const found = document.steps.find(
      ({ step }: { step: { target: { key?: string; path?: string } } }) =>
        step.target.key === target || step.target.path === target,
    );
    return found?.now;
  }

  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
    await sandbox.setSysctl('net.ipv4.tcp_abort_on_overflow', 1);
    await sandbox.writeFile('/etc/sysctl.d/50-site.conf', 'net.ipv4.tcp_abort_on_overflow = 1\n', '0640');
    old = await sh('sysctl net.core.somaxconn net.ipv4.tcp_abort_on_overflow; ls /etc/sysctl.d');
  });
  afterAll(async () => sandbox?.close());

  test('of a host that nobody changed says so', async () => {
    expect(await said('history')).toMatchObject({
      status: 0,
      text: 'backlogctl has not changed anything on this host.\n',
    });
    expect(await said('history', 'show', '1')).toMatchObject({
      status: 2,
      stderr: "backlogctl: unknown transaction '1'; backlogctl history lists what there is\n",
    });
  });

  test('after an apply says who, when, why and what, in a line of 80 columns', async () => {
    await sandbox.backlogctl(
      ['apply', '--profile', 'web-frontend', '--yes', '--reason', 'connections are refused at noon'],
      { env: { SUDO_USER: 'ada' } },
    );
    const { text, status } = await said('history');
    const [heading = '', line = ''] = text.split('\n');
    expect(status).toBe(0);
    expect(heading).toMatch(/^Number +Begun \(UTC\) +State +By +Why and what$/);
    expect(line).toMatch(
      /^000001 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}applied +ada {2}connections ar[a-z ]*…; 2 values, 1 file$/,
    );
    expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain('backlogctl history show 000001\n');
  });

  test('show tells all of it, and that it stands', async () => {
    const { status, text, flat } = await said('history', 'show', '1');
    expect(status).toBe(0);
    expect(text).toMatch(/^Transaction 000001: applied\n/);
    expect(flat).toContain('ada through sudo as root (uid 0)');
    expect(flat).toContain('Why connections are refused at noon');
    expect(flat).toContain(', in this boot');
    expect(flat).toContain('net.core.somaxconn: 128 became 8192 profile web-frontend: ');
    expect(text).toContain('\n    +net.core.somaxconn = 8192\n');
    expect(flat).not.toContain('changed since');
    expect(text).toContain('\n  backlogctl rollback\n');
    expect(text).toContain(`\n  cd ${TRANSACTIONS}/000001\n  sysctl -p before.conf`);
    const document = await shown('000001');
    expect(document).toMatchObject({
      id: '000001',
      state: 'committed',
      boot: 'this',
      who: { uid: 0, userName: 'root', sudoUser: 'ada' },
      undo: { options: [], before: [] },
      byHand: { kept: [{ file: 'before.conf', condition: 'whole' }] },
    });
    expect(nowOf(document, 'net.core.somaxconn')).toEqual({ kind: 'as-set', by: null });
    expect(nowOf(document, DROP_IN)).toEqual({ kind: 'as-set', by: null });
  });

  test('show tells what somebody else changed since, and to what', async () => {
    await sandbox.setSysctl('net.core.somaxconn', 5000);
    await sh(`echo '# mine' >>${DROP_IN}`);
    const { flat } = await said('history', 'show', '1');
    expect(flat).toContain('was changed to 5000 since, by somebody else');
    expect(flat).toContain('was changed since, by somebody else: it is of another content or mode now');
    const document = await shown('1');
    expect(nowOf(document, 'net.core.somaxconn')).toEqual({ kind: 'changed', found: '5000', by: null });
    expect(nowOf(document, 'net.ipv4.tcp_abort_on_overflow')).toEqual({ kind: 'as-set', by: null });
  });

  test('show tells what a rollback did, and what it left alone', async () => {
    expect((await said('rollback')).status).toBe(1);
    const { text, flat } = await said('history', 'show', '1');
    expect(text).toMatch(/^Transaction 000001: rolled back\n/);
    expect(flat).toMatch(/Z committed \S+Z being rolled back \S+Z rolled back/);
    expect(flat).toContain('Not put back - ');
    expect(flat).toContain('net.core.somaxconn was changed by somebody else since and is left as it is');
    expect(text).not.toContain('To take it back');
    const document = await shown('1');
    expect(document).toMatchObject({ state: 'rolled-back', undo: null });
    expect(document.left.map(({ why }: { why: string }) => why)).toEqual(['foreign', 'foreign']);
    expect(nowOf(document, 'net.ipv4.tcp_abort_on_overflow')).toEqual({ kind: 'as-before', by: null });
    await said('rollback', '--force');
    expect(await sh('sysctl net.core.somaxconn net.ipv4.tcp_abort_on_overflow; ls /etc/sysctl.d')).toBe(old);
  });

  test('sha256sum finds the files of a transaction as they were written', async () => {
    const checked = await sh(`cd ${TRANSACTIONS}/000001; sha256sum --strict -c SHA256SUMS`);
    expect(checked).toContain('intent.json: OK\n');
    expect(checked).toContain('before.conf: OK\n');
  });

  test('what is over is pruned beyond the newest fifty, and where that fails the apply does not', async () => {
    // As many more as were rolled back, of the first.
    const copy = `cp -a 000001 $id; sed -i "s/\\"id\\": \\"000001\\"/\\"id\\": \\"$id\\"/" $id/intent.json; rm $id/SHA256SUMS`;
    await sh(`cd ${TRANSACTIONS}; cp -a . /run/kept
for n in $(seq 2 60); do id=$(printf %06d $n); ${copy}; done
mount --bind 000003 000003`);
    const failed = await said('apply', '--profile', 'web-frontend', '--yes', '--verbose');
    expect(failed.status).toBe(0);
    expect(failed.stderr).toMatch(
      /^backlogctl: old transactions could not be pruned \(rename of \S+000003\S*: .*\); the next apply tries again\n$/,
    );
    expect(await sh(`cd ${TRANSACTIONS}; ls -d 000001 2>/dev/null || ls -d 000003`)).toBe('000003\n');
    await sh(`umount ${TRANSACTIONS}/000003`);
    expect(await said('rollback')).toMatchObject({ status: 0 });
    expect((await said('apply', '--profile', 'web-frontend', '--yes')).text).toContain('transaction 000062');
    expect(await sh(`cd ${TRANSACTIONS}; ls -A | head -2; ls | wc -l`)).toBe(
      '000001-000011.pruned\n000012\n52\n',
    );
    expect((await said('history')).flat).toContain('000001 to 000011 were undone or rolled back long ago');
    await said('rollback');
    await sh(`rm -r ${TRANSACTIONS}; mv /run/kept ${TRANSACTIONS}`);
  });

  test('nobody but root may read it, and a status by nobody does not fail for it', async () => {
    const { status, stderr } = await sandbox.backlogctl(['history', 'show', '1'], { as: 'nobody' });
    expect({ status, stderr }).toMatchObject({ status: 5, stderr: expect.stringContaining('sudo') });
    for (const args of [['status'], ['audit'], ['plan'], ['explain', 'net.core.somaxconn']])
      expect([args, (await sandbox.backlogctl(args, { as: 'nobody' })).status]).toEqual([args, 0]);
  });

  test('whoever looks at the host hears of what was left in the middle, and what comes of it', async () => {
    await said('apply', '--profile', 'web-frontend', '--yes');
    // As where it was killed before it could say that it was done.
    await sh(`cd ${TRANSACTIONS}/000002; grep -v committed log.ndjson >l; cat l >log.ndjson; rm l`);
    const expected =
      /ransaction 000002, begun \S+, was left in the middle of being applied: the next apply or rollback first puts back \d+ live values and 1 file\. To do just that: backlogctl recover/;
    for (const args of [['audit'], ['audit', '--json'], ['plan'], ['explain', 'net.core.somaxconn']]) {
      const { status, stderr } = await said(...args);
      expect([args, status]).toEqual([args, 0]);
      expect(stderr).toMatch(expected);
    }
    expect((await said('history')).flat).toMatch(expected);
    const status = await said('status');
    expect(status).toMatchObject({ status: 1, flat: expect.stringMatching(expected) });
    const document = JSON.parse((await said('status', '--json')).text);
    expect(schemaFaults('status', document)).toEqual([]);
    expect(document.unfinished).toMatchObject([{ id: '000002', was: 'applying', files: 1 }]);
    expect((await said('rollback')).flat).toContain('everything that it had changed is put back');
    expect(await sh('sysctl net.core.somaxconn net.ipv4.tcp_abort_on_overflow; ls /etc/sysctl.d')).toBe(old);
  });

  test('a journal that is damaged: what is newer goes back, apply is refused, and the way out works', async () => {
    await said('apply', '--profile', 'web-frontend', '--yes');
    await said('apply', '--profile', 'base', '--yes');
    await sh(`cd ${TRANSACTIONS}/000003; sed -i '1s/started/startxd/' log.ndjson`);
    const refused = await said('apply', '--profile', 'web-frontend', '--yes');
    expect(refused.status).toBe(5);
    expect(refused.stderr).toContain(`${TRANSACTIONS}/000003/log.ndjson:1: transaction 000003 is damaged: `);
    expect(refused.stderr).toContain('before.conf is whole; 000001, 000002 and 000004 are sound');
    const all = await said('rollback', '--all');
    expect(all.status).toBe(5);
    expect(all.flat).toContain('Transaction 000004 is rolled back.');
    expect(all.flat).toContain('What is older was not rolled back: transaction 000003 is damaged');
    const listed = await said('history');
    expect(listed.status).toBe(5);
    expect(listed.text).toMatch(/\n000003 +not readable\n/);
    const json = JSON.parse((await said('history', '--json')).text);
    expect(schemaFaults('history', json)).toEqual([]);
    expect(json.damaged).toMatchObject([{ id: '000003', kind: 'damaged', at: { line: 1 } }]);
    // By hand, as it says, and then the command that it says.
    const readme = `cd ${TRANSACTIONS}/000003; sysctl -q -p before.conf; eval "$(grep -E '^    (cp|rm) ' README)"`;
    await sh(readme);
    expect(await sh('sysctl net.core.somaxconn net.ipv4.tcp_abort_on_overflow; ls /etc/sysctl.d')).toBe(old);
    await sh(json.damaged[0].ways.at(-1).command);
    expect((await said('history')).flat).toContain('000003 was put aside by hand');
    const again = await said('apply', '--profile', 'web-frontend', '--yes');
    expect([again.status, again.text]).toEqual([0, expect.stringContaining('transaction 000005')]);
  });
});
