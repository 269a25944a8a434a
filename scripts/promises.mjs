// The promises, each with the test that holds it: `node scripts/promises.mjs table` prints docs/promises.md; `break [WORD]`
// breaks them one by one in a copy of this tree, those whose text has the word, and shows that the test fails. It
// ends with 1 where a test passes all the same, or fails unbroken.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';

const PROMISES = parse(readFileSync('test/promises.yaml', 'utf8'));
const LONGEST_MS = 300_000;

function table() {
  const rows = PROMISES.map(
    ({ promise, test, name, break: { file } }) =>
      `| ${promise} | [\`${test}\`](../${test}): ${name} | \`${file}\` |`,
  );
  return `# Promises

What backlogctl promises to whoever runs it as root, and the test that holds each. \`npm run test:promises\` breaks each in a copy of the
tree, by an edit of the file in the last column, and shows that the test fails then.

| promise | test | broken in |
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** What git knows of this tree, as it stands, with the packages that are installed here. */
function makeCopy() {
  const copy = mkdtempSync(path.join(tmpdir(), 'promises-'));
  // Tests run as nobody, too.
  chmodSync(copy, 0o755);
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').slice(0, -1);
  for (const file of files) cpSync(file, path.join(copy, file), { verbatimSymlinks: true });
  symlinkSync(path.resolve('node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** @returns 'passed', 'failed', or 'not run' where no test of that name was */
function outcome(copy, { test, name }) {
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const json = path.join(copy, 'outcome.json');
  rmSync(json, { force: true });
  const jest = ['--experimental-vm-modules', path.resolve('node_modules/jest/bin/jest.js')];
  spawnSync(process.execPath, [...jest, test, '-t', pattern, '--json', `--outputFile=${json}`], {
    cwd: copy,
    stdio: 'ignore',
    timeout: LONGEST_MS,
  });
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(json, 'utf8'));
    if (numFailedTests > 0) return 'failed';
    return numFailedTestSuites > 0 || numPassedTests === 0 ? 'not run' : 'passed';
  } catch {
    return 'not run';
  }
}

function broken(copy, promise) {
  const { file, find, replace } = promise.break;
  const where = path.join(copy, file);
  const sound = readFileSync(where, 'utf8');
  const edited = sound.replace(find, () => replace);
  if (sound.split(find).length !== 2) return `the text to break is not there exactly once: ${file}`;
  writeFileSync(where, edited);
  const result = outcome(copy, promise);
  writeFileSync(where, sound);
  return result;
}

function breakAll(word) {
  const copy = makeCopy();
  let unheld = 0;
  try {
    for (const promise of PROMISES.filter(({ promise: text }) => text.includes(word))) {
      const [before, after] = [outcome(copy, promise), broken(copy, promise)];
      const isHeld = before === 'passed' && after === 'failed';
      if (!isHeld) unheld += 1;
      console.log(
        `${isHeld ? 'held    ' : 'NOT HELD'}  ${promise.promise}\n          ${promise.test}: ${before}, broken: ${after}`,
      );
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  console.log(
    unheld === 0 ? 'Each test fails once its promise is broken.' : `${unheld} promises are not held.`,
  );
  return unheld === 0 ? 0 : 1;
}

const [what, word = ''] = process.argv.slice(2);
if (what === 'table') process.stdout.write(table());
else process.exitCode = breakAll(word);
