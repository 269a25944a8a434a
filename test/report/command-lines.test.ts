import { expect, test } from '@jest/globals';
import { styleFor } from '../../src/report/style.ts';
import { commandLines } from '../../src/report/text/command-lines.ts';
import { manualLines } from '../../src/report/text/manual-lines.ts';

const LAYOUT = { columns: 80, style: styleFor(false) };
const LONG = `backlogctl apply --reason '${'at noon '.repeat(12)}' --yes`;

test.each<readonly [string, string, string | null, readonly string[]]>([
  ['alone', 'ls', null, ['Do it  ls']],
  ['however long', LONG, null, [`Do it  ${LONG}`]],
  ['with a remark for the shell to pass over', 'ls', 'on that host', ['Do it  ls  # on that host']],
  ['with one that just fits', 'ls', 'x'.repeat(67), [`Do it  ls  # ${'x'.repeat(67)}`]],
  ['with one that does not', 'ls', 'x'.repeat(68), ['Do it  ls', `       # ${'x'.repeat(68)}`]],
  ['with one below it', LONG, 'on that host', [`Do it  ${LONG}`, '       # on that host']],
  [
    'with one of two lines, neither of which a shell runs',
    LONG,
    `${'words '.repeat(11)}; reboot now`,
    [`Do it  ${LONG}`, `       # ${'words '.repeat(11)}; `.trimEnd(), '       # reboot now'],
  ],
  ['without control characters', 'ls \u001b[2J', 'a\nreboot', ['Do it  ls \\x1b[2J  # a\\nreboot']],
])('a command is one line: %s', (_what, command, remark, expected) => {
  expect(commandLines('Do it  ', command, LAYOUT, remark)).toEqual(expected);
});

test('a color is no column', () => {
  const style = styleFor(true);
  const [line = '', ...below] = commandLines(
    style.faint('Do it  '),
    'ls',
    { ...LAYOUT, style },
    'x'.repeat(67),
  );
  expect(line).toContain('\u001b');
  expect(below).toEqual([]);
});

test('what a command left to a person interrupts is no part of it', () => {
  const manual = {
    subject: 'nginx',
    instruction: 'restart it',
    unit: 'nginx.service',
    command: 'systemctl restart nginx.service',
    disruptive: true,
    after: true,
  };
  expect(manualLines({ kind: 'relisten', ...manual }, LAYOUT)).toEqual([
    '  - nginx: restart it',
    '    systemctl restart nginx.service  # interrupts its connections',
  ]);
});
