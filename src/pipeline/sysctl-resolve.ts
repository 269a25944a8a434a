import { assess } from '../assess/assess.ts';
import type { Assessment } from '../assess/assessment.ts';
import { assumedInventory } from '../assess/assumed-inventory.ts';
import { afterRun, type BootRun, type BootRunChoices, templateOf } from '../assess/boot-run.ts';
import { type KeyValue, keyValue, lostLines } from '../assess/key-value.ts';
import { usageError } from '../core/errors.ts';
import type { Fact } from '../core/fact.ts';
import { isAnyKernel } from '../core/kernel-release.ts';
import type { Text } from '../core/text.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import { type LoaderTraits, loaderTraits } from '../resolve/loader-traits.ts';
import type { Attempt, LoaderMessage } from '../resolve/resolution.ts';
import type { LoaderKind } from '../snapshot/host.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { CATALOGUE, catalogueEntry, sameSetting } from '../sysctl/catalogue.ts';
import type { Inventory } from '../sysctl/inventory.ts';
import { type SysctlKey, spelledKey, swapSeparators } from '../sysctl/key.ts';
import { moduleOf } from '../sysctl/modules.ts';
import { maybeTexts, type OtherWriters, otherWritersOf } from './other-writers.ts';

/** `other-kernel`: the running one's, for a tree without any of its own. */
type KeysOf = 'host' | 'list' | 'other-kernel' | 'snapshot';

export type ResolveRequest = {
  readonly snapshot: Snapshot;
  readonly loader: { readonly kind: LoaderKind; readonly version: string | null } | null;
  /** What stands below /proc/sys; null where nobody has looked: then what the files name is taken to be there. */
  readonly inventory: Inventory | null;
  /** Whose they are; left out, the host's that the files are of. */
  readonly keysOf?: KeysOf;
  /** The kernel that takes the writes, where the snapshot does not say; null where nobody knows. */
  readonly kernel: KernelTraits | null;
  /** Keys that are asked after; none for every key that a file sets. */
  readonly keys: readonly SysctlKey[];
  /** Of the kernel that the keys are looked up in, where the snapshot does not say; null where it is not known. */
  readonly ticksPerSecond: number | null;
  /** Whether no interface has an address: nobody said so of a list of keys. */
  readonly untouched: boolean;
  /** Whether the files are those of a host that runs, and comes up with an empty /run. */
  readonly live: boolean;
};

/** A key that `sysctl --system` would change, typed on a host that has come up. */
export type Disagreement = {
  readonly key: SysctlKey;
  /** After the boot, and after the command. */
  readonly boot: KeyValue;
  /**
   * In words who sets it behind the boot's loader, or before, with the value that then stands, which may be open; null
   * where nobody does.
   */
  readonly later: { readonly value: string | null; readonly by: Text } | null;
  readonly byHand: KeyValue;
};

export type Comparison = {
  /** As a person writes them: `systemd-sysctl 252`, `procps sysctl 4.0.2`. */
  readonly boot: string;
  readonly byHand: string;
  readonly disagreements: readonly Disagreement[];
  /** Whether the host boots with systemd, which sets everything as it was before. */
  readonly takenBack: boolean;
  readonly exitStatus: { readonly boot: number; readonly byHand: number };
};

export type SysctlResolution = {
  /** As a person writes it: `systemd-sysctl 252`. */
  readonly loader: string;
  /** The files that it opens, in its order. */
  readonly files: readonly string[];
  readonly attempts: readonly Attempt[];
  readonly values: readonly KeyValue[];
  readonly messages: readonly LoaderMessage[];
  readonly exitStatus: number;
  /** A FIFO that keeps the loader from setting anything. */
  readonly blocking: string | null;
  /** Whose keys the files were held against. */
  readonly keysOf: KeysOf;
  /** What a key is now; null where no kernel runs, or it was not read. */
  live(resolved: KeyValue): Live | null;
  /** The kernel module that comes too late for the lines that set the key. */
  lateModule(resolved: KeyValue): string | null;
  /** Who sets the key besides the sysctl files. */
  others(resolved: KeyValue): OtherWriters;
  /** What stands after a boot, once all have come; null where nobody can tell. */
  end(resolved: KeyValue): string | null;
  /** What those may do besides of whom nothing is certain, as clauses. */
  readonly maybe: readonly Text[];
};

