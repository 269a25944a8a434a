import type { Assessment, NamespaceAssessment } from '../../assess/assessment.ts';
import type { Fact } from '../../core/fact.ts';
import type { Text } from '../../core/text.ts';
import type { KernelTraits } from '../../model/kernel-traits.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';

/** One network namespace, with what it shares with the first one. */
export type Here = {
  readonly namespace: NamespaceAssessment;
  readonly traits: KernelTraits;
  readonly cpus: number | null;
  /** The value that counts here: the first namespace's, where this one does not show the key. */
  live(key: SysctlKey): Fact<string>;
  numbers(key: SysctlKey): readonly number[] | null;
  number(key: SysctlKey): number | null;
};

/** What a change of one key would do here and what it would not, in sentences. */
export type Effects = (here: Here) => readonly Text[];

export function placeOf(namespace: NamespaceAssessment, { namespaces, traits, snapshot }: Assessment): Here {
  const live = (key: SysctlKey): Fact<string> => {
    const own = namespace.live(key);
    return !own.ok && own.why === 'absent' ? (namespaces[0]?.live(key) ?? own) : own;
  };
  const numbers = (key: SysctlKey): readonly number[] | null => {
    const fact = live(key);
    return fact.ok ? parseNumbers(fact.value) : null;
  };
  return {
    namespace,
    traits,
    cpus: snapshot.host.cpus?.ok ? snapshot.host.cpus.value : null,
    live,
    numbers,
    number: (key) => {
      const found = numbers(key);
      return found?.length === 1 ? (found[0] ?? null) : null;
    },
  };
}
