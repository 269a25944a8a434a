import { type KernelState, type SimulatedKernel, simulatedKernel } from '../resolve/kernel.ts';
import type { OtherWriter } from '../snapshot/other-writer.ts';
import { membersOf, sameSetting } from '../sysctl/catalogue.ts';
import { parseNumbers } from '../sysctl/codec.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { names } from './writer-keys.ts';
import { isOrdered } from './writer-order.ts';

/** What a key ends up as, and who has the last word on it. */
export type Ending = {
  /** As the kernel shows it. */
  readonly value: string;
  readonly by: OtherWriter;
  /** The key whose write changes this one along with its own; null where it is written by its own name. */
  readonly through: SysctlKey | null;
};

/** What all that are certain come to. */
export type Outcome = {
  /** null where the key stays as the loader leaves it, and where nobody can tell. */
  readonly ending: Ending | null;
  /**
   * Those that set the key to different values, and of whom nothing says which one comes last; and one alone where
   * nobody knows what the kernel makes of its value.
   */
  readonly rivals: readonly OtherWriter[];
  /** Whose value the kernel will not take, or not whole. */
  readonly refused: readonly OtherWriter[];
};

/** The kernel as the loader leaves it, and as nobody has written to it yet. */
export type AfterLoader = { readonly kernel: KernelState; readonly fresh: KernelState };

type Certain = OtherWriter & { readonly value: string };

function isEarly({ when }: OtherWriter): boolean {
  return when === 'before-loader';
}

/** Whether it has come once the host is up, and sets a value that is known: what comes some time later may have. */
export function isCertain(writer: OtherWriter): writer is Certain {
  const { sure, value, when } = writer;
  return sure && value !== undefined && when !== 'at-login' && when !== 'at-times';
}

/** Whether it only raises, or only lowers, and the value is as it wants it; that of a value nobody knows, too. */
function isContent({ relation, value }: Certain, key: SysctlKey, standing: string | null): boolean {
  if (relation === 'exactly') return false;
  const bounds = parseNumbers(value, membersOf(key)) ?? [];
  const numbers = standing === null ? [] : (parseNumbers(standing, membersOf(key)) ?? []);
  return numbers.every((each, index) => {
    const bound = bounds[index] ?? each;
    return relation === 'at-least' ? each >= bound : each <= bound;
  });
}

function isChange(key: SysctlKey, before: string | null, after: string | null): boolean {
  if (before === null || after === null) return before !== after;
  return !sameSetting(key, before, after);
}

/** Whether the kernel took the write, where there was one. */
function write(writer: Certain, key: SysctlKey, kernel: SimulatedKernel): boolean {
  const target = names(writer, key) ? key : writer.key;
  const path = swapSeparators(target);
  return isContent(writer, target, kernel.value(path)) || kernel.write(path, writer.value).kind === 'stored';
}

/** `last`: whose write gave the key its value; null where none changed it. */
type Standing = {
  readonly value: string | null;
  readonly last: Certain | null;
  readonly refused: readonly Certain[];
};

/** What those leave that come before any loader. */
export function startedKernel(writers: readonly OtherWriter[], fresh: KernelState): KernelState {
  const certain = writers.filter(isCertain);
  if (certain.length === 0) return fresh;
  const kernel = simulatedKernel(fresh);
  for (const each of certain) write(each, each.key, kernel);
  return kernel.state;
}

/** One after the other. */
function runAll(key: SysctlKey, writers: readonly Certain[], before: KernelState): Standing {
  const kernel = simulatedKernel(before);
  const path = swapSeparators(key);
  const refused: Certain[] = [];
  let last: Certain | null = null;
  for (const writer of writers) {
    const standing = kernel.value(path);
    if (!write(writer, key, kernel)) refused.push(writer);
    if (isChange(key, standing, kernel.value(path))) last = writer;
  }
  return { value: kernel.value(path), last, refused };
}

export const NOBODY: Outcome = { ending: null, rivals: [], refused: [] };

function takes(kernel: KernelState, key: SysctlKey, boot: string | null): KernelState {
  const path = swapSeparators(key);
  return boot === null
    ? kernel
    : { ...kernel, initial: (other) => (other === path ? boot : kernel.initial(other)) };
}

/**
 * What all that are certain leave behind, each write taken as the kernel takes it.
 * @param boot what the loader leaves the key at; null where it sets nothing
 * @param writers those that touch the key, in the order in which they come
 */
export function outcomeOf(
  key: SysctlKey,
  boot: string | null,
  writers: readonly OtherWriter[],
  { kernel, fresh }: AfterLoader,
): Outcome {
  const all = writers.filter(isCertain);
  // The loader has met what they leave: they have the last word only where nobody changes it any more.
  const started = runAll(key, boot === null ? all.filter(isEarly) : [], fresh);
  const certain = all.filter((each) => !isEarly(each));
  const before = takes(kernel, key, boot);
  const later = runAll(key, certain, before);
  const refused = [...started.refused, ...later.refused];
  const { value, last } = later.last === null ? started : later;
  if (last === null) return { ...NOBODY, refused };
  // Whoever would change it and may come behind: it stands for certain only where there is none.
  const rivals = certain.filter((each) => {
    if (each === last || isOrdered(each, last)) return false;
    const others = certain.filter((other) => other !== each);
    return isChange(key, value, runAll(key, [...others, each], before).value);
  });
  if (value === null || rivals.length > 0) return { ending: null, rivals: [...rivals, last], refused };
  const isLeft = boot !== null && sameSetting(key, value, boot);
  const through = names(last, key) ? null : last.key;
  return { ending: isLeft ? null : { value, by: last, through }, rivals: [], refused };
}
