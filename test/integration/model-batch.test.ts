import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { schemaFaults } from '../tools/published-schema.ts';

const BIN = path.join(import.meta.dirname, '..', '..', 'bin', 'backlogctl.js');

async function batch(input: string) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, 'model', '--batch'], {
    reject: false,
    input,
    timeout: 60_000,
  });
  const answers = stdout === '' ? [] : stdout.split('\n').map((line) => JSON.parse(line));
  return { status: exitCode, answers, stderr };
}

const GOOD = { kernel: '6.1.153', backlog: 511, somaxconn: 4096 };

function lines(...questions: readonly unknown[]): string {
  return questions.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n');
}

describe('model --batch', () => {
  test('answers line by line, in order', async () => {
    const questions = Array.from({ length: 3000 }, (_, backlog) => ({ ...GOOD, backlog }));
    const { status, answers } = await batch(`${lines(...questions)}\n`);
    expect(status).toBe(0);
    expect(answers.map(({ acceptQueue }) => acceptQueue.limit)).toEqual(
      questions.map(({ backlog }) => backlog),
    );
    expect(schemaFaults('model', answers[0])).toEqual([]);
  });

  test('a load is answered too, and a last line needs no end', async () => {
    const load = { kind: 'burst', connections: 600 };
    const { answers } = await batch(lines({ ...GOOD, load }));
    expect(answers).toMatchObject([{ after: { acceptQueue: 512, counters: { SyncookiesSent: 88 } } }]);
  });

  test.each([
    ['', { line: 2, column: 1 }, 'an empty line', null],
    ['{"kernel": "6.1",', { line: 2, column: 18 }, 'the JSON is cut off here', null],
    ['nonsense', { line: 2, column: 1 }, 'not JSON from here on', null],
    ['[]', { line: 2 }, /^expected object/, null],
    [{ ...GOOD, somaxcon: 5 }, { line: 2 }, "unknown field 'somaxcon'", "did you mean 'somaxconn'?"],
    [
      { ...GOOD, load: { kind: 'syn', connection: 5 } },
      { line: 2 },
      "unknown field 'connection'",
      "did you mean 'connections'?",
    ],
    [{ ...GOOD, backlog: '511' }, { line: 2, column: 31 }, 'backlog: expected number, received string', null],
    [{ ...GOOD, somaxconn: -1 }, { line: 2 }, /^somaxconn: too small/, null],
    [{ kernel: '6.1.153', backlog: 5 }, { line: 2 }, 'somaxconn: missing, expected number', null],
    [{ ...GOOD, kernel: 'x' }, { line: 2 }, /^kernel: expected a release/, null],
    [{ ...GOOD, load: { kind: 'syn', connections: 1e9 } }, { line: 2 }, /^load\.connections: too big/, null],
  ])(
    'a bad line gets an error in its place, and the rest their answers: %j',
    async (bad, at, message, hint) => {
      const { status, answers } = await batch(lines(GOOD, bad, { ...GOOD, backlog: 1 }));
      expect(status).toBe(2);
      expect(answers).toMatchObject([
        { kind: 'model', acceptQueue: { limit: 511 } },
        {
          kind: 'error',
          status: 2,
          at: { file: 'standard input', ...at },
          message: typeof message === 'string' ? message : expect.stringMatching(message),
          hint,
        },
        { kind: 'model', acceptQueue: { limit: 1 } },
      ]);
      expect(schemaFaults('error', answers[1])).toEqual([]);
    },
  );

  test('a line of megabytes is refused without being kept', async () => {
    const { status, answers } = await batch(lines(GOOD, 'x'.repeat(3 * 1024 * 1024), GOOD));
    expect(status).toBe(2);
    expect(answers.map(({ kind }) => kind)).toEqual(['model', 'error', 'model']);
    expect(answers[1].message).toBe('the line is longer than 1 MiB');
  });

  test('characters that are cut by the pieces of a pipe stay whole', async () => {
    const kernel = '\u00e9'.repeat(70);
    const { answers } = await batch(lines(...Array.from({ length: 2000 }, () => ({ ...GOOD, kernel }))));
    expect(new Set(answers.map(({ message }) => message)).size).toBe(1);
    expect(answers[0].message).toContain(`'${kernel}'`);
  });

  test('answers that are longer than its memory', async () => {
    // The answers are some 100 MB, and Node may keep 32 MB.
    const count = 200_000;
    const argv = ['--max-old-space-size=32', BIN, 'model', '--batch'];
    const run = execa(process.execPath, argv, {
      reject: false,
      input: `${JSON.stringify(GOOD)}\n`.repeat(count),
      timeout: 120_000,
      buffer: false,
      encoding: 'buffer',
    });
    let newlines = 0;
    for await (const chunk of run.iterable({ binary: true, preserveNewlines: true })) {
      for (const byte of chunk) if (byte === 10) newlines += 1;
    }
    expect((await run).exitCode).toBe(0);
    expect(newlines).toBe(count);
  }, 150_000);

  test('nothing in, nothing out', async () => {
    expect(await batch('')).toEqual({ status: 0, answers: [], stderr: '' });
  });
});
