import type { Assessment, NamespaceAssessment } from '../assess/assessment.ts';
import { type Fact, type UnknownWhy, unknown, valueOr } from '../core/fact.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { AnyRule, NamespaceFacts, Need, RuleFacts, Surroundings } from './rule.ts';

/** A fact, or in words why there is none. */
type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

type Where = { readonly assessment: Assessment; readonly namespace: NamespaceAssessment };

const WORDS: Readonly<Record<UnknownWhy, string>> = {
  absent: 'does not exist here',
  denied: 'was not readable: denied',
  malformed: 'was not readable: not in the form that was expected',
  'timed-out': 'was not readable: timed out',
  'not-collected': 'was not collected',
};

function found<T>(value: T): Found<T> {
  return { ok: true, value };
}

function missing(why: string): Found<never> {
  return { ok: false, why };
}

function fromFact<T>(what: string, fact: Fact<T> | undefined): Found<T> {
  const read = fact ?? unknown('not-collected');
  return read.ok ? found(read.value) : missing(`${what} ${WORDS[read.why]}`);
}

/** The namespace that the host, or the container around us, started with: files and services are about it. */
function isInitial({ assessment, namespace }: Where): boolean {
  const { namespaces } = assessment;
  const first = namespaces.find(({ environment }) => environment === 'host') ?? namespaces[0];
  return namespace === first && namespace.namespace.initial !== false;
}

function samples({ namespace }: Where, atLeast: number): boolean {
  return (namespace.namespace.samples?.length ?? 0) >= atLeast;
}

function liveNumber(namespace: NamespaceAssessment, key: SysctlKey): Found<number> {
  const raw = fromFact(key, namespace.live(key));
  if (!raw.ok) return raw;
  const number = namespace.number(key);
  return number === null ? missing(`${key} is not a number`) : found(number);
}

/** Where all of /proc/sys/net is hidden, nothing tells what this kernel lacks. */
function isAbsent(namespace: NamespaceAssessment, key: SysctlKey): boolean {
  const live = namespace.live(key);
  return !live.ok && live.why === 'absent' && namespace.live('net.core.somaxconn').ok;
}

/** Each fact that a rule can declare, by name. */
const READERS: { readonly [N in keyof RuleFacts]: (where: Where) => Found<RuleFacts[N]> } = {
  listeners: ({ namespace }) =>
    namespace.namespace.listeners === undefined
      ? missing('the listeners were not collected')
      : found(namespace.listeners),
  resolution: ({ assessment: { resolution } }) =>
    resolution === null ? missing('the sysctl files were not collected') : found(resolution),
  writers: ({ assessment }) => found(assessment.writers),
  sysctlFiles: ({ assessment: { snapshot } }) =>
    snapshot.sysctlFiles === undefined
      ? missing('the sysctl files were not collected')
      : found(snapshot.sysctlFiles),
  loader: ({ assessment: { loader } }) =>
    loader === null ? missing('nobody knows which program reads the sysctl files') : found(loader),
  loaderMask: ({ assessment: { loaderMask } }) => found(loaderMask),
  rates: (where) =>
    samples(where, 2)
      ? found({ delta: (counter) => where.namespace.delta(counter) })
      : missing('a rate needs two samples of the counters (--sample 10s)'),
  counters: (where) =>
    samples(where, 1)
      ? found({ counter: (name) => where.namespace.counter(name) })
      : missing('the counters were not collected'),
  sysctls: ({ namespace }) =>
    found({
      keys: () => Object.keys(namespace.namespace.sysctls).filter((key) => namespace.live(key).ok),
      raw: (key) => valueOr(namespace.live(key), null),
      numbers: (key) => namespace.numbers(key),
      isAbsent: (key) => isAbsent(namespace, key),
    }),
  defaults: ({ namespace }) => found({ kernelDefault: (key) => namespace.kernelDefault(key) }),
  memoryBytes: ({ assessment }) => fromFact('the size of the memory', assessment.snapshot.host.memoryBytes),
  ticksPerSecond: ({ assessment }) =>
    fromFact('the clock of the kernel', assessment.snapshot.host.ticksPerSecond),
  pageBytes: ({ assessment }) => fromFact('the size of a page', assessment.snapshot.host.pageBytes),
  services: (where) => {
    const { services } = where.assessment.snapshot;
    if (services === undefined) return missing('the services were not collected');
    return found(isInitial(where) ? services : []);
  },
};

function isNamed(need: Need): need is keyof RuleFacts {
  return Object.hasOwn(READERS, need);
}

function read(need: Need, where: Where): Found<unknown> {
  return isNamed(need) ? READERS[need](where) : liveNumber(where.namespace, need.slice('sysctl:'.length));
}

function surroundings(where: Where): Surroundings {
  const { namespace, assessment } = where;
  return {
    netns: namespace.namespace.id,
    environment: namespace.environment,
    filesApply: namespace.environment === 'host' && isInitial(where),
    ownDropIn: assessment.ownDropIn,
    isHostWide: namespace.isHostWide,
    traits: assessment.traits,
  };
}

/** Exactly the facts that the rule declares; `why` names the first required one that is missing. */
export function assembleFacts(
  { requires, uses }: Pick<AnyRule, 'requires' | 'uses'>,
  assessment: Assessment,
  namespace: NamespaceAssessment,
): Found<NamespaceFacts> {
  const where = { assessment, namespace };
  const required = requires.map((need) => [need, read(need, where)] as const);
  for (const [, fact] of required) if (!fact.ok) return fact;
  const optional = uses.map((need) => [need, read(need, where)] as const);
  const given = [...optional, ...required].map(([need, fact]) => [need, fact.ok ? fact.value : null]);
  return found({ ...surroundings(where), ...Object.fromEntries(given) });
}
