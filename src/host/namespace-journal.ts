import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errnoOf } from './errno.ts';
import { isWitnessOf, type OpenNamespace, type Witness, witnessOf } from './network-namespace.ts';

/** A namespace goes with the boot at the latest, and so does what is kept of it. */
const NAMESPACES = '/run/backlogctl/netns';
const WITNESS = 'namespace.json';

/** Behind an inode: what stands below it was kept of an earlier namespace. */
export const NOTHING_KEPT = '-';

/** @param inside as `--inside` has it: the inode, and what may stand behind it */
export function inodeOf(inside: string): string {
  return inside.replace(NOTHING_KEPT, '');
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
  writeFileSync(temporary, `${JSON.stringify(witness)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, `${directory}/${WITNESS}`);
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

/** @returns whether it is ours: another run may have made it in the meantime */
function makeDirectory(directory: string, witness: Witness): boolean {
  const made = mkdtempSync(`${NAMESPACES}/.new-`);
  writeWitness(made, witness);
  try {
    // Not over a directory that holds anything.
    renameSync(made, directory);
    return true;
  } catch (thrown) {
    rmSync(made, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(thrown))) throw thrown;
    return false;
  }
}

/** Sees to it that there is a directory for the journal of this namespace, and in it what it can be told by later. */
export function beginJournal(namespace: OpenNamespace): void {
  const directory = namespaceJournal(namespace.inode);
  mkdirSync(path.dirname(directory), { recursive: true, mode: 0o700 });
  const witness = witnessOf(namespace);
  for (;;) {
    if (hasJournal(namespace)) break;
    putAside(directory);
    if (makeDirectory(directory, witness)) return;
  }
  writeWitness(directory, witness);
}
