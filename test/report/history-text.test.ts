import { describe, expect, test } from '@jest/globals';
import { history } from '../../src/pipeline/history.ts';
import { transactionReport } from '../../src/pipeline/transaction-report.ts';
import { transactionDocument } from '../../src/report/history-json.ts';
import { renderHistory } from '../../src/report/text/history-text.ts';
import { renderTransaction } from '../../src/report/text/transaction-text.ts';
import { fullWho, shortWho } from '../../src/report/text/who-text.ts';
import { applying, DROP_IN, FACTS, file, live, planOf, rollingBack, takingOver } from '../apply/host.ts';
import { freshDisk } from '../pipeline/change-ports.ts';
import type { MemoryDisk } from '../tools/memory-disk.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { recordingReverter } from '../tools/reverter.ts';

const KEY = 'net.core.somaxconn';
const TRANSACTIONS = '/var/lib/backlogctl/transactions';
const ROOT = { uid: 0, pid: 1 };
const OPTIONS = {
  columns: 80,
  color: false,
  undo: 'backlogctl rollback',
  confirm: 'backlogctl confirm',
  recover: 'backlogctl recover',
};
const FIRST = {
  ...planOf([live(KEY, '128', '8192'), file(DROP_IN, null, '# 1\n')]),
  profiles: ['web-frontend'],
};
const SECOND = planOf([live(KEY, '8192', '16384'), file(DROP_IN, '# 1\n', '# 2\n')]);

async function twice(): Promise<MemoryDisk> {
  const disk = freshDisk();
  disk.set('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n');
  await applying(disk, FIRST);
  await applying(disk, SECOND);
  return disk;
}

async function listed(disk: MemoryDisk, columns = 80): Promise<string> {
  const found = await history(disk.reader, ROOT);
  return renderHistory(found, { ...OPTIONS, columns, show: 'backlogctl history show' });
}

async function shown(disk: MemoryDisk, id: string): Promise<string> {
  return renderTransaction(await transactionReport(id, disk.reader, ROOT), OPTIONS);
}

describe('the list', () => {
  test('has a line for each, the newest first', async () => {
    const disk = await twice();
    await rollingBack(disk);
    expect(await listed(disk)).toBe(
      [
        'Number  Begun (UTC)       State        By   Why and what',
        '000002  2026-11-20 10:00  rolled back  ada  1 value, 1 file',
        '000001  2026-11-20 10:00  applied      ada  web-frontend; 1 value, 1 file',
        '',
        'More  backlogctl history show 000002',
        '',
      ].join('\n'),
    );
  });

  test('names what was pruned, what was put aside, and what is unfinished', async () => {
    const disk = await twice();
    disk.set(`${TRANSACTIONS}/000002/log.ndjson`, '', 0o600);
    disk.set(`${TRANSACTIONS}/000003-000004.pruned/x`, '');
    disk.set(`${TRANSACTIONS}/000005.lost/x`, '');
    const text = await listed(disk);
    expect(text).toContain('\n000002  2026-11-20 10:00  unfinished  ada  ');
    const flat = text.replace(/\s+/g, ' ');
    expect(flat).toContain('000003 to 000004 were undone or rolled back long ago, and no longer kept.');
    expect(flat).toContain('000005 was put aside by hand: no rollback takes back what was done.');
    expect(flat).toContain('Transaction 000002, begun 2026-11-20T10:00:00Z, was left in the middle');
  });

  test('says where one is damaged, and what to type on a line of its own', async () => {
    const disk = await twice();
    disk.remove(`${TRANSACTIONS}/000001/log.ndjson`);
    const text = await listed(disk);
    expect(text).toContain('\n000001                    not readable\n');
    expect(text).toContain('\nTransaction 000001: damaged\n');
    expect(text).toContain(`\n    mv ${TRANSACTIONS}/000001 ${TRANSACTIONS}/000001.lost\n`);
    const there = {
      ...disk.reader,
      root: '/mnt/image',
      typed: { options: '--root /mnt/image', enter: null, path: (path: string) => `/mnt/image${path}` },
    };
    const found = await history(there, ROOT);
    expect(found.damaged[0]?.ways.map(({ command }) => command)).toEqual([
      'backlogctl rollback --all --root /mnt/image',
      `cat /mnt/image${TRANSACTIONS}/000001/README`,
      `mv /mnt/image${TRANSACTIONS}/000001 /mnt/image${TRANSACTIONS}/000001.lost`,
    ]);
  });

  test('says what shows one on one line, however long', async () => {
    const found = await history((await twice()).reader, ROOT);
    const show = `backlogctl history show --root /${'tree/'.repeat(20)}`;
    expect(renderHistory(found, { ...OPTIONS, show })).toContain(`\nMore  ${show} 000002\n`);
  });

  test('of a damaged one alone has nothing to show', async () => {
    const disk = freshDisk();
    await applying(disk, FIRST);
    disk.remove(`${TRANSACTIONS}/000001/intent.json`);
    expect(await listed(disk)).not.toContain('history show');
  });

  test('of a host that nobody changed', async () => {
    expect(await listed(freshDisk())).toBe('backlogctl has not changed anything on this host.\n');
    const found = await history(freshDisk().reader, ROOT);
    const inBlue = { ...OPTIONS, show: 'backlogctl history show --netns blue', netns: 'blue' };
    expect(renderHistory(found, inBlue)).toBe(
      'backlogctl has not changed anything in the network namespace blue.\n',
    );
    const inImage = { ...OPTIONS, show: 'backlogctl history show --root /run/img', root: '/run/\u001bimg' };
    expect(renderHistory(found, inImage)).toBe('backlogctl has not changed anything in /run/\\x1bimg.\n');
  });
});

