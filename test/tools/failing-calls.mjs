// For `node --import`: of the calls by which the program changes files and values, the one of number FAIL_AT fails with
// FAIL_WITH, as if the kernel had said so. How many there were is written to CALLS_FILE.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { FAIL_AT = '0', FAIL_WITH = 'EIO', CALLS_FILE } = process.env;
const failAt = Number(FAIL_AT);
const { O_WRONLY, O_RDWR, O_DIRECTORY } = fs.constants;
let calls = 0;

/** @param half what of it is done all the same: a full disk takes a part, and close(2) closes whatever it says */
function failing(act, half = async () => undefined) {
  return async (...given) => {
    calls += 1;
    if (calls !== failAt) return act(...given);
    await half(...given);
    throw Object.assign(new Error(`${FAIL_WITH}: as the test has it`), { code: FAIL_WITH });
  };
}

const { open, mkdir, rename, unlink, rmdir } = fs.promises;

async function openFailing(path, flags, mode) {
  const handle = await open(path, flags, mode);
  const write = handle.write.bind(handle);
  const writeHalf = (bytes, offset, length, position) =>
    String(path).startsWith('/proc/') ? undefined : write(bytes, offset, Math.floor(length / 2), position);
  handle.write = failing(write, writeHalf);
  handle.sync = failing(handle.sync.bind(handle));
  handle.chmod = failing(handle.chmod.bind(handle));
  handle.chown = failing(handle.chown.bind(handle));
  const close = handle.close.bind(handle);
  handle.close = failing(close, close);
  return handle;
}

const opening = failing(openFailing);
fs.promises.open = (path, flags, mode) =>
  typeof flags === 'number' && (flags & (O_WRONLY | O_RDWR | O_DIRECTORY)) !== 0
    ? opening(path, flags, mode)
    : open(path, flags, mode);
fs.promises.mkdir = failing(mkdir);
fs.promises.rename = failing(rename);
fs.promises.unlink = failing(unlink);
fs.promises.rmdir = failing(rmdir);
syncBuiltinESMExports();

process.on('exit', () => {
  if (CALLS_FILE !== undefined) fs.writeFileSync(CALLS_FILE, String(calls));
});
