import { collectWriters, type WriterFacts } from '../../../src/collect/writers/collect-writers.ts';
import type { OtherWriter } from '../../../src/snapshot/other-writer.ts';
import { type MemoryTree, memoryHost } from '../../tools/memory-host.ts';

export const WANTS = '/etc/systemd/system/multi-user.target.wants';

/** The link by which `systemctl enable` says that a unit is started. */
export function enabled(...units: readonly string[]): MemoryTree {
  return Object.fromEntries(
    units.map((unit) => [`${WANTS}/${unit}`, { link: `/lib/systemd/system/${unit}` }]),
  );
}

export function factsOf(tree: MemoryTree, environment: 'host' | 'container' = 'host'): WriterFacts {
  const unseen = { add: () => {}, entries: [] };
  return collectWriters(memoryHost({ tree }).reader, environment, unseen);
}

/** `raise net.core.somaxconn to 2048 by FILE:LINE`; `?` stands for a value that is not known, `(?)` for no certainty. */
function inShort({ key, value, relation, file, line, sure }: OtherWriter): string {
  const verb = { exactly: 'set', 'at-least': 'raise', 'at-most': 'lower' }[relation];
  return `${verb} ${key} to ${value ?? '?'} by ${file}${line === undefined ? '' : `:${line}`}${sure ? '' : ' (?)'}`;
}

export function writersIn(tree: MemoryTree): readonly string[] {
  return factsOf(tree).otherWriters.map(inShort);
}
