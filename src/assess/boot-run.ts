import { isExact } from '../core/figure.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import type { KernelState } from '../resolve/kernel.ts';
import { type Landed, type LoaderRun, runLoader } from '../resolve/loader-run.ts';
import type { LoaderTraits } from '../resolve/loader-traits.ts';
import type { LastWord, Resolution } from '../resolve/resolution.ts';
import { resolve } from '../resolve/resolve.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { interfaceDefault, interfacePath } from '../sysctl/interface-keys.ts';
import { type Inventory, inventoryWithout } from '../sysctl/inventory.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { NamespaceAssessment } from './assessment.ts';
import { memoized } from './lazy.ts';
import { type AfterLoader, startedKernel } from './writer-run.ts';

/** What a loader makes of the sysctl files on a kernel that has just come up. */
export type BootRun = {
  /** Every line with what becomes of it. */
  readonly resolution: Resolution;
  /** Which line decides the key, to whoever writes it: udev reads files that nobody else may. */
  lastWord(key: SysctlKey): LastWord;
  /** As whoever comes to the lines finds them. */
  readonly files: Resolution['files'];
  readonly run: LoaderRun;
  /** The kernel that the run meets. */
  readonly kernel: KernelState;
  /** And before anybody wrote to it. */
  readonly fresh: KernelState;
  /** Whether the key hangs on a kernel module that nothing loads before the loader runs. */
  isLate(key: SysctlKey): boolean;
  /** Of a variable of an interface that is not there: what it is once the interface is added. null for any other one. */
  whenAdded(path: string): Added | null;
};

/** `landed` is null where no line has to do with the value. */
export type Added = { readonly value: string | null; readonly landed: Landed | null };

type OtherWriters = Snapshot['otherWriters'];

export type BootRunChoices = {
  /** Another loader than the one of the host. */
  readonly loader?: LoaderTraits;
  /** Whether files below /run count, as to somebody who runs the loader by hand: a boot begins with an empty /run. */
  readonly keepsRun?: boolean;
  /** The kernel whose bounds hold; left out, the snapshot's. */
  readonly bounds?: KernelTraits;
  /** Ticks of the kernel's clock a second, where that is known. */
  readonly ticksPerSecond?: number | null;
  /** Whether no interface has an address yet, not even the loopback, as in a new network namespace. */
  readonly untouched?: boolean;
  /** Keys that come too late for the loader; left out, those whose module nothing loads before. */
  readonly isLate?: BootRun['isLate'];
  /** What an earlier run left; left out, the loader meets a kernel that has just come up. */
  readonly after?: KernelState;
};

type BootRunOptions = BootRunChoices & {
  readonly traits: KernelTraits;
  readonly loader: LoaderTraits;
  /** How systemd's own reads, which udev runs for interfaces even where nothing else does; null without systemd. */
  readonly systemd: LoaderTraits | null;
  /** Who sets something before any loader runs. */
  readonly early: readonly OtherWriter[];
  readonly inventory: Inventory;
  readonly namespace: NamespaceAssessment | null;
  readonly isLate: BootRun['isLate'];
};

