import type { ListenerAssessment, NamespaceAssessment } from '../assess/assessment.ts';
import { named } from '../plan/manual.ts';
import type { Manual } from '../plan/plan.ts';
import { arrivingInStall } from '../profile/auto.ts';
import { STATED_LOAD } from '../profile/stated-load.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { SourcedRequirement } from '../sysctl/requirement.ts';

const SOMAXCONN = 'net.core.somaxconn';

/** `ask` ends in what the program has to ask for. */
type Wanted = { readonly backlog: number; readonly instruction: (requested: number, ask: string) => string };

/** Those of one program with one request in one place of its configuration. */
type Short = {
  readonly requested: number;
  readonly first: ListenerAssessment;
  readonly labels: readonly string[];
};

function wantedByLoad(arriving: number): Wanted {
  return {
    backlog: arriving,
    instruction: (requested, ask) =>
      `it asks for a backlog of ${requested}, and if the stated load is its own it needs ${arriving}: ${ask}`,
  };
}

/** What a profile makes room for, where nobody says how much of it is needed. */
function wantedByProfiles(requirements: readonly SourcedRequirement[]): Wanted | null {
  const [most] = requirements
    .flatMap(({ key, relation, value, by }) =>
      key === SOMAXCONN && relation !== 'at-most' && by.kind === 'profile' && by.name !== STATED_LOAD
        ? [{ profile: by.name, backlog: Number(value) }]
        : [],
    )
    .sort((a, b) => b.backlog - a.backlog);
  if (most === undefined) return null;
  const { profile, backlog } = most;
  return {
    backlog,
    instruction: (requested, ask) =>
      `it asks for a backlog of ${requested}, so of the ${backlog} that profile ${profile} allows its queue gets no more than that; where it has to hold a burst, ${ask}. How long a queue it needs, --connections-per-second with --longest-stall tells`,
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

function shortOf({ listeners }: NamespaceAssessment, wanted: number): readonly ListenerAssessment[] {
  return listeners.filter(
    ({ listener, backlog: { requested, followsSomaxconn } }) =>
      listener.protocol === 'tcp' && requested !== null && !followsSomaxconn && requested < wanted,
  );
}

/** Where no setting exists only the load says that one is missed, and a burst from outside does not meet loopback. */
function canServeBursts({ listener, server }: ListenerAssessment): boolean {
  return server?.config.configurable === true && listener.protocol === 'tcp' && !isLoopback(listener.address);
}

function grouped(listeners: readonly ListenerAssessment[]): readonly Short[] {
  const groups = new Map<string, Short>();
  for (const each of listeners) {
    const { requested, at } = each.backlog;
    if (requested === null) continue;
    const id = JSON.stringify([each.who, requested, at]);
    const known = groups.get(id) ?? { requested, first: each, labels: [] };
    groups.set(id, { ...known, labels: [...known.labels, each.label] });
  }
  return [...groups.values()];
}

function manualOf({ requested, first, labels }: Short, { backlog, instruction }: Wanted): Manual {
  const { at } = first.backlog;
  const directive = first.server?.config.directive ?? null;
  const ask = `have it ask for ${backlog}${directive === null ? '' : `, through ${directive}`}`;
  return {
    kind: 'edit-config',
    subject: `${first.who} on ${named(labels)}`,
    instruction: instruction(requested, ask),
    command: null,
    unit: first.listener.unit ?? null,
    disruptive: false,
    after: false,
    ...(at === null ? {} : { at: { ...at } }),
  };
}

/**
 * somaxconn is only a cap: a listener queues no more than its program asks for. So whoever states a load, or raises
 * somaxconn by a profile, hears which programs ask for less.
 */
export function shortBacklogs(
  namespace: NamespaceAssessment | undefined,
  workload: Workload,
  requirements: readonly SourcedRequirement[],
): readonly Manual[] {
  if (namespace === undefined) return [];
  const arriving = arrivingInStall(workload);
  if (arriving !== null) {
    const wanted = wantedByLoad(arriving);
    return grouped(shortOf(namespace, arriving)).map((short) => manualOf(short, wanted));
  }
  const wanted = wantedByProfiles(requirements);
  if (wanted === null) return [];
  return grouped(shortOf(namespace, wanted.backlog).filter(canServeBursts)).map((short) =>
    manualOf(short, wanted),
  );
}
