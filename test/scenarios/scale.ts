import type {
  Expectation,
  ListenerFacts,
  NamespaceFacts,
  QueueLimits,
  Scenario,
  ServiceFacts,
  WantedSetting,
} from '../fixtures/scenarios/scenario.ts';
import { allListeners, mapNamespaces } from './rename.ts';

const QUEUE_KEYS: readonly string[] = ['net.core.somaxconn', 'net.ipv4.tcp_max_syn_backlog'];

/** Where the rules stop taking a longer queue for a remedy; see rules/support/pressure.ts. */
const LONG_QUEUE = 4096;

/** Up to 4.3 the SYN queue is sized by powers of two, and does not grow with its limit. */
const SIZED_BY_POWERS = /^(?:2\.|3\.|4\.[0-3](?:\D|$))/;

function scaledListener(listener: ListenerFacts, factor: number): ListenerFacts {
  const limit = listener.limit * factor;
  return {
    ...listener,
    requested:
      listener.requested === null || isUnbounded(listener) ? listener.requested : listener.requested * factor,
    limit,
    // A full queue holds one more than its limit, whatever the limit.
    length: listener.length > listener.limit ? limit + 1 : listener.length * factor,
  };
}

/** -1, or what it is unsigned: the program asks for as much as somaxconn allows. */
function isUnbounded({ requested }: ListenerFacts): boolean {
  return requested !== null && (requested < 0 || requested > 2 ** 31 - 1);
}

function scaledSynQueue({ limit, synQueue }: QueueLimits, factor: number): QueueLimits['synQueue'] {
  const move = (number: number) => limit * factor + (number - limit);
  if (synQueue === null) return null;
  return typeof synQueue === 'number' ? move(synQueue) : [move(synQueue[0]), move(synQueue[1])];
}

function scaledSetting(setting: WantedSetting, factor: number): WantedSetting {
  return QUEUE_KEYS.includes(setting.key) && 'atLeast' in setting.value
    ? { ...setting, value: { atLeast: setting.value.atLeast * factor } }
    : setting;
}

function scaledRecord<V extends string | number>(
  record: Readonly<Record<string, V>>,
  factor: number,
): Record<string, V | string> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key,
      QUEUE_KEYS.includes(key) ? String(Number(value) * factor) : value,
    ]),
  );
}

function scaledText(text: string, factor: number): string {
  return text.replace(
    /^([ \t]*net\.(?:core\.somaxconn|ipv4\.tcp_max_syn_backlog))([ \t]*=[ \t]*)(\d+)/gm,
    (_line, key: string, equals: string, number: string) => `${key}${equals}${Number(number) * factor}`,
  );
}

function scaledExpectation(expect: Expectation, factor: number): Expectation {
  return {
    ...expect,
    queues: Object.fromEntries(
      Object.entries(expect.queues).map(([local, queue]) => [
        local,
        {
          limit: queue.limit * factor,
          capacity: queue.limit * factor + 1,
          synQueue: scaledSynQueue(queue, factor),
        },
      ]),
    ),
    ...(expect.bootValues === undefined
      ? {}
      : {
          bootValues: Object.fromEntries(
            Object.entries(scaledRecord(expect.bootValues, factor)).map(([key, value]) => [
              key,
              String(value),
            ]),
          ),
        }),
    remedy: { ...expect.remedy, set: expect.remedy.set.map((each) => scaledSetting(each, factor)) },
  };
}

function growsWithLimit({ facts, expect }: Scenario): boolean {
  return (
    !SIZED_BY_POWERS.test(facts.kernel) &&
    Object.values(expect.queues).every(
      ({ limit, synQueue }) =>
        synQueue === null || [synQueue].flat().every((each) => each - limit === 0 || each - limit === 1),
    )
  );
}

function scaledNamespace(namespace: NamespaceFacts, factor: number): NamespaceFacts {
  const { listeners, increases } = namespace;
  return {
    ...namespace,
    sysctls: scaledRecord(namespace.sysctls, factor),
    ...(listeners === undefined ? {} : { listeners: listeners.map((each) => scaledListener(each, factor)) }),
    ...(increases === undefined
      ? {}
      : {
          increases: Object.fromEntries(
            Object.entries(increases).map(([name, count]) => [name, count * factor]),
          ),
        }),
  };
}

function scaledService(service: ServiceFacts, factor: number): ServiceFacts {
  return service.requested === undefined ? service : { ...service, requested: service.requested * factor };
}

/** All queue numbers times the factor: the same thing binds. null where that is not so. */
export function scaled(scenario: Scenario, factor: number): Scenario | null {
  const { files, services = [] } = scenario.facts;
  const limits = allListeners(scenario).map(({ limit }) => limit);
  const crosses = limits.some((limit) => limit < LONG_QUEUE && limit * factor >= LONG_QUEUE);
  const hasQueues = limits.length > 0 || services.some(({ requested }) => requested !== undefined);
  if (!hasQueues || crosses || !growsWithLimit(scenario)) return null;
  const { facts } = mapNamespaces(scenario, (namespace) => scaledNamespace(namespace, factor));
  return {
    ...scenario,
    facts: {
      ...facts,
      services: services.map((each) => scaledService(each, factor)),
      ...(files === undefined
        ? {}
        : { files: files.map((file) => ({ ...file, text: scaledText(file.text, factor) })) }),
    },
    expect: scaledExpectation(scenario.expect, factor),
  };
}