/** `lasts`: the next boot does not change it, as far as is known. */
export type Live = { readonly value: string; readonly lasts: boolean };

function endOf({ kind, value }: KeyValue, { ending, last }: OtherWriters): string | null {
  if (ending !== null) return ending.value;
  return kind === 'unknown' || last !== null ? null : value;
}

function liveOf(resolved: KeyValue, others: OtherWriters, fact: Fact<string> | undefined): Live | null {
  if (fact === undefined || !fact.ok) return null;
  const end = endOf(resolved, others);
  return { value: fact.value, lasts: end === null || sameSetting(resolved.key, fact.value, end) };
}

/** A tree is taken as it stands, /run included: what is asked is what the loader makes of it. */
function assessed({ snapshot, loader, live }: ResolveRequest): Assessment {
  return assess(snapshot, { keepsRun: !live, ...(loader === null ? {} : { loader }) });
}

function inventoryFor(request: ResolveRequest, assessment: Assessment): Inventory {
  if (request.inventory !== null) return request.inventory;
  const named = [...(assessment.resolution?.keys() ?? [])];
  const keys = [...named, ...assessment.writers.keys, ...request.keys];
  return assumedInventory(request.snapshot, assessment.traits, keys);
}

function choicesOf(
  { snapshot: { host }, keysOf, live, ticksPerSecond, untouched, kernel }: ResolveRequest,
  { traits }: Assessment,
): BootRunChoices {
  const isTold = !isAnyKernel(traits.kernel.range);
  return {
    keepsRun: !live,
    untouched,
    // A list says which keys the loader meets.
    ...(keysOf === 'list' ? { isLate: () => false } : {}),
    ...(host.ticksPerSecond?.ok || ticksPerSecond === null ? {} : { ticksPerSecond }),
    ...(kernel === null || isTold ? {} : { bounds: kernel }),
  };
}

/** @throws UserError where nothing tells which loader reads the files */
function runOf(assessment: Assessment, inventory: Inventory, request: ResolveRequest): BootRun {
  const run = assessment.bootRun(inventory, choicesOf(request, assessment));
  if (run !== null) return run;
  throw usageError(
    'nothing was found here that reads sysctl files at boot',
    'name the loader: --loader systemd, procps, busybox or openrc',
  );
}

/** Whether anything is known of the key here, be it a line in a file alone. */
export function isKnownKey(key: SysctlKey, request: ResolveRequest): boolean {
  const { inventory } = request;
  if (catalogueEntry(key) !== undefined || inventory?.entry(swapSeparators(key)) !== undefined) return true;
  if (inventory !== null && templateOf(swapSeparators(key), inventory) !== null) return true;
  const resolution = assessed(request).resolution;
  return (resolution?.linesOf(key).length ?? 0) > 0 || resolution?.bootValue(key).kind === 'unknown';
}

/** Keys that stand in it, where the key is a directory of them; null where it is none. */
export function keysInDirectory(key: SysctlKey, { inventory }: ResolveRequest): readonly SysctlKey[] | null {
  const path = swapSeparators(key);
  if (inventory?.entry(path)?.kind !== 'directory') return null;
  const names = inventory.list(path).filter((name) => inventory.entry(`${path}/${name}`)?.kind === 'file');
  return names.map((name) => swapSeparators(`${path}/${name}`));
}

/** Keys that a mistyped one may have meant. */
export function keysInSight(request: ResolveRequest): readonly SysctlKey[] {
  return [...CATALOGUE.map(({ key }) => key), ...(assessed(request).resolution?.keys() ?? [])];
}

function keysOf({ resolution, run }: BootRun): readonly SysctlKey[] {
  const keys = new Set([...resolution.keys(), ...run.landed.keys()]);
  for (const { key, candidate } of run.lost) if (key === null) keys.add(spelledKey(candidate.path));
  return [...keys];
}

