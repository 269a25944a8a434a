import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Counters that the kernel keeps below these directories. */
const VOLATILE = /conntrack_count$|\/inode-nr$|\/route\/(?:gc_|error_|redirect_)/;
/** What nothing here has any reason to touch; of root's own directory what programs keep hidden there is theirs. */
const WATCHED = {
  trees: ['/etc', '/usr/lib/sysctl.d', '/usr/local', '/var/lib/backlogctl', '/run/backlogctl', '/srv'],
  values: ['/proc/sys/net', '/proc/sys/vm', '/proc/sys/kernel/core_pattern', '/proc/sys/fs/file-max'],
  listed: ['/root', '/'],
};
/** That many entries are enough to notice; a larger tree is not one of a plain host's. */
const MOST_ENTRIES = 50_000;

function entries(directory) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function addTree(seen, where, describe) {
  const waiting = [where];
  for (let here = waiting.pop(); here !== undefined && seen.size < MOST_ENTRIES; here = waiting.pop()) {
    try {
      const stat = lstatSync(here);
      if (stat.isDirectory()) waiting.push(...entries(here).map(({ name }) => path.join(here, name)));
      else if (!VOLATILE.test(here)) seen.set(here, describe(here, stat));
    } catch {
      // What may not be looked at cannot be changed either.
    }
  }
}

const asFile = (_, { mode, uid, gid, size, mtimeMs }) => `${mode} ${uid} ${gid} ${size} ${mtimeMs}`;
function asValue(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'unreadable';
  }
}

/** This machine, as far as the tests could have changed it. @returns Map of paths to what stands there */
export function fingerprint({ trees, values, listed } = WATCHED) {
  const seen = new Map();
  for (const tree of trees) addTree(seen, tree, asFile);
  for (const each of values) addTree(seen, each, asValue);
  for (const directory of listed) {
    const names = entries(directory).map(({ name }) => name);
    seen.set(
      directory,
      names
        .filter((name) => !name.startsWith('.'))
        .sort()
        .join(' '),
    );
  }
  return seen;
}

/** @returns the paths that are not as they were; keys that came with a kernel module have not changed */
export function changedSince(before, after) {
  const came = [...after.keys()].filter((each) => !before.has(each) && !each.startsWith('/proc/'));
  const differ = [...before.keys()].filter((each) => before.get(each) !== after.get(each));
  return [...differ, ...came].sort();
}
