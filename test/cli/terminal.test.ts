import { expect, test } from '@jest/globals';
import { terminalOf } from '../../src/cli/terminal.ts';

type Write = (text: string, done: (error?: Error | null) => void) => unknown;

function stream(isTTY: boolean, columns?: number, write: Write = (_, done) => done()) {
  return { isTTY, write, ...(columns === undefined ? {} : { columns }) };
}

test.each([
  ['a terminal', stream(true), {}, true],
  ['a pipe', stream(false), {}, false],
  ['NO_COLOR', stream(true), { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR, which says nothing', stream(true), { NO_COLOR: '' }, true],
  ['a dumb terminal', stream(true), { TERM: 'dumb' }, false],
])('colours on %s', (_, stdout, environment, expected) => {
  expect(terminalOf({ stdin: {}, stdout, stderr: stream(true) }, environment).takesColor).toBe(expected);
});

test.each([
  ['the terminal says', stream(true, 120), {}, 120],
  ['COLUMNS says', stream(false), { COLUMNS: '100' }, 100],
  ['nobody says', stream(false), {}, 80],
  ['COLUMNS is nonsense', stream(false), { COLUMNS: 'wide' }, 80],
])('the width that %s', (_, stdout, environment, expected) => {
  expect(terminalOf({ stdin: {}, stdout, stderr: stream(false) }, environment).columns).toBe(expected);
});

test('a reader that went away is no error; another failure is one', async () => {
  const closed = terminalOf(
    {
      stdin: {},
      stdout: stream(false, 80, (_, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' }))),
      stderr: stream(false),
    },
    {},
  );
  await expect(closed.write('x')).resolves.toBeUndefined();
  const full = terminalOf(
    {
      stdin: {},
      stdout: stream(false, 80, (_, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' }))),
      stderr: stream(false),
    },
    {},
  );
  await expect(full.write('x')).rejects.toMatchObject({
    name: 'UserError',
    status: 2,
    message: 'cannot be written (ENOSPC)',
  });
});
