import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { BIN, openSandbox, type Sandbox } from '../tools/sandbox.ts';

const PTY = path.join('/run/product', 'test/tools/answer.py');
const DOWN = '\u001b[B';
const CTRL_C = '\u0003';
const ENTER = '\r';

describeWith([...SANDBOX_PROGRAMS, 'python3', 'flock'], 'the wizard at a real terminal', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
    await sandbox.setSysctl('net.core.somaxconn', 128);
  });
  afterAll(async () => sandbox?.close());

  /** What the program waits for, and what a person types then. */
  function talk(...steps: readonly (readonly [string, string])[]) {
    const env = { TERM: 'xterm', NO_COLOR: '1' };
    return sandbox.run(['python3', PTY, JSON.stringify(steps), 'node', BIN, 'wizard'], { env });
  }

  const somaxconn = () => sandbox.output(['cat', '/proc/sys/net/core/somaxconn']);

  test('given up in the middle, nothing was changed', async () => {
    const { status } = await talk(['What does this host do?', ENTER], ['at the peak', CTRL_C]);
    expect(status).toBe(130);
    expect(await somaxconn()).toBe('128\n');
  });

  test('without consent nothing is changed, and the command is there for later', async () => {
    const { status, stdout } = await talk(
      ['What does this host do?', ENTER],
      ['at the peak', `20000${ENTER}`],
      ['Longest pause', `500ms${ENTER}`],
      ['Rate', ENTER],
      ['Round trip', ENTER],
      ['Apply this now?', ENTER],
    );
    expect(status).toBe(0);
    expect(stdout).toContain('Nothing was changed. To do it later:');
    expect(stdout).toContain('--connections-per-second 20000 --longest-stall 500ms --yes');
    expect(await somaxconn()).toBe('128\n');
  });

  test('from the first question to applied', async () => {
    const { status, stdout } = await talk(
      ['What does this host do?', DOWN + ENTER],
      ['at the peak', ENTER],
      ['Longest pause', ENTER],
      ['Rate', ENTER],
      ['Round trip', ENTER],
      ['Apply this now?', `y${ENTER}`],
    );
    expect(status).toBe(0);
    expect(stdout).toContain('Applied as transaction 000001.');
    expect(stdout).toMatch(/The same without questions:\s+backlogctl apply --profile [a-z-]+ --yes/);
    expect(await sandbox.output(['ls', '/etc/sysctl.d'])).toContain('90-backlogctl.conf');
  });

  test.each([
    ['Ctrl-C', CTRL_C, 130],
    ['no', `n${ENTER}`, 0],
  ])('what apply asks is answered with %s', async (_what, typed, expected) => {
    await sandbox.setSysctl('net.core.somaxconn', 128);
    const steps = [['Apply this now?', typed]];
    const apply = ['node', BIN, 'apply', '--profile', 'web-frontend', '--no-persist'];
    const { status, stdout } = await sandbox.run(['python3', PTY, JSON.stringify(steps), ...apply], {
      env: { TERM: 'xterm', NO_COLOR: '1' },
    });
    expect([status, stdout]).toEqual([expected, expect.stringContaining('Nothing was changed')]);
    expect(await somaxconn()).toBe('128\n');
  });

  test('without a terminal it asks nothing', async () => {
    const { status, stderr } = await sandbox.backlogctl(['wizard']);
    expect(status).toBe(2);
    expect(stderr).toContain('the wizard asks a person');
  });
});
