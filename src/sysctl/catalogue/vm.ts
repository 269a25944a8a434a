import type { CatalogueEntry } from '../catalogue-entry.ts';
import { always, changed, fixed, HOST_INTEGER, INT_MAX, ONE_FOR_THE_HOST, VM_SYSCTL } from './parts.ts';

/** vm: memory of the whole host. */
export const VM_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...HOST_INTEGER,
    key: 'vm.swappiness',
    summary: 'How readily memory of programs is swapped out rather than file cache dropped; 100 is even.',
    reference: VM_SYSCTL,
    unit: 'count',
    scope: ONE_FOR_THE_HOST,
    // c843966c556d
    range: changed({ min: 0, max: 100 }, '5.8', { min: 0, max: 200 }),
    defaults: fixed('60'),
    alsoSetBy: ['TuneD'],
  },
  {
    ...HOST_INTEGER,
    key: 'vm.overcommit_memory',
    summary:
      'Grants programs memory by an estimate (0), always (1), or never more than swap and a share of the memory (2).',
    reference: VM_SYSCTL,
    unit: 'switch',
    scope: ONE_FOR_THE_HOST,
    range: always({ min: 0, max: 2 }),
    defaults: fixed('0'),
    alsoSetBy: ['kubelet', 'TuneD'],
  },
  {
    ...HOST_INTEGER,
    key: 'vm.max_map_count',
    summary: 'Memory mappings that one process may have.',
    reference: VM_SYSCTL,
    unit: 'count',
    scope: ONE_FOR_THE_HOST,
    // The kernel takes 0, and then no program starts: ordinary ones have hundreds of mappings.
    range: always({ min: 1024, max: INT_MAX }),
    defaults: fixed('65530'),
    alsoSetBy: ['TuneD'],
  },
  {
    ...HOST_INTEGER,
    key: 'vm.min_free_kbytes',
    summary: 'Memory that the kernel keeps free for requests that cannot wait, such as packets that arrive.',
    reference: VM_SYSCTL,
    unit: 'kilobytes',
    scope: ONE_FOR_THE_HOST,
    // Documented: below 1024 the system is subtly broken, and too much ends programs at once.
    range: always({ min: 1024, max: INT_MAX }),
    // The share that the kernel itself does not exceed when it raises the value (khugepaged).
    memory: { bytesEach: 1024, oneIn: 20 },
    defaults: [],
    sideEffects: 'the watermarks of all memory zones are computed anew, and memory is freed until they hold',
    alsoSetBy: ['TuneD'],
  },
];