describe('one transaction', () => {
  test('says who, when, why, what, whether it stands and how to take it back', async () => {
    expect(await shown(await twice(), '1')).toBe(
      [
        'Transaction 000001: applied',
        '  When      2026-11-20T10:00:00Z begun',
        '            2026-11-20T10:00:00Z committed',
        '  Who       ada (uid 1000), through sudo as root (uid 0)',
        '  Why       not said (apply --reason says it)',
        '  Kernel    6.18.1, in this boot',
        '  Profiles  web-frontend',
        '',
        'Live values',
        '  net.core.somaxconn: 128 became 8192',
        '    was changed to 16384 since, by transaction 000002',
        '',
        'Files',
        '  /etc/sysctl.d/90-backlogctl.conf (new file)',
        '    +# 1',
        '    was changed since, by transaction 000002',
        '',
        'To take it back',
        '  backlogctl rollback --all',
        '  It takes back 000002 first.',
        '',
        'Without backlogctl, as root',
        `  cd ${TRANSACTIONS}/000001`,
        '  sysctl -p before.conf  # only in the boot in which it was made',
        '  rm -f /etc/sysctl.d/90-backlogctl.conf  # it was not there before',
        '  There, before.conf is whole.',
        '',
      ].join('\n'),
    );
  });

  test('a command without us is one line, with what is to be known of it below where both are too long', async () => {
    const disk = freshDisk();
    const path = `/etc/sysctl.d/${'x'.repeat(50)}.conf`;
    await applying(disk, planOf([file(path, null, '# 1\n')]));
    expect(await shown(disk, '1')).toContain(`\n  rm -f ${path}\n  # it was not there before\n`);
  });

  test('what stands is said quietly, and so is what was rolled back', async () => {
    const disk = await twice();
    expect((await shown(disk, '2')).match(/stands as it was set/g)).toHaveLength(2);
    await rollingBack(disk, { all: true });
    const text = await shown(disk, '2');
    expect(text).toContain('Transaction 000002: rolled back\n');
    expect(text).toContain('2026-11-20T10:00:00Z being rolled back\n');
    expect(text).not.toContain('To take it back');
  });

  test('what lies in the directory and is not whole is named', async () => {
    const disk = await twice();
    disk.set(`${TRANSACTIONS}/000002/before${DROP_IN}`, '# other\n');
    expect((await shown(disk, '2')).replace(/\s+/g, ' ')).toContain(
      `There, before.conf is whole; before${DROP_IN} is not as it was written.`,
    );
  });

  test('of an image is put back in a chroot of it', async () => {
    const disk = freshDisk();
    await applying(disk, planOf([file(DROP_IN, null, '# 1\n')]), { facts: { bootId: null } });
    const report = await transactionReport('1', { ...disk.reader, root: '/mnt/image' }, ROOT);
    const text = renderTransaction(report, OPTIONS);
    expect(text).toContain('an image, of which no kernel ran\n');
    expect(text).toContain('\nWithout backlogctl, as root, in a chroot of /mnt/image\n');
  });

  test('the reason and names from the host are escaped', async () => {
    const disk = await twice();
    const report = await transactionReport('1', disk.reader, ROOT);
    const { transaction } = report;
    const why = 'a\u001b[2Jb\nc';
    const who = { uid: 0, loginUid: 5, sudoUser: 'x\u001b[1m' };
    const odd = { ...transaction, intent: { ...transaction.intent, why, who } };
    const text = renderTransaction({ ...report, nameOf: () => 'n\u0007', transaction: odd }, OPTIONS);
    for (const control of ['\u0007', '\u001b']) expect(text).not.toContain(control);
    expect(text).toContain('a\\x1b[2Jb\\nc');
  });

  test('its JSON fits the published schema, with every way in which a step can stand', async () => {
    const report = await transactionReport('1', (await twice()).reader, ROOT);
    const [each] = report.steps;
    if (each === undefined) throw new Error('no step');
    const nows = [
      { kind: 'as-set', by: null },
      { kind: 'as-before', by: '000002' },
      { kind: 'changed', found: '1', by: null },
      { kind: 'gone' },
      { kind: 'not-seen', why: 'x' },
    ] as const;
    const document = transactionDocument({ ...report, steps: nows.map((now) => ({ ...each, now })) });
    expect(schemaFaults('transaction-report', document)).toEqual([]);
    expect(schemaFaults('transaction-report', { ...document, boot: 'x' })).not.toEqual([]);
    expect(document).toMatchObject({
      who: { ...FACTS.who, userName: 'root', loginName: 'ada' },
      events: [{ kind: 'begun' }, { kind: 'committed' }],
      undo: { command: 'rollback', options: ['--all'], before: ['000002'] },
      secondsLeft: null,
    });
  });
});

