import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { CallFailure } from '../core/ports.ts';
import { errnoOf, NO_ERRNO } from './errno.ts';
import {
  isIn,
  isWitnessOf,
  type OpenNamespace,
  ownWitness,
  type Witness,
  witnessOf,
} from './network-namespace.ts';

/** A namespace goes with the boot at the latest, and so does what is kept of it. */
const NAMESPACES = '/run/backlogctl/netns';
const WITNESS = 'namespace.json';

/** Behind an inode: what stands below it was kept of an earlier namespace. */
export const NOTHING_KEPT = '-';

/** @param inside as `--inside` has it: the inode, and what may stand behind it */
export function inodeOf(inside: string): string {
  return inside.replace(NOTHING_KEPT, '');
}

/** As the kernel and lsns(8) name it: `net:[4026532248]`. */
export function kernelName(inside: string): string {
  return `net:[${inodeOf(inside)}]`;
}

/**
 * Where the journal of a namespace stands.
 * @param inside as `--inside` has it
 */
export function namespaceJournal(inside: string): string {
  return `${NAMESPACES}/${inside}`;
}

function isWitness(read: unknown): read is Witness {
  return (
    typeof read === 'object' &&
    read !== null &&
    'madeNs' in read &&
    'processes' in read &&
    Array.isArray(read.processes)
  );
}

function readWitness(directory: string): Witness | null {
  try {
    const read: unknown = JSON.parse(readFileSync(`${directory}/${WITNESS}`, 'utf8'));
    return isWitness(read) ? read : null;
  } catch {
    return null;
  }
}

/** Whether what stands there was kept of this namespace, and not of an earlier one with its number. */
export function hasJournal(namespace: OpenNamespace): boolean {
  const witness = readWitness(namespaceJournal(namespace.inode));
  return witness !== null && isWitnessOf(witness, namespace);
}

function writeWitness(directory: string, witness: Witness): void {
  const temporary = `${directory}/.${WITNESS}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(witness)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, `${directory}/${WITNESS}`);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
}

/** @returns why it failed; null where it did not. @throws what is no answer of a system call */
function failureOf(path: string, act: () => void): CallFailure | null {
  try {
    act();
    return null;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === NO_ERRNO) throw thrown;
    return { ok: false, call: 'write', path, errno };
  }
}

/** What was kept of an earlier namespace stays to be read until the next one comes. */
function putAside(directory: string): void {
  const aside = `${directory}.ended`;
  rmSync(aside, { recursive: true, force: true });
  try {
    renameSync(directory, aside);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  }
}

/**
 * Notes that we are in the namespace, and so keep it: as long as we run, it is told by us.
 * @returns what could not be written; null where nothing is amiss
 */
export function joinWitness(inode: string): CallFailure | null {
  const directory = namespaceJournal(inode);
  const witness = readWitness(directory);
  if (witness === null) return null;
  const joined = { ...witness, processes: [...ownWitness(), ...witness.processes] };
  return failureOf(directory, () => writeWitness(directory, joined));
}

/** Those who still are there that an earlier witness named: who joined once may be the last. */
function stillThere(directory: string, { inode }: OpenNamespace): Witness['processes'] {
  return (readWitness(directory)?.processes ?? []).filter((each) => isIn(each, inode));
}

/**
 * Sees to it that there is a directory for the journal of this namespace, and in it what it can be told by later.
 * Whoever calls it holds the lock.
 * @returns what could not be written; null where nothing is amiss
 */
export function beginJournal(namespace: OpenNamespace): CallFailure | null {
  const directory = namespaceJournal(namespace.inode);
  return failureOf(directory, () => begin(directory, namespace));
}

function begin(directory: string, namespace: OpenNamespace): void {
  const { madeNs, processes } = witnessOf(namespace);
  if (hasJournal(namespace)) {
    const before = stillThere(directory, namespace);
    const others = processes.filter(({ pid }) => !before.some((each) => each.pid === pid));
    writeWitness(directory, { madeNs, processes: [...before, ...others] });
    return;
  }
  putAside(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeWitness(directory, { madeNs, processes });
}
