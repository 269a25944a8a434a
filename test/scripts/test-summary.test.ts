import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';

const SUMMARY = path.join(import.meta.dirname, '..', '..', 'scripts', 'test-summary.mjs');

/** The part of jest's JSON that counts. */
function jestResult(passed: readonly string[], failed: readonly string[], skipped = 0) {
  return {
    numPassedTests: passed.length,
    numFailedTests: failed.length,
    numPendingTests: skipped,
    numTodoTests: 0,
    testResults: [
      {
        name: path.join(process.cwd(), 'test/a.test.ts'),
        status: failed.length === 0 ? 'passed' : 'failed',
        assertionResults: [
          ...passed.map((fullName) => ({ status: 'passed', fullName })),
          ...failed.map((fullName) => ({ status: 'failed', fullName })),
        ],
      },
    ],
  };
}

const UNLOADABLE = {
  ...jestResult([], []),
  testResults: [{ name: path.join(process.cwd(), 'test/b.test.ts'), status: 'failed', assertionResults: [] }],
};

describe('the closing line of a test run', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-summary-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function summaryOf(runs: Readonly<Record<string, unknown>>, failedSteps = '') {
    for (const [name, result] of Object.entries(runs)) {
      writeFileSync(path.join(directory, `${name}.json`), JSON.stringify(result));
    }
    if (failedSteps !== '') writeFileSync(path.join(directory, 'failed-steps'), failedSteps);
    const { exitCode, stdout } = await execa(process.execPath, [SUMMARY, directory], { reject: false });
    return { exitCode, lines: stdout.split('\n') };
  }

  test.each([
    ['one run', { a: jestResult(['x', 'y'], []) }, 0, '2 passed, 0 failed'],
    ['several runs', { a: jestResult(['x', 'y'], []), b: jestResult(['x'], []) }, 0, '3 passed, 0 failed'],
    ['a skipped test', { a: jestResult(['x'], [], 2) }, 0, '1 passed, 0 failed, 2 skipped'],
    ['a failed test', { a: jestResult(['x'], ['y']) }, 1, '1 passed, 1 failed'],
    ['a suite that cannot be loaded', { a: jestResult(['x'], []), b: UNLOADABLE }, 1, '1 passed, 1 failed'],
    ['no run at all', {}, 1, '0 passed, 0 failed'],
  ])('%s', async (_, runs, exitCode, last) => {
    const summary = await summaryOf(runs);
    expect({ exitCode: summary.exitCode, last: summary.lines.at(-1) }).toEqual({ exitCode, last });
  });

  test('failures are named with their run, file and test', async () => {
    const { lines } = await summaryOf({ 'node-24': jestResult(['x'], ['the queue overflows']) });
    expect(lines[0]).toBe('failed: node-24: test/a.test.ts: the queue overflows');
  });

  test('a failed step counts as a failure', async () => {
    const { exitCode, lines } = await summaryOf({ a: jestResult(['x'], []) }, 'lint\n');
    expect(exitCode).toBe(1);
    expect(lines).toEqual(['failed: lint', '1 passed, 1 failed']);
  });
});