/** The kernel's own default as /proc/sys shows it; null where it is not known to the last digit. */
function defaultText(namespace: NamespaceAssessment | null, path: string): string | null {
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

/** One that has just come up, and as the loader meets it. */
export function bootKernel(options: Omit<BootRunOptions, 'loader' | 'systemd'>): AfterLoader {
  const { traits, inventory, namespace, isLate, early, ticksPerSecond = null, untouched = false } = options;
  const { bounds = traits } = options;
  const fresh: KernelState = {
    inventory: inventoryWithout(inventory, (path) => isLate(swapSeparators(path))),
    initial: (path) => defaultText(namespace, path),
    isPinned: () => false,
    rules: { rangesOf: (entry) => bounds.current(entry.range), ticksPerSecond },
  };
  const started = startedKernel(early, fresh);
  const isPinned = (path: string) => started.isPinned(path) || (!untouched && isPinnedAtBoot(path));
  return { fresh, kernel: { ...started, isPinned } };
}

/** What udev runs for each interface below each of the parts. */
type ByUdev = {
  readonly resolution: Resolution;
  readonly loader: LoaderTraits;
  readonly parts: readonly string[];
};

/** udev's rule passes over the loopback, and the other two are no interfaces. */
const NOT_ADDED: ReadonlySet<string> = new Set(['all', 'default', 'lo']);

function isUdevs(path: string, { parts }: ByUdev): boolean {
  return parts.some((part) => {
    const [device = '', ...rest] = path.startsWith(`${part}/`) ? path.slice(part.length + 1).split('/') : [];
    return rest.length > 0 && !NOT_ADDED.has(device);
  });
}

/**
 * The run, and then once more what concerns each interface, as udev has it done for all but the loopback while the
 * host comes up: what the first run left alone, because it stood there already, may have become another value by then.
 */
function withInterfaces(
  { run, ...rest }: BootRun,
  { inventory }: BootRunOptions,
  { resolution, loader, parts }: ByUdev,
): BootRun {
  const devices = inventory.list('net/ipv4/conf').filter((name) => !NOT_ADDED.has(name));
  const landed = new Map(run.landed);
  let { after } = run;
  for (const prefix of devices.flatMap((device) => parts.map((part) => `${part}/${device}`))) {
    const candidates = resolution.candidatesBelow(prefix);
    if (candidates.length === 0) continue;
    const again = runLoader({ candidates, messages: [] }, loader, after);
    for (const [key, each] of again.landed) landed.set(key, each);
    after = again.after;
  }
  return { run: { ...run, landed, after }, ...rest };
}

/** The variable of `default` that a new interface begins with, where the interface is not there and may come. */
export function templateOf(path: string, inventory: Inventory): string | null {
  const own = interfacePath(path);
  if (own === null || inventory.entry(path) !== undefined) return null;
  const directory = `net/${own.family}/conf`;
  const template = `${directory}/default/${own.leaf}`;
  const isThere = inventory.list(directory).includes(own.device);
  return isThere || inventory.entry(template) === undefined ? null : template;
}

/** The kernel once an interface was added: its variables are those of `default` (inetdev_init(), ipv6_add_dev()). */
function withInterface({ inventory, ...after }: KernelState, prefix: string): KernelState {
  const directory = prefix.slice(0, prefix.lastIndexOf('/'));
  const below = (path: string) => (path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null);
  const inDefault = (path: string) => {
    const rest = below(path);
    return path === prefix ? `${directory}/default` : rest === null ? path : `${directory}/default${rest}`;
  };
  return {
    ...after,
    inventory: { ...inventory, entry: (path) => inventory.entry(inDefault(path)) },
    initial: (path) => after.initial(inDefault(path)),
  };
}

const NOTHING: LoaderRun['landed'] = new Map();

function additions(
  { run }: BootRun,
  { inventory }: BootRunOptions,
  byUdev: ByUdev | null,
): BootRun['whenAdded'] {
  const landedBelow = memoized((prefix: string): LoaderRun['landed'] => {
    if (byUdev === null || !byUdev.parts.some((part) => prefix.startsWith(`${part}/`))) return NOTHING;
    const candidates = byUdev.resolution.candidatesBelow(prefix);
    return runLoader({ candidates, messages: [] }, byUdev.loader, withInterface(run.after, prefix)).landed;
  });
  return (path) => {
    const template = templateOf(path, inventory);
    if (template === null) return null;
    const own = landedBelow(path.slice(0, path.lastIndexOf('/'))).get(swapSeparators(path));
    if (own !== undefined) return { value: own.value, landed: own };
    const value = run.after.initial(template);
    const copied = run.landed.get(swapSeparators(template));
    return { value, landed: copied === undefined ? null : { ...copied, through: swapSeparators(template) } };
  };
}

/** Where the interfaces' keys lie that udev has applied for each: net/ipv4/conf of the keys net.ipv4.conf.*.* */
export function appliedByUdev(writers: readonly OtherWriter[]): readonly string[] {
  const keys = writers.flatMap(({ by, how, key }) => (by === 'udev' && how === 'rerun' ? [key] : []));
  return [...new Set(keys.map((key) => swapSeparators(key.replace(/\.\*\.\*$/, ''))))];
}

/** The sysctl files as a loader reads them. */
type Resolve = (loader: LoaderTraits) => Resolution;

/** What udev runs while the host comes up; whoever types the loader later runs it once. */
function byUdev(
  resolveBy: Resolve,
  resolution: Resolution,
  otherWriters: OtherWriters,
  { systemd, loader, after }: BootRunOptions,
): ByUdev | null {
  const parts = systemd === null || after !== undefined ? [] : appliedByUdev(otherWriters ?? []);
  if (systemd === null || parts.length === 0) return null;
  return { resolution: systemd === loader ? resolution : resolveBy(systemd), loader: systemd, parts };
}

/** The run over what is resolved, with what it meets and what udev has done behind it. */
export function runOf(resolveBy: Resolve, otherWriters: OtherWriters, options: BootRunOptions): BootRun {
  const { loader, inventory, after } = options;
  const resolution = resolveBy(loader);
  const booted = bootKernel(options);
  const { fresh } = booted;
  // Whoever types it later meets the keys of modules that have come since.
  const kernel = after === undefined ? booted.kernel : { ...after, inventory };
  const isLate = after === undefined ? options.isLate : () => false;
  const run = runLoader(resolution, loader, kernel);
  const udev = byUdev(resolveBy, resolution, otherWriters, options);
  const lastWord = (key: SysctlKey) =>
    (udev !== null && isUdevs(swapSeparators(key), udev) ? udev.resolution : resolution).lastWord(key);
  const { files } = loader.kind === 'none' && udev !== null ? udev.resolution : resolution;
  const main = { resolution, lastWord, files, run, kernel, fresh, isLate, whenAdded: () => null };
  const whole = udev === null ? main : withInterfaces(main, options, udev);
  return { ...whole, whenAdded: additions(whole, options, udev) };
}

export function bootRun({ sysctlFiles = [], otherWriters }: Snapshot, options: BootRunOptions): BootRun {
  const { inventory, keepsRun = false } = options;
  return runOf((by) => resolve(sysctlFiles, by, { boot: !keepsRun, inventory }), otherWriters, options);
}

/** What a run leaves, for whoever writes behind it. */
export function afterRun({ run: { after }, fresh }: BootRun): AfterLoader {
  return { kernel: after, fresh };
}
