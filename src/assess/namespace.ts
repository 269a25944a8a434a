import { type Fact, unknown, valueOr } from '../core/fact.ts';
import type { Figure } from '../core/figure.ts';
import { type DefaultContext, kernelDefault } from '../model/defaults.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import type { Host } from '../snapshot/host.ts';
import type { Namespace, Sample } from '../snapshot/namespace.ts';
import { catalogueEntry } from '../sysctl/catalogue.ts';
import { parseNumbers } from '../sysctl/codec.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { CounterDelta, NamespaceAssessment } from './assessment.ts';
import { lazy, memoized } from './lazy.ts';
import { assessListeners } from './listeners.ts';

export type Surroundings = {
  readonly traits: KernelTraits;
  readonly host: Host;
  /** The snapshot's first namespace, which is the host's own unless the snapshot was taken in a container. */
  readonly initial: Namespace;
};

export function assessNamespace(namespace: Namespace, around: Surroundings): NamespaceAssessment {
  // What the host is says nothing of a namespace that somebody made on it.
  const own = namespace === around.initial ? (around.host.environment ?? 'host') : 'container';
  const environment = namespace.environment ?? own;
  const numbers = memoized((key: SysctlKey) => liveNumbers(namespace, key));
  const samples = namespace.samples ?? [];
  const listeners = lazy(() =>
    assessListeners(namespace, {
      traits: around.traits,
      environment,
      somaxconn: single(numbers('net.core.somaxconn')),
      maxSynBacklog: single(sharedNumbers(namespace, around.initial, 'net.ipv4.tcp_max_syn_backlog')),
      syncookies: syncookiesOf(namespace, around.initial, environment === 'container'),
    }),
  );
  const context = lazy(() => defaultContext(around, single(numbers('net.ipv4.tcp_ehash_entries'))));
  const defaults = memoized((key: SysctlKey) => defaultOf(key, context()));
  return {
    namespace,
    environment,
    isHostWide: (key) => isChild(namespace) && isGlobal(key, around),
    get listeners() {
      return listeners();
    },
    live: (key) => liveValue(namespace, key),
    numbers,
    number: (key) => single(numbers(key)),
    counter: (name) => counterIn(samples.at(-1), name),
    delta: (name) => deltaOf(samples, name),
    kernelDefault: defaults,
  };
}

function liveNumbers(namespace: Namespace, key: SysctlKey): readonly number[] | null {
  const live = liveValue(namespace, key);
  return live.ok ? parseNumbers(live.value) : null;
}

/** Own keys only: a snapshot may be asked for a key called `constructor`. */
function liveValue({ sysctls }: Namespace, key: SysctlKey): Fact<string> {
  return (Object.hasOwn(sysctls, key) ? sysctls[key] : undefined) ?? unknown('not-collected');
}

/** Registered for the first network namespace alone (net_core_table in net/core/sysctl_net_core.c). */
const ONLY_IN_FIRST = 'net.core.netdev_max_backlog';

function isChild(namespace: Namespace): boolean {
  return isAbsent(namespace, ONLY_IN_FIRST) && liveValue(namespace, 'net.core.somaxconn').ok;
}

function isGlobal(key: SysctlKey, { traits }: Surroundings): boolean {
  const scopes = traits.current(catalogueEntry(key)?.scope ?? []);
  return scopes.length > 0 && scopes.every((scope) => scope !== 'network-namespace');
}

function isAbsent(namespace: Namespace, key: SysctlKey): boolean {
  const live = liveValue(namespace, key);
  return !live.ok && live.why === 'absent';
}

function single(numbers: readonly number[] | null): number | null {
  return numbers?.length === 1 ? (numbers[0] ?? null) : null;
}

/** A key that a child namespace does not show is one that it shares with the initial one. */
function sharedNumbers(namespace: Namespace, initial: Namespace, key: SysctlKey): readonly number[] | null {
  return liveNumbers(isAbsent(namespace, key) ? initial : namespace, key);
}

/** A kernel that was built without SYN cookies has no key for them, and drops. */
function syncookiesOf(namespace: Namespace, initial: Namespace, inContainer: boolean): number | null {
  const key = 'net.ipv4.tcp_syncookies';
  const number = single(sharedNumbers(namespace, initial, key));
  if (number !== null) return number;
  // Where that is absent too, which every kernel has, the whole of /proc/sys/net is hidden.
  const isHidden = isAbsent(initial, 'net.core.somaxconn');
  return isAbsent(initial, key) && !isHidden && !inContainer ? 0 : null;
}

function defaultContext({ traits, host }: Surroundings, ehashEntries: number | null): DefaultContext {
  return {
    traits,
    ehashEntries,
    memoryBytes: valueOr(host.memoryBytes, null),
    pageBytes: valueOr(host.pageBytes, null),
  };
}

function defaultOf(key: SysctlKey, context: DefaultContext): readonly Figure[] | null {
  const entry = catalogueEntry(key);
  if (entry === undefined || context.traits.has(entry) === 'no') return null;
  return kernelDefault(entry, context);
}

function counterIn(sample: Sample | undefined, name: string): number | null {
  return sample !== undefined && Object.hasOwn(sample.counters, name)
    ? (sample.counters[name] ?? null)
    : null;
}

/** null where a sample lacks the counter, no time passed, or it fell: then it was reset, and nothing can be said. */
function deltaOf(samples: readonly Sample[], name: string): CounterDelta | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  let before = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    const count = counterIn(sample, name);
    if (count === null || count < before) return null;
    before = count;
  }
  const increase = before - (counterIn(first, name) ?? before);
  return { seconds: last.at - first.at, increase };
}
