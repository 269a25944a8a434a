/** What a shell puts for `<(ssh …)` and `>(…)`. */
const BY_NUMBER = /^\/(?:dev|proc\/self)\/fd\/\d+$/;
const TO_WRITE = /^\/dev\/std(?:out|err)$/;
const TO_READ = /^\/dev\/stdin$/;

function isByNumber(path: string): boolean {
  return BY_NUMBER.test(path.replace(`/proc/${process.pid}/`, '/proc/self/'));
}

/** Whether a path names what this process was given open: no name on the way to it can lead elsewhere. */
export function isOpenToRead(path: string): boolean {
  return TO_READ.test(path) || isByNumber(path);
}

/** The same for what is written to: the descriptor; null for any other path. */
export function openToWrite(path: string): number | null {
  if (TO_WRITE.test(path)) return path.endsWith('out') ? 1 : 2;
  return isByNumber(path) ? Number(path.slice(path.lastIndexOf('/') + 1)) : null;
}
