import type { SysctlKey } from './key.ts';

/** A fact that began with a kernel version: the last entry whose `since` is not above the kernel holds. */
export type Since<T> = { readonly since: string; readonly is: T };

/**
 * Who shares the variable. `global-read-only-in-child`: visible in a child network namespace, but not writable and
 * still the host's value. `global`: absent from a child network namespace. `host`: not of the network, one file for
 * the whole host, which a write from any network namespace changes for all.
 */
export type Scope = 'network-namespace' | 'global' | 'global-read-only-in-child' | 'host';

export type SysctlUnit =
  | 'connections'
  | 'requests'
  | 'entries'
  | 'bytes'
  | 'kilobytes'
  | 'pages'
  | 'packets'
  | 'datagrams'
  | 'files'
  | 'seconds'
  | 'milliseconds'
  | 'microseconds'
  | 'nanoseconds'
  | 'count'
  | 'ports'
  | 'switch'
  | 'name';

export type Range = {
  readonly min: number;
  readonly max: number;
  /** The bound above is ours: the kernel takes larger numbers. */
  readonly takesMore?: true;
};

/** How the kernel comes to the value that it boots with. Rules with a name are computed in src/model/defaults.ts. */
export type DefaultRule =
  | { readonly kind: 'fixed'; readonly value: string }
  | {
      readonly kind: 'derived';
      readonly by:
        | 'max-syn-backlog/256'
        | 'max-syn-backlog/128'
        | 'half-ehash'
        | 'tcp-rmem'
        | 'tcp-wmem'
        | 'tcp-mem';
    };

export type Shape =
  | { readonly kind: 'integer' }
  /** `ordered`: min <= default <= max, which the kernel does not check. */
  | {
      readonly kind: 'vector';
      readonly members: readonly [string, string, string];
      readonly ordered: boolean;
    }
  | {
      readonly kind: 'pair';
      readonly members: readonly [string, string];
      readonly ordered: boolean;
      /** The one pair out of order that means something: nothing at all lies between its ends. */
      readonly none?: readonly [number, number];
    }
  | { readonly kind: 'name' }
  /** Names in any order, each once: `reno cubic`. */
  | { readonly kind: 'names' }
  /** Ports and ranges of ports, as in `8080,9000-9010`. */
  | { readonly kind: 'port-list' }
  /** CPUs as bits, in groups of 32 written in hexadecimal: `00000001,0000ffff`. */
  | { readonly kind: 'cpu-mask' }
  /** What the kernel has to say; of keys that nobody can write. */
  | { readonly kind: 'report' };

/** How many numbers the variable holds; for names, lists and masks, however many words there are. */
export function memberCount(shape: Shape): number {
  switch (shape.kind) {
    case 'integer':
      return 1;
    case 'pair':
    case 'vector':
      return shape.members.length;
    case 'name':
    case 'names':
    case 'port-list':
    case 'cpu-mask':
    case 'report':
      return Number.POSITIVE_INFINITY;
  }
}

/** Whether the variable holds numbers, which have a range. */
export function holdsNumbers({ kind }: Shape): boolean {
  return kind === 'integer' || kind === 'pair' || kind === 'vector' || kind === 'port-list';
}

/** What the largest number may take of the memory: `bytesEach` a piece, together one part in `oneIn`. */
export type MemoryBound = { readonly bytesEach: number | 'page'; readonly oneIn: number };

export type CatalogueEntry = {
  readonly key: SysctlKey;
  /** One sentence: what it does. */
  readonly summary: string;
  /** A man page, a file under the kernel's Documentation/, or a commit. */
  readonly reference: string;
  readonly shape: Shape;
  readonly unit: SysctlUnit;
  readonly scope: readonly Since<Scope>[];
  /**
   * What a write must stay within, per number: the kernel's bounds, or ours where the kernel's would break the host.
   * Empty where the key cannot be written or holds no number.
   */
  readonly range: readonly Since<Range>[];
  /** The values within the range that mean something, where the kernel takes more. */
  readonly oneOf?: readonly number[];
  /** The bits that mean something, where the number is a set of them. */
  readonly bits?: number;
  /** The kernel rounds up what is no multiple of it, and the value that was written is not the one that is read. */
  readonly multipleOf?: number;
  /** The kernel refuses or rounds up what is no power of two; 0 is taken where the range has it. */
  readonly powerOfTwo?: true;
  /** What the kernel would take, and the host has no memory for. */
  readonly memory?: MemoryBound;
  /** Empty where the kernel's configuration or its memory decides in a way that is not modelled, or is not certain. */
  readonly defaults: readonly Since<DefaultRule>[];
  /** First upstream version that has the key, and first that no longer has it; left out where it was there in 3.10, or still is. */
  readonly introduced?: string;
  readonly removed?: string;
  /** Older series whose stable releases took the key over at some time: there it may be. */
  readonly alsoIn?: readonly string[];
  /** What a new network namespace starts with. */
  readonly newNamespace: 'default' | 'copy-of-initial' | 'recomputed' | 'shared';
  /** False where writing the old value back does not bring the old state back; `why` says so to the user. */
  readonly reversible: { readonly is: true } | { readonly is: false; readonly why: string };
  /** One sentence: what a write does besides setting the value. */
  readonly sideEffects?: string;
  /** Without this kernel module the key is absent. It is built in on some kernels. */
  readonly module?: string;
  /** Who sets it on some hosts without any sysctl file, so that a value other than the default is nobody's mistake. */
  readonly alsoSetBy?: readonly string[];
  /** Keys that are read together with this one. */
  readonly coupled: readonly SysctlKey[];
  /** Why a value below the kernel's own default does harm; left out where lowering is a legitimate choice. */
  readonly belowDefault?: string;
  /**
   * No audit reads its live value, for each one read is time: a sysctl file, a profile, a change of ours or `explain`
   * has to name it. No rule may need it.
   */
  readonly readOnDemand?: true;
};
