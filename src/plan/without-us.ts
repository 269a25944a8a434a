import type { BootResolution, NamespaceAssessment } from '../assess/assessment.ts';
import { textAtBoot } from '../assess/key-value.ts';
import { type Figure, isExact } from '../core/figure.ts';
import { spaced } from '../core/text.ts';
import type { Origin } from '../resolve/resolution.ts';
import { membersOf, sameSetting } from '../sysctl/catalogue.ts';
import { completed, numberCount, parseNumbers } from '../sysctl/codec.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { Ours } from './ours.ts';

/** What the next boot brings where we have no line. */
type BootValueWithoutUs =
  | { readonly kind: 'file'; readonly value: string; readonly at: Origin }
  | { readonly kind: 'kernel'; readonly value: string }
  | { readonly kind: 'unknown'; readonly why: string };

export type WithoutUs = {
  /** As it is now; null where no kernel runs, as in an image. */
  readonly live: string | null;
  /** What would stand there if we had never written; null where only a reboot can tell. */
  readonly base: string | null;
  readonly boot: BootValueWithoutUs;
};

/** Facts about one host that hold for all keys. */
export type Surroundings = {
  /** Whether a kernel runs whose values count: not where an image is built. */
  readonly live: boolean;
  readonly namespace: NamespaceAssessment;
  /** Of all sysctl files but our drop-in; null where there are none or nobody knows how they are read. */
  readonly foreign: BootResolution | null;
  /** What our drop-in sets, as it stands. */
  readonly dropInValues: ReadonlyMap<SysctlKey, string>;
  readonly ours: Ours;
};

/** null where the kernel's version or memory leaves one of its numbers open. */
function kernelValue(namespace: NamespaceAssessment, key: SysctlKey): string | null {
  const figures = namespace.kernelDefault(key);
  return figures !== null && figures.length > 0 && figures.every(isExact)
    ? figures.map(({ low }) => low).join(' ')
    : null;
}

/** Where kernels differ it is one of theirs, and nothing between them. */
function contains({ low, high, how }: Figure, number: number): boolean {
  if (how.kind === 'byKernel') return how.of.some((each) => contains(each, number));
  return number >= low && number <= high;
}

/** A default that is known but for a rounding is what the key holds without us, where that lies in its bounds. */
function liesInDefault(key: SysctlKey, value: string, namespace: NamespaceAssessment): boolean {
  const figures = namespace.kernelDefault(key);
  const numbers = parseNumbers(value, membersOf(key));
  if (figures === null || numbers === null || figures.length !== numbers.length) return false;
  return figures.every((figure, index) => {
    const number = numbers[index];
    return number !== undefined && contains(figure, number);
  });
}

/** @param observed what the key held, since this boot, before anything of ours; null where that is not known */
function bootWithoutUs(
  key: SysctlKey,
  observed: string | null,
  { namespace, foreign }: Surroundings,
): BootValueWithoutUs {
  const boot = foreign?.bootValue(key);
  if (boot?.kind === 'set') {
    const { file, line } = boot.from;
    return { kind: 'file', value: spaced(textAtBoot(boot)), at: { file, line } };
  }
  if (boot?.kind === 'unknown') return { kind: 'unknown', why: boot.why };
  // What the kernel is started with, its command line and its first process included.
  const started = boot?.kind === 'unset' && boot.value !== null ? spaced(boot.value) : null;
  const own = started ?? kernelValue(namespace, key);
  if (own !== null) return { kind: 'kernel', value: own };
  if (observed !== null && liesInDefault(key, observed, namespace))
    return { kind: 'kernel', value: observed };
  return { kind: 'unknown', why: "the kernel's own value is not known" };
}

/** What the key held before anything of ours; `lasting`: and what it would hold now. */
type Observed = { readonly value: string; readonly lasting: boolean };

function observedWithoutUs(
  key: SysctlKey,
  live: string,
  { ours, dropInValues }: Surroundings,
): Observed | null {
  const written = ours.written.get(key);
  if (written !== undefined && sameSetting(key, live, written.value)) {
    if (written.sameBoot) return { value: written.baseline, lasting: true };
    return written.sameKernelAndMemory ? { value: written.baseline, lasting: false } : null;
  }
  // Somebody has changed it since, or it was never ours: then it is what it is without us.
  const fromDropIn = dropInValues.get(key);
  return fromDropIn === undefined || !sameSetting(key, live, fromDropIn)
    ? { value: live, lasting: true }
    : null;
}

function sameCount(one: string, other: string): boolean {
  return numberCount(one) === numberCount(other);
}

/** In a later boot the files say more than what stood there in an earlier one. */
function baseOf(
  key: SysctlKey,
  live: string,
  observed: Observed | null,
  boot: BootValueWithoutUs,
): string | null {
  if (observed?.lasting === true || boot.kind === 'unknown') return observed?.value ?? null;
  // A line may give fewer numbers than the key has.
  return sameCount(boot.value, live)
    ? boot.value
    : completed(boot.value, observed?.value ?? live, membersOf(key));
}

/** null where the live value counts and is not known. */
export function withoutUs(key: SysctlKey, around: Surroundings): WithoutUs | null {
  if (!around.live) {
    const boot = bootWithoutUs(key, null, around);
    return { live: null, base: boot.kind === 'unknown' ? null : boot.value, boot };
  }
  const live = around.namespace.live(key);
  if (!live.ok) return null;
  const observed = observedWithoutUs(key, live.value, around);
  const boot = bootWithoutUs(key, observed?.value ?? null, around);
  return { live: live.value, base: baseOf(key, live.value, observed, boot), boot };
}
