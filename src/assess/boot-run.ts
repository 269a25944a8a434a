import { isExact } from '../core/figure.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import type { KernelState } from '../resolve/kernel.ts';
import { type LoaderRun, runLoader } from '../resolve/loader-run.ts';
import type { LoaderTraits } from '../resolve/loader-traits.ts';
import type { Resolution } from '../resolve/resolution.ts';
import { resolve } from '../resolve/resolve.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { interfaceDefault, interfacePath } from '../sysctl/interface-keys.ts';
import type { Inventory } from '../sysctl/inventory.ts';
import { swapSeparators } from '../sysctl/key.ts';
import type { NamespaceAssessment } from './assessment.ts';

/** What a loader makes of the sysctl files on a kernel that has just come up. */
export type BootRun = {
  /** Every line with what becomes of it; of the next boot, where /run is empty then. */
  readonly resolution: Resolution;
  readonly run: LoaderRun;
  /** The kernel before the run. */
  readonly kernel: KernelState;
};

export type BootRunChoices = {
  /** Another loader than the one of the host. */
  readonly loader?: LoaderTraits;
  /** Whether files below /run count: those of a running host are gone when it comes up again. */
  readonly keepsRun?: boolean;
  /** The kernel whose bounds hold; left out, the snapshot's. */
  readonly bounds?: KernelTraits;
  /** Ticks of the kernel's clock a second, where that is known. */
  readonly ticksPerSecond?: number | null;
  /** Whether no interface has an address yet, not even the loopback, as in a new network namespace. */
  readonly untouched?: boolean;
  /** The kernel that the loader meets; left out, one that has just come up. */
  readonly kernel?: KernelState;
};

type BootRunOptions = BootRunChoices & {
  readonly traits: KernelTraits;
  readonly loader: LoaderTraits;
  readonly inventory: Inventory;
  readonly namespace: NamespaceAssessment | null;
};

/** The kernel's own default as /proc/sys shows it; null where it is not known to the last digit. */
export function defaultText(namespace: NamespaceAssessment | null, path: string): string | null {
  const ofInterface = interfacePath(path);
  if (ofInterface !== null) return interfaceDefault(ofInterface);
  const figures = namespace?.kernelDefault(swapSeparators(path)) ?? null;
  return figures !== null && figures.length > 0 && figures.every(isExact)
    ? figures.map(({ low }) => low).join('\t')
    : null;
}

/** The first process gives the loopback interface its address before any loader runs; no other has one yet. */
function isPinnedAtBoot(path: string): boolean {
  return interfacePath(path)?.device === 'lo';
}

function bootKernel(options: BootRunOptions): KernelState {
  const { traits, inventory, namespace, ticksPerSecond = null, untouched = false } = options;
  const { bounds = traits } = options;
  return {
    inventory,
    initial: (path) => defaultText(namespace, path),
    isPinned: (path) => !untouched && isPinnedAtBoot(path),
    rules: { rangesOf: (entry) => bounds.current(entry.range), ticksPerSecond },
  };
}

/**
 * The run, and then once more what concerns each interface, as udev has it done for all but the loopback while the
 * host comes up: what the first run left alone, because it stood there already, may have become another value by then.
 */
function withInterfaces(
  { resolution, run, kernel }: BootRun,
  { loader, inventory }: BootRunOptions,
  parts: readonly string[],
): BootRun {
  const devices = inventory.list('net/ipv4/conf').filter((name) => !['all', 'default', 'lo'].includes(name));
  const landed = new Map(run.landed);
  let { after } = run;
  for (const prefix of devices.flatMap((device) => parts.map((part) => `${part}/${device}`))) {
    const candidates = resolution.candidatesBelow(prefix);
    if (candidates.length === 0) continue;
    const again = runLoader({ candidates, messages: [] }, loader, after);
    for (const [key, each] of again.landed) landed.set(key, each);
    after = again.after;
  }
  return { resolution, run: { ...run, landed, after }, kernel };
}

/** Where the interfaces' keys lie that udev has applied for each: net/ipv4/conf of the keys net.ipv4.conf.*.* */
function appliedByUdev(writers: readonly OtherWriter[]): readonly string[] {
  const keys = writers.flatMap(({ by, how, key }) => (by === 'udev' && how === 'rerun' ? [key] : []));
  return [...new Set(keys.map((key) => swapSeparators(key.replace(/\.\*\.\*$/, ''))))];
}

export function bootRun({ sysctlFiles = [], otherWriters = [] }: Snapshot, options: BootRunOptions): BootRun {
  const { loader, inventory, keepsRun = false } = options;
  const kernel = options.kernel ?? bootKernel(options);
  const resolution = resolve(sysctlFiles, loader, { boot: !keepsRun, inventory });
  const whole = { resolution, run: runLoader(resolution, loader, kernel), kernel };
  const isBoot = loader.kind === 'systemd' && options.kernel === undefined;
  const parts = isBoot ? appliedByUdev(otherWriters) : [];
  return parts.length === 0 ? whole : withInterfaces(whole, options, parts);
}
