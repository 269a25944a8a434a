import type {
  ExpectedRemedy,
  ListenerFacts,
  NamespaceFacts,
  Prohibition,
  Scenario,
  Sign,
} from '../fixtures/scenarios/scenario.ts';

/** What a scenario calls its listeners and programs, replaced in the facts and in the expectations alike. */
export type Renaming = {
  local(listener: Pick<ListenerFacts, 'protocol' | 'local'>): string;
  /** Only programs that the snapshot does not recognise as a server: the others are named by their server. */
  process(name: string): string;
};

function renamedSign(sign: Sign, local: (old: string) => string): Sign {
  return 'local' in sign ? { ...sign, local: local(sign.local) } : sign;
}

function renamedProhibition(
  prohibition: Prohibition,
  local: (old: string) => string,
  process: (old: string) => string,
): Prohibition {
  if ('local' in prohibition) return { ...prohibition, local: local(prohibition.local) };
  return 'process' in prohibition ? { ...prohibition, process: process(prohibition.process) } : prohibition;
}

function renamedRemedy(remedy: ExpectedRemedy, process: (old: string) => string): ExpectedRemedy {
  return remedy.relisten === undefined ? remedy : { ...remedy, relisten: remedy.relisten.map(process) };
}

export function allListeners(scenario: Scenario): readonly ListenerFacts[] {
  return scenario.facts.namespaces.flatMap(({ listeners = [] }) => listeners);
}

export function mapNamespaces(
  scenario: Scenario,
  change: (namespace: NamespaceFacts, index: number) => NamespaceFacts,
): Scenario {
  const [first, ...others] = scenario.facts.namespaces;
  const namespaces = [change(first, 0), ...others.map((each, index) => change(each, index + 1))] as const;
  return { ...scenario, facts: { ...scenario.facts, namespaces } };
}

export function mapListeners(
  scenario: Scenario,
  change: (listener: ListenerFacts) => ListenerFacts,
): Scenario {
  return mapNamespaces(scenario, (namespace) =>
    namespace.listeners === undefined
      ? namespace
      : { ...namespace, listeners: namespace.listeners.map(change) },
  );
}

export function renamed(scenario: Scenario, renaming: Renaming): Scenario {
  const locals = new Map(allListeners(scenario).map((each) => [each.local, renaming.local(each)]));
  const servers = new Set(allListeners(scenario).flatMap(({ server }) => server ?? []));
  const services = new Set((scenario.facts.services ?? []).map(({ name }) => name));
  const local = (old: string) => locals.get(old) ?? old;
  const process = (old: string) => (servers.has(old) || services.has(old) ? old : renaming.process(old));
  const { expect } = scenario;
  const facts = mapListeners(scenario, (each) => ({
    ...each,
    local: local(each.local),
    process: each.process === null ? null : renaming.process(each.process),
  })).facts;
  return {
    ...scenario,
    facts,
    expect: {
      ...expect,
      queues: Object.fromEntries(Object.entries(expect.queues).map(([old, queue]) => [local(old), queue])),
      diagnosis: expect.diagnosis.map((sign) => renamedSign(sign, local)),
      remedy: renamedRemedy(expect.remedy, process),
      mustNot: expect.mustNot.map((each) => renamedProhibition(each, local, process)),
    },
  };
}
