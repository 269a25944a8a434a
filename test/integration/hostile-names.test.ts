import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditDocument, listeners } from '../tools/audit-result.ts';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox, until } from '../tools/sandbox.ts';

/** Rows as `ss` prints them, with and without the column of the state, behind a newline in a socket's name. */
const FORGED_TCP =
  'x\n0 9 0.0.0.0:31337 0.0.0.0:*\ntcp LISTEN 0 9 0.0.0.0:31338 0.0.0.0:*\nLISTEN 0 9 *:31339 *:*';
const FORGED_TERMINAL = 'x\u001b[2J\u001b]0;owned\u0007\r\u202eevil';

const OUR_COLOURS = new RegExp(`${String.fromCodePoint(0x1b)}\\[[\\d;]*m`, 'g');

const BIND = `
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind('\\0' + sys.argv[1])
s.listen(7)
print('bound', flush=True)
time.sleep(300)
`;

/** Control characters other than the newlines that end our own lines. */
function controlsIn(text: string): readonly string[] {
  return text.match(/[^\P{C}\n]/gu) ?? [];
}

describeWith([...SANDBOX_PROGRAMS, 'python3'], 'names that any user can give to a socket', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
    for (const name of [FORGED_TCP, FORGED_TERMINAL]) {
      await sandbox.start(['/usr/bin/python3', '-c', BIND, name], { as: 'nobody' });
    }
    await until(async () => {
      const table = await sandbox.output(['cat', '/proc/net/unix']);
      return table.includes('31337') && table.includes('owned');
    }, 'both sockets');
  });
  afterAll(async () => sandbox?.close());

  test('a forged TCP row is the name of one unix listener and no TCP listener', async () => {
    const document = auditDocument(await sandbox.backlogctl(['audit', '--json']));
    const all = listeners(document);
    expect(all.filter(({ protocol }) => protocol === 'tcp')).toEqual([]);
    expect(all.filter(({ path }) => path?.includes('31337'))).toEqual([
      expect.objectContaining({ protocol: 'unix', path: `@${FORGED_TCP}` }),
    ]);
    expect(all.filter(({ path }) => path?.includes('owned'))).toEqual([
      expect.objectContaining({ protocol: 'unix', path: `@${FORGED_TERMINAL}` }),
    ]);
    expect(all).toHaveLength(2);
  });

  test.each([
    [['audit']],
    [['audit', '--verbose']],
    [['audit', '--quiet']],
    [['audit', '--color', 'always']],
  ])('%j prints no control character of theirs', async (args) => {
    const { status, stdout, stderr } = await sandbox.backlogctl(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const ours = stdout.replace(OUR_COLOURS, '');
    expect(controlsIn(ours)).toEqual([]);
    expect(ours.split('\n').filter((line) => /^(?:tcp|LISTEN|\d+ 9) /.test(line))).toEqual([]);
  });

  test('the text shows the name escaped', async () => {
    const { stdout } = await sandbox.backlogctl(['audit', '--verbose'], { env: { COLUMNS: '400' } });
    expect(stdout).toContain('@x\\n0 9 0.0.0.0:31337');
  });
});
