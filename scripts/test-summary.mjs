// Adds up the results of several runs: `node scripts/test-summary.mjs DIR`. DIR holds jest's JSON results and, in
// failed-steps, a line for each step other than a test that failed (lint, types, an installation). Prints the
// failures by name, and as its last line, alone, `N passed, N failed`, with `, N skipped` where a test was. Exits 1
// unless everything passed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [directory] = process.argv.slice(2);
const stepsFile = path.join(directory, 'failed-steps');
const failedSteps = existsSync(stepsFile)
  ? readFileSync(stepsFile, 'utf8')
      .trim()
      .split('\n')
      .filter((step) => step !== '')
  : [];

const runs = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => ({
    name: path.basename(name, '.json'),
    result: JSON.parse(readFileSync(path.join(directory, name), 'utf8')),
  }));

function sum(count) {
  return runs.reduce((total, { result }) => total + count(result), 0);
}

/** A suite that could not be loaded has no tests, but it has failed. */
function failuresOf({ name, result }) {
  return result.testResults.flatMap((suite) => {
    const failed = suite.assertionResults.filter(({ status }) => status === 'failed');
    const names = failed.map(({ fullName }) => fullName);
    const broken = suite.status === 'failed' && failed.length === 0 ? ['could not be run'] : [];
    return [...names, ...broken].map(
      (what) => `failed: ${name}: ${path.relative(process.cwd(), suite.name)}: ${what}`,
    );
  });
}

const failures = [...runs.flatMap(failuresOf), ...failedSteps.map((step) => `failed: ${step}`)];
const passed = sum((result) => result.numPassedTests);
const skipped = sum((result) => result.numPendingTests + result.numTodoTests);

for (const failure of failures) process.stdout.write(`${failure}\n`);
process.stdout.write(
  `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
