import type { Fact } from '../core/fact.ts';
import type { Figure } from '../core/figure.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import type { AcceptQueue, SynQueue } from '../model/queue-figures.ts';
import type { LoaderTraits } from '../resolve/loader-traits.ts';
import type { Resolution } from '../resolve/resolution.ts';
import type { RelistenAction, ServerEntry } from '../servers/server-entry.ts';
import type { FileLine } from '../snapshot/fact.ts';
import type { Environment } from '../snapshot/host.ts';
import type { BacklogSource, Listener } from '../snapshot/listener.ts';
import type { Namespace } from '../snapshot/namespace.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Inventory } from '../sysctl/inventory.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { BootRun, BootRunChoices } from './boot-run.ts';
import type { KeyValue } from './key-value.ts';
import type { AfterLoader } from './writer-run.ts';
import type { Writers } from './writers.ts';

/**
 * Which number decides the limit of an accept queue.
 * `somaxconn-at-listen`: somaxconn as it was when the program called listen(); only another listen() changes it.
 */
export type BoundBy = 'backlog' | 'somaxconn' | 'both' | 'somaxconn-at-listen' | 'unknown';

export type RequestedBacklog = {
  /** null where it is not known. As the kernel compares it: unsigned. */
  readonly requested: number | null;
  readonly source: BacklogSource;
  readonly at: FileLine | null;
  /** The program asks for whatever somaxconn allows (-1, INT_MAX, or it reads somaxconn itself). */
  readonly followsSomaxconn: boolean;
};

/** What it takes for a changed limit to reach the live socket. */
export type Relisten = {
  readonly needed: boolean;
  /** As in servers' data; `unknown` where we do not know the server. */
  readonly how: RelistenAction;
  readonly command: string | null;
  readonly disruptive: boolean;
};

export type ListenerAssessment = {
  /** Stable within one assessment: `tcp:0.0.0.0:80`, `unix:/run/x.sock`; `#2` where several sockets share it. */
  readonly id: string;
  /** As a person writes it: `0.0.0.0:80`, `[::1]:53`, `/run/x.sock`. Not escaped. */
  readonly label: string;
  readonly listener: Listener;
  readonly server: ServerEntry | null;
  /** The server's id, else the process's name, else `?`. Not escaped. */
  readonly who: string;
  readonly backlog: RequestedBacklog;
  /** null where the limit was not read. */
  readonly acceptQueue: AcceptQueue | null;
  /** What listen() would make of it if the program called it now; null where one of its two numbers is not known. */
  afterListen(): AcceptQueue | null;
  /** null for unix listeners and where the limit was not read. */
  readonly synQueue: SynQueue | null;
  readonly boundBy: BoundBy;
  readonly relisten: Relisten;
  /** More in the queue than the limit: the next connection is dropped. */
  readonly full: boolean;
};

/** Counters between the first and the last sample. */
export type CounterDelta = { readonly seconds: number; readonly increase: number };

export type NamespaceAssessment = {
  readonly namespace: Namespace;
  readonly environment: Environment;
  /** Whether the key is the whole host's, and this namespace shows it not at all or read-only. */
  isHostWide(key: SysctlKey): boolean;
  readonly listeners: readonly ListenerAssessment[];
  /** Live value as the kernel wrote it; `not-collected` where the snapshot says nothing of the key. */
  live(key: SysctlKey): Fact<string>;
  /** Live value as whitespace-separated numbers; null where unknown or no numbers. */
  numbers(key: SysctlKey): readonly number[] | null;
  number(key: SysctlKey): number | null;
  /** Value since boot in the last sample; null where not collected. */
  counter(name: string): number | null;
  /** null with fewer than two samples. */
  delta(name: string): CounterDelta | null;
  /**
   * What this kernel sets without anybody's doing, per number of the value; null where not known.
   */
  kernelDefault(key: SysctlKey): readonly Figure[] | null;
};

/** The sysctl files as the next boot reads them, and what its loader leaves on the kernel. */
export type BootResolution = Omit<Resolution, 'lastWord' | 'candidates' | 'candidatesBelow'> & {
  bootValue(key: SysctlKey): KeyValue;
  /** What the run leaves, for whoever writes behind it. */
  readonly after: AfterLoader;
};

/** Snapshot, resolution and figures together. The resolver and the model have no other caller. */
export type Assessment = {
  readonly snapshot: Snapshot;
  readonly traits: KernelTraits;
  /** How the loader of this host reads; null where nobody knows which it is, though one may have been assumed. */
  readonly loader: LoaderTraits | null;
  /** What masks the service of the loader, which then is none; null where nothing does. */
  readonly loaderMask: string | null;
  /** null where no sysctl files were collected. */
  readonly resolution: BootResolution | null;
  /** The same loader on other files, such as those that a plan would leave; null where nobody knows the loader. */
  resolutionOf(files: NonNullable<Snapshot['sysctlFiles']>): BootResolution | null;
  /**
   * What a run of the loader, or of another one, would do on the kernel of the snapshot, from its own defaults on.
   * null where nobody knows the loader.
   */
  bootRun(inventory: Inventory, more?: BootRunChoices): BootRun | null;
  /** Who sets sysctls besides the loader. */
  readonly writers: Writers;
  /** The same on a host with other sysctl files. */
  writersOf(files: NonNullable<Snapshot['sysctlFiles']>): Writers;
  readonly namespaces: readonly NamespaceAssessment[];
  /** Where our drop-in stands, or would, as far as the files themselves tell. */
  readonly ownDropIn: string;
};