function byName(a: KeyValue, b: KeyValue): number {
  return a.key < b.key ? -1 : 1;
}

/** What the boot's loader makes of the sysctl files: each write that it tries, and each key with the line that wins. */
export function resolveSysctls(request: ResolveRequest): SysctlResolution {
  const assessment = assessed(request);
  const whole = runOf(assessment, inventoryFor(request, assessment), request);
  const lost = lostLines(whole);
  const keys =
    request.keys.length > 0
      ? [...new Set(request.keys)]
      : [...new Set([...keysOf(whole), ...assessment.writers.keys])];
  const [namespace] = assessment.namespaces;
  const after = afterRun(whole);
  const others = (resolved: KeyValue) => otherWritersOf(resolved.key, assessment, resolved, after);
  return {
    loader: whole.resolution.loader,
    files: whole.files.flatMap(({ path, use }) => (use === 'read' ? [path] : [])),
    get attempts() {
      return whole.run.attempts;
    },
    values: keys.map((key) => keyValue(key, whole, lost)).sort(byName),
    get messages() {
      return whole.run.messages;
    },
    exitStatus: whole.run.exitStatus,
    blocking: whole.resolution.blocking,
    keysOf: request.inventory === null ? 'snapshot' : (request.keysOf ?? 'host'),
    lateModule: ({ key, shadowed }) =>
      shadowed.some(({ reason }) => reason === 'before-module') ? moduleOf(key) : null,
    others,
    end: (resolved) => endOf(resolved, others(resolved)),
    get maybe() {
      return maybeTexts(assessment);
    },
    live: (resolved) => liveOf(resolved, others(resolved), namespace?.live(resolved.key)),
  };
}

/** systemd's, and where that is masked none. */
function bootsWith({ loader, loaderMask }: Assessment): LoaderTraits {
  const isOfSystemd = loader?.kind === 'systemd' || loaderMask !== null;
  return isOfSystemd && loader !== null ? loader : loaderTraits('systemd', null);
}

function procpsOf({ loader }: Assessment, version: string | null): LoaderTraits {
  return loader?.kind === 'procps' ? loader : loaderTraits('procps', version);
}

/**
 * What `sysctl --system` changes after a boot with systemd, on this kernel and with these files.
 * @param procps the version of its sysctl(8); null where it is not known
 */
export function compareLoaders(request: ResolveRequest, procpsVersion: string | null): Comparison {
  const assessment = assessed(request);
  const inventory = inventoryFor(request, assessment);
  runOf(assessment, inventory, request);
  const [bootLoader, procps] = [bootsWith(assessment), procpsOf(assessment, procpsVersion)];
  const boot = assessment.bootRun(inventory, { ...choicesOf(request, assessment), loader: bootLoader });
  if (boot === null) throw new TypeError('a loader that is given always runs');
  const byHand = assessment.bootRun(inventory, {
    loader: procps,
    keepsRun: true,
    after: assessment.writers.kernelAfter(afterRun(boot)),
  });
  if (byHand === null) throw new TypeError('a loader that is given always runs');
  const [lostAtBoot, lostByHand] = [lostLines(boot), lostLines(byHand)];
  const wanted = new Set(request.keys);
  const disagreements = [...byHand.run.landed]
    .filter(([key, { value }]) => value !== byHand.kernel.initial(swapSeparators(key)))
    .filter(([key]) => wanted.size === 0 || wanted.has(key))
    .map(([key]) => {
      const atBoot = keyValue(key, boot, lostAtBoot);
      const { ending, last } = otherWritersOf(key, assessment, atBoot, afterRun(boot));
      const later = last === null ? null : { value: ending?.value ?? null, by: last.place ?? last.reason };
      return { key, boot: atBoot, later, byHand: keyValue(key, byHand, lostByHand) };
    });
  return {
    boot: bootLoader.name,
    byHand: procps.name,
    disagreements: disagreements.sort((a, b) => (a.key < b.key ? -1 : 1)),
    takenBack: bootLoader === (assessment.loader ?? bootLoader),
    exitStatus: { boot: boot.run.exitStatus, byHand: byHand.run.exitStatus },
  };
}