describe('one that waits to be confirmed', () => {
  async function waiting(): Promise<MemoryDisk> {
    const disk = freshDisk();
    await applying(disk, FIRST, { window: { milliseconds: 300_000, reverter: recordingReverter() } });
    return disk;
  }

  test('is listed as such, with what keeps it', async () => {
    const text = await listed(await waiting(), 120);
    expect(text).toContain('000001  2026-11-20 10:00  not confirmed  ada');
    expect(text).toContain(
      'Transaction 000001 goes back by itself in 5 min, unless it is confirmed: backlogctl confirm',
    );
  });

  test('is shown with what stands, what is still to come, and both ways on', async () => {
    const disk = await waiting();
    const text = await shown(disk, '1');
    expect(text).toContain('\nTransaction 000001: not confirmed\n'.trimStart());
    expect(text).toContain(' set, to wait for its confirmation\n');
    expect(text).toContain('    stands as it was set, and goes back unless it is confirmed\n');
    expect(text).toContain('    is done once it is confirmed\n');
    expect(text).toContain('\nTo keep it, within 5 min\n  backlogctl confirm\n');
    expect(text).toContain('\nTo take it back\n  backlogctl rollback\n');
    const document = transactionDocument(await transactionReport('1', disk.reader, ROOT));
    expect(schemaFaults('transaction-report', document)).toEqual([]);
    expect(document).toMatchObject({ state: 'waiting', secondsLeft: 300, undo: { command: 'rollback' } });
  });

  test('and whose time is over is unfinished, which recover ends', async () => {
    const disk = await waiting();
    disk.set('/proc/uptime', '1300.00 900.00\n');
    expect((await listed(disk)).replace(/\s+/g, ' ')).toContain(
      'was not confirmed in time: the next apply or rollback first puts back 1 live value. To do just that: backlogctl recover',
    );
    const text = await shown(disk, '1');
    expect(text).toContain('\nTo take it back\n  backlogctl recover\n');
    expect(text).not.toContain('To keep it');
  });
});

describe('lines of other files', () => {
  const CONF = '/etc/sysctl.conf';
  const THEIRS = `# theirs\n${KEY} = 512\n`;
  test.each([
    ['untouched since', (text: string) => text, 'stands as it was set'],
    [
      'edited elsewhere',
      (text: string) => `${text}# mine\n`,
      'was changed since, by somebody else: it is different in other lines now',
    ],
    [
      'given back by hand',
      () => `${THEIRS}# mine\n`,
      'was changed since, by somebody else: it is as before in those lines, and different in others now',
    ],
    [
      'edited in the line',
      () => `${KEY} = 9\n`,
      'was changed since, by somebody else: it is different in those lines too now',
    ],
  ])('in a file that is %s', async (_what, edit, said) => {
    const disk = freshDisk();
    disk.set(CONF, THEIRS);
    await applying(disk, planOf([takingOver(CONF, THEIRS, KEY, 2)]));
    const standing = disk.reader.readText(CONF);
    disk.set(CONF, edit(standing.ok ? standing.value : ''));
    const text = await shown(disk, '1');
    expect(await listed(disk)).toContain('  1 line\n');
    expect(text).toContain(`  ${CONF} (not ours)\n`);
    expect(text).toContain(`    line 2 commented out (${KEY} = 512)\n`);
    expect(text).toContain(`    -${KEY} = 512\n`);
    expect(text.replace(/\s+/g, ' ')).toContain(` ${said} `);
  });
});

describe('who', () => {
  const nameOf = (uid: number) => (uid === 0 ? 'root' : uid === 1000 ? 'ada' : null);
  test.each([
    [{ uid: 0, loginUid: 1000, sudoUser: 'ada' }, 'ada', 'ada (uid 1000), through sudo as root (uid 0)'],
    [{ uid: 0, loginUid: 1000, sudoUser: 'bob' }, 'bob', 'ada (uid 1000), bob through sudo as root (uid 0)'],
    [{ uid: 0, loginUid: 1000, sudoUser: null }, 'ada', 'ada (uid 1000), as root (uid 0)'],
    [{ uid: 0, loginUid: 0, sudoUser: null }, 'root', 'root (uid 0)'],
    [{ uid: 0, loginUid: 4242, sudoUser: null }, 'uid 4242', 'uid 4242, as root (uid 0)'],
    [
      { uid: 0, loginUid: null, sudoUser: null },
      'root',
      'no login (a service, cron or a container), as root (uid 0)',
    ],
  ])('%j', (who, short, full) => {
    expect([shortWho(who, nameOf), fullWho(who, nameOf)]).toEqual([short, full]);
  });
});
