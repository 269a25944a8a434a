import type { BootResolution, CounterDelta, ListenerAssessment } from '../assess/assessment.ts';
import type { Writers } from '../assess/writers.ts';
import type { Figure } from '../core/figure.ts';
import type { Text } from '../core/text.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import type { LoaderTraits } from '../resolve/loader-traits.ts';
import type { Environment } from '../snapshot/host.ts';
import type { Service } from '../snapshot/service.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { Remedy } from './remedy.ts';

/** `info` is worth knowing and asks for nothing: an info finding has no remedies. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Counted on this kernel; worked out from what was read; or resting on something that was not seen. */
export type Confidence = 'measured' | 'inferred' | 'assumed';

/**
 * The facts that a rule can declare. A required one that is missing makes the outcome `unknown`; an optional one
 * is null then. A rule sees nothing that it has not declared.
 */
export type RuleFacts = {
  readonly listeners: readonly ListenerAssessment[];
  readonly resolution: BootResolution;
  /** Who sets sysctls besides the loader. */
  readonly writers: Writers;
  /** The files that were resolved, with their text. */
  readonly sysctlFiles: readonly SysctlFile[];
  /** How the loader of this host reads them; missing where it was only assumed. */
  readonly loader: LoaderTraits;
  /** What masks the service that applies the sysctl files at boot; null where nothing does. */
  readonly loaderMask: string | null;
  /** Two samples of the counters. */
  readonly rates: { delta(counter: string): CounterDelta | null };
  /** At least one sample: since boot. */
  readonly counters: { counter(name: string): number | null };
  /** Every sysctl that was read, for rules that are about many keys. */
  readonly sysctls: {
    keys(): readonly SysctlKey[];
    raw(key: SysctlKey): string | null;
    numbers(key: SysctlKey): readonly number[] | null;
    /** Known not to be there, which is more than not known. */
    isAbsent(key: SysctlKey): boolean;
  };
  readonly defaults: { kernelDefault(key: SysctlKey): readonly Figure[] | null };
  readonly memoryBytes: number;
  readonly ticksPerSecond: number;
  readonly pageBytes: number;
  /** Services that matter although they may have no listener now. */
  readonly services: readonly Service[];
};

/** `sysctl:KEY` is the live value of an integer key. */
export type Need = keyof RuleFacts | `sysctl:${SysctlKey}`;

type FactOf<N extends Need> = N extends keyof RuleFacts ? RuleFacts[N] : number;

/** What every rule gets: where it is and on which kernel. */
export type Surroundings = {
  readonly netns: string;
  readonly environment: Environment;
  /** The sysctl files decide this namespace's values at boot. They reach no container and no later namespace. */
  readonly filesApply: boolean;
  /** Where our drop-in stands, or would. */
  readonly ownDropIn: string;
  /** Whether a key is the whole host's and cannot be written here. */
  isHostWide(key: SysctlKey): boolean;
  readonly traits: KernelTraits;
};

type Facts<Required extends Need, Optional extends Need> = Surroundings & {
  readonly [N in Required]: FactOf<N>;
} & { readonly [N in Exclude<Optional, Required>]: FactOf<N> | null };

export type Subject = {
  /** Id of a listener, a key, or `file:line`. */
  readonly id: string;
  readonly label: Text;
  /** Of a listener, so that a message can name a server once for all its sockets. */
  readonly listener?: { readonly who: string; readonly on: string };
};

export type Evidence = {
  /** What was measured, in a few words: `accept queue of 0.0.0.0:80`. */
  readonly name: Text;
  readonly measured: Text;
  readonly expected: Text | null;
};

/** Arguments of a message: JSON-safe, and equal for all reports of one cause. */
export type MessageArgs = Readonly<Record<string, string | number | boolean | null>>;

/** The reports' messages by id; the subjects are those that the engine grouped. */
export type Messages = Readonly<Record<string, (args: never, subjects: readonly Subject[]) => Text>>;

type ArgsOf<M extends Messages, Id extends keyof M> = Parameters<M[Id]>[0];

/** One problem of one subject. Reports of one rule, message and cause become one finding. */
export type Report<M extends Messages = Messages> = {
  readonly [Id in keyof M & string]: {
    readonly messageId: Id;
    readonly args: ArgsOf<M, Id> & MessageArgs;
    readonly subject: Subject;
    /** What the reports that belong together share; an empty string for all of them. */
    readonly cause: string;
    readonly severity: Severity;
    readonly confidence: Confidence;
    readonly evidence: readonly Evidence[];
    readonly remedies: readonly Remedy[];
  };
}[keyof M & string];

export type Outcome<M extends Messages = Messages> =
  | { readonly kind: 'pass' }
  | { readonly kind: 'notApplicable'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'fail'; readonly reports: readonly Report<M>[] };

/**
 * One problem, judged in one network namespace. A pure function of the facts that it declares: no reading, no
 * output. The page docs/rules/ID.md says the same for a person.
 */
export type Rule<
  M extends Messages = Messages,
  Required extends Need = Need,
  Optional extends Need = Need,
> = {
  /** `area/subject-condition`, named by the problem. */
  readonly id: string;
  /** One sentence: the problem. */
  readonly title: string;
  /** One sentence: why it matters. */
  readonly why: string;
  /** A man page, a file under the kernel's Documentation/, or a commit. */
  readonly references: readonly string[];
  readonly requires: readonly Required[];
  readonly uses: readonly Optional[];
  readonly messages: M;
  check(facts: Facts<Required, Optional>): Outcome<M>;
};

/** What the engine and the registry handle: the types of messages and facts are the rule's own affair. */
export type AnyRule = Omit<Rule, 'check' | 'messages'> & {
  readonly messages: Readonly<Record<string, (args: MessageArgs, subjects: readonly Subject[]) => Text>>;
  check(facts: NamespaceFacts): Outcome;
};

export type NamespaceFacts = Surroundings & { readonly [N in Need]?: unknown };

/** Checks a rule's types where it is written and forgets them for the registry. */
export function defineRule<
  M extends Messages,
  const Required extends Need = never,
  const Optional extends Need = never,
>(rule: Rule<M, Required, Optional>): AnyRule {
  // The engine hands over exactly the declared facts and the reports' own args, so the erased types hold.
  return rule as unknown as AnyRule;
}
