#!/usr/bin/env node
// Parsed by any Node that knows modules, so that an old one gets a sentence instead of a syntax error.
var version = process.versions.node.split('.').map(Number);
var supported =
  version[0] > 22 || (version[0] === 22 && version[1] >= 12) || (version[0] === 20 && version[1] >= 19);

if (!supported) {
  process.stderr.write(
    'backlogctl needs Node 20.19, 22.12 or later; this is ' + process.versions.node + '.\n',
  );
  process.exitCode = 70;
} else {
  import('../dist/main.js').then(
    (program) =>
      program.main(process.argv.slice(2)).then((status) => {
        process.exitCode = status;
      }),
    (error) => {
      var missing = error.code === 'ERR_MODULE_NOT_FOUND';
      process.stderr.write(
        missing
          ? 'backlogctl: dist/ is missing: run `npm run build` first.\n'
          : 'backlogctl: ' + error.message + '\n',
      );
      process.exitCode = 70;
    },
  );
}
