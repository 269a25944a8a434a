import type { BootResolution } from '../../assess/assessment.ts';
import type { KeyValue } from '../../assess/key-value.ts';
import { type Text, text, value as valueSpan } from '../../core/text.ts';
import type { KernelTraits } from '../../model/kernel-traits.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import { membersOf } from '../../sysctl/catalogue.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Surroundings } from '../rule.ts';
import { largestValue } from './settings.ts';

/** Keys of several numbers that belong in order. */
export const VECTORS: readonly SysctlKey[] = [
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.ipv4.tcp_mem',
  'net.ipv4.udp_mem',
  'net.ipv4.ip_local_port_range',
];

/** What is wrong with the text of a vector. */
export type VectorProblem = 'no-number' | 'length' | 'too-large' | 'order';

export function vectorProblem(sysctl: SysctlKey, raw: string, traits: KernelTraits): VectorProblem | null {
  // Behind the last number the kernel looks at nothing: words there are for sysctl-file/line-misread.
  const numbers = parseNumbers(raw) ?? parseNumbers(raw, membersOf(sysctl));
  if (numbers === null) return 'no-number';
  // A bounded key refuses the write after it has taken the members before.
  const max = largestValue(sysctl, traits);
  if (numbers.some((each) => each > max)) return 'too-large';
  if (numbers.length !== membersOf(sysctl)) return 'length';
  return numbers.some((each, index) => each < (numbers[index - 1] ?? each)) ? 'order' : null;
}

export function problemText(sysctl: SysctlKey, problem: VectorProblem, traits: KernelTraits): Text {
  switch (problem) {
    case 'no-number':
      return text`holds something that is no number`;
    case 'length':
      return text`does not hold ${valueSpan(membersOf(sysctl))} numbers; the kernel keeps the old rest`;
    case 'too-large':
      return text`goes above ${valueSpan(largestValue(sysctl, traits))}, which the kernel refuses after taking the numbers before it`;
    case 'order':
      return text`does not rise from number to number, which the kernel does not check`;
  }
}

export type BadLine = FileLine & { readonly value: string; readonly problem: VectorProblem };

/** Malformed lines that the loader tries to write at boot. */
export function badLines(sysctl: SysctlKey, boot: KeyValue, traits: KernelTraits): readonly BadLine[] {
  const tried = [
    ...(boot.kind === 'set' && boot.through === null ? [boot.from] : []),
    ...boot.shadowed.filter(({ reason }) => reason === 'refused-value'),
  ];
  return tried.flatMap(({ file, line, value }): readonly BadLine[] => {
    const problem = vectorProblem(sysctl, value, traits);
    return problem === null ? [] : [{ file, line, value, problem }];
  });
}

/**
 * Whether the live value is what a refused or short line left behind: its first numbers are the line's, the rest
 * is older. proc_dointvec stores each number as it reads it.
 */
export function isWrittenByHalf(
  sysctl: SysctlKey,
  live: readonly number[],
  { value }: BadLine,
  traits: KernelTraits,
): boolean {
  const numbers = parseNumbers(value) ?? [];
  const max = largestValue(sysctl, traits);
  const refused = numbers.findIndex((each) => each > max);
  const taken = refused < 0 ? numbers.slice(0, membersOf(sysctl)) : numbers.slice(0, refused);
  return taken.length > 0 && taken.length < live.length && taken.every((each, index) => each === live[index]);
}

type Facts = Pick<Surroundings, 'traits' | 'filesApply'> & { readonly resolution: BootResolution | null };

/** Numbers out of order, and the mixture that a refused line left behind, are the affair of sysctl/vector-malformed. */
export function isMalformed(
  sysctl: SysctlKey,
  raw: string,
  { resolution, traits, filesApply }: Facts,
): boolean {
  if (!VECTORS.includes(sysctl)) return false;
  if (vectorProblem(sysctl, raw, traits) !== null) return true;
  if (resolution === null || !filesApply) return false;
  const live = parseNumbers(raw) ?? [];
  const lines = badLines(sysctl, resolution.bootValue(sysctl), traits);
  return lines.some((bad) => isWrittenByHalf(sysctl, live, bad, traits));
}
