#!/usr/bin/env node
// Only what every Node with modules can parse, so that an old one gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
const supported = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);

const EXIT_BAD_INPUT = 2;
const EXIT_INTERNAL = 70;

function fail(status, sentence) {
  process.stderr.write(`backlogctl: ${sentence}\n`);
  process.exitCode = status;
}

if (!supported) {
  fail(EXIT_BAD_INPUT, `needs Node 20.19, 22.12 or later; this is ${process.versions.node}`);
} else {
  import('../dist/main.js')
    .then((program) => program.main(process.argv.slice(2)))
    .then((status) => {
      process.exitCode = status;
    })
    .catch((error) => {
      const missing = error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('dist/main.js');
      fail(EXIT_INTERNAL, missing ? 'dist/ is missing: run `npm run build` first' : error.message);
    });
}
