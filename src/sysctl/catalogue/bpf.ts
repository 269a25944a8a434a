import type { CatalogueEntry } from '../catalogue-entry.ts';
import {
  ANY_INTEGER,
  always,
  changed,
  fixed,
  GLOBAL,
  HOST_INTEGER,
  HOST_SWITCH,
  NET_SYSCTL,
  ON_OR_OFF,
  onDemand,
  ours,
} from './parts.ts';

/** net.core: the compiler of BPF programs, to which packet filters and socket filters belong. */
export const BPF_ENTRIES: readonly CatalogueEntry[] = onDemand([
  {
    ...HOST_INTEGER,
    key: 'net.core.bpf_jit_enable',
    summary: 'Compiles BPF programs: never (0), always (1), with every translation in the kernel log (2).',
    reference: NET_SYSCTL,
    unit: 'switch',
    scope: GLOBAL,
    // Kernels with CONFIG_BPF_JIT_ALWAYS_ON take 1 alone; some older ones take any integer.
    range: changed(ours({ min: 0, max: 2 }), '4.15', { min: 0, max: 2 }),
    defaults: [],
    coupled: ['net.core.bpf_jit_harden', 'net.core.bpf_jit_limit'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.bpf_jit_harden',
    summary:
      'Hides the constants of compiled BPF programs, against planted code: of none (0), of users without privileges (1), of all (2).',
    reference: NET_SYSCTL,
    unit: 'switch',
    scope: GLOBAL,
    range: changed(ANY_INTEGER, '4.15', { min: 0, max: 2 }),
    oneOf: [0, 1, 2],
    defaults: fixed('0'),
    introduced: '4.7',
    reversible: { is: false, why: 'programs that were loaded meanwhile stay compiled as they are' },
    coupled: ['net.core.bpf_jit_enable'],
  },
  {
    ...HOST_SWITCH,
    key: 'net.core.bpf_jit_kallsyms',
    summary: 'Shows where compiled BPF programs lie in memory, in /proc/kallsyms, for profilers and traces.',
    reference: NET_SYSCTL,
    scope: GLOBAL,
    range: changed(ANY_INTEGER, '4.15', ON_OR_OFF),
    defaults: [],
    introduced: '4.11',
    coupled: ['net.core.bpf_jit_enable', 'net.core.bpf_jit_harden'],
  },
  {
    ...HOST_INTEGER,
    key: 'net.core.bpf_jit_limit',
    summary: 'Memory for compiled BPF programs, beyond which those of users without privileges are refused.',
    reference: NET_SYSCTL,
    unit: 'bytes',
    scope: GLOBAL,
    // The kernel refuses more than its space for modules, which the architecture decides.
    range: always({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    defaults: [],
    introduced: '4.20',
    alsoIn: ['4.15', '4.19'],
    coupled: ['net.core.bpf_jit_enable'],
  },
]);
