import type { Figure } from '../../core/figure.ts';
import type { Text } from '../../core/text.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Requirement } from '../../sysctl/requirement.ts';
import type { RuleFacts, Severity, Surroundings } from '../rule.ts';

type Optional = 'resolution' | 'writers' | 'listeners' | 'rates' | 'memoryBytes' | 'pageBytes';

/** What every row may look at; null where it is not known. */
export type AdviceFacts = Surroundings &
  Pick<RuleFacts, 'sysctls' | 'defaults'> & { readonly [N in Optional]: RuleFacts[N] | null };

/** A value that the kernel takes, in a file or in force. */
export type Setting = {
  readonly key: SysctlKey;
  readonly numbers: readonly [number, ...number[]];
  /** The line that sets it; null for the live value. */
  readonly at: FileLine | null;
};

/** What else holds at the same moment: after the next boot for a line, now for a live value. */
export type View = {
  readonly facts: AdviceFacts;
  /** null where it is not known, nor what this kernel sets by itself. */
  rawOf(key: SysctlKey): string | null;
  numbersOf(key: SysctlKey): readonly number[] | null;
  /** This kernel's own value. */
  own(key: SysctlKey): readonly Figure[] | null;
};

type Asked = Omit<Requirement, 'netns'>;

/** What is wrong with a setting. */
export type Verdict = {
  readonly kind: 'bad';
  readonly severity: Severity;
  /** Ends the sentence that names the setting: the consequence, with its number. */
  readonly says: string;
  /** What a good value would be, for the evidence; the kernel's own where left out. */
  readonly expected?: Text;
  /** What mends a live value; left out where only a person can tell. */
  readonly require?: Asked;
  /** What to do about it by hand, without a full stop: of a line, and of a live value that nothing else mends. */
  readonly byHand?: Text;
  /** Whose own setting decides the key instead of the files. */
  readonly manager?: { readonly name: string; readonly instruction: Text };
};

export type Judgement = Verdict | { readonly kind: 'unknown'; readonly why: string } | null;

/** A piece of advice that circulates, as it shows in a setting. */
export type AdviceRow = {
  /** The rule is `advice/ID`, named by the problem. */
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly references: readonly string[];
  readonly keys: readonly SysctlKey[];
  /**
   * Who speaks of a bad live value: this row, another rule (the row then speaks of lines that are not in force yet),
   * or nobody, where a value without a line is the kernel's own.
   */
  readonly live: 'here' | 'another-rule' | 'nobody';
  judge(setting: Setting, view: View): Judgement;
};

export function bad(severity: Severity, says: string, more: Partial<Verdict> = {}): Verdict {
  return { kind: 'bad', severity, says, ...more };
}

/** The programs that listen here, by the names of their processes. */
export function programs({ listeners }: AdviceFacts): readonly string[] {
  return (listeners ?? []).flatMap(({ listener }) => (listener.processes ?? []).map((each) => each.name));
}
