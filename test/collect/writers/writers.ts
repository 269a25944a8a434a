import { collectWriters, type WriterFacts } from '../../../src/collect/writers/collect-writers.ts';
import type { OtherWriter } from '../../../src/snapshot/other-writer.ts';
import { type MemoryTree, memoryHost } from '../../tools/memory-host.ts';

export const WANTS = '/etc/systemd/system/multi-user.target.wants';

export const SHIPPED = '/usr/lib/systemd/system';

/** Units of packages, each with the link by which `systemctl enable` says that it is started. */
export function enabled(...units: readonly string[]): MemoryTree {
  return Object.fromEntries(
    units.flatMap((unit): [string, MemoryTree[string]][] => [
      [`${SHIPPED}/${unit}`, '[Unit]\n'],
      [`${WANTS}/${unit}`, { link: `${SHIPPED}/${unit}` }],
    ]),
  );
}

/** As `systemctl mask` does it. */
export function masked(unit: string): MemoryTree {
  return { [`/etc/systemd/system/${unit}`]: { link: '/dev/null' } };
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
