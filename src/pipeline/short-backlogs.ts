import type { ListenerAssessment, NamespaceAssessment } from '../assess/assessment.ts';
import { named } from '../plan/manual.ts';
import type { Manual } from '../plan/plan.ts';
import { arrivingInStall } from '../profile/auto.ts';
import type { ResolvedProfile } from '../profile/profile.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { SourcedRequirement } from '../sysctl/requirement.ts';

const SOMAXCONN = 'net.core.somaxconn';

type Wanted = {
  /** Whoever asks for less is named. */
  readonly enough: number;
  /** @param setting which setting of the program it is, to be appended: `, through backlog=` */
  readonly instruction: (requested: number, setting: string) => string;
};

/** Those of one program with one request in one place of its configuration. */
type Short = {
  readonly requested: number;
  readonly first: ListenerAssessment;
  readonly labels: readonly string[];
};

function wantedByLoad(arriving: number): Wanted {
  return {
    enough: arriving,
    instruction: (requested, setting) =>
      `it asks for a backlog of ${requested}, and if the stated load is its own it needs ${arriving}: have it ask for that${setting}`,
  };
}

/**
 * What the kernel itself allows since 5.4: whoever asks for as much is meant to hold bursts, and how long ones only the
 * load tells.
 */
const LONG_QUEUE = 4096;

/** For what profiles make room by a number of their own: `auto` only follows what the listeners ask for. */
function roomInProfiles(
  profiles: readonly ResolvedProfile[],
  requirements: readonly SourcedRequirement[],
): number {
  const required = new Set(
    requirements.flatMap(({ key, by, value }) => (key === SOMAXCONN ? [`${by.name} ${value}`] : [])),
  );
  const numbers = profiles.flatMap(({ settings }) =>
    settings.flatMap(({ key, relation, value, profile }): readonly number[] => {
      if (key !== SOMAXCONN || relation === 'at-most' || value.kind !== 'amounts') return [];
      const [amount] = value.amounts;
      return amount?.kind === 'number' && required.has(`${profile} ${amount.number}`) ? [amount.number] : [];
    }),
  );
  return Math.max(0, ...numbers);
}

/** Nobody says here how much of the room is needed. */
function wantedByProfiles(room: number): Wanted {
  return {
    enough: Math.min(room, LONG_QUEUE),
    instruction: (requested, setting) =>
      `it asks for a backlog of ${requested}, and its queue holds no more, whatever somaxconn allows: if bursts come to it, have it ask for more, up to ${room}${setting} (--connections-per-second and --longest-stall tell how much)`,
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

function manualOf({ requested, first, labels }: Short, { instruction }: Wanted): Manual {
  const { at } = first.backlog;
  const directive = first.server?.config.directive ?? null;
  return {
    kind: 'edit-config',
    subject: `${first.who} on ${named(labels)}`,
    instruction: instruction(requested, directive === null ? '' : `, through ${directive}`),
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
  profiles: readonly ResolvedProfile[],
  requirements: readonly SourcedRequirement[],
): readonly Manual[] {
  if (namespace === undefined) return [];
  const arriving = arrivingInStall(workload);
  if (arriving !== null) {
    const wanted = wantedByLoad(arriving);
    return grouped(shortOf(namespace, arriving)).map((short) => manualOf(short, wanted));
  }
  const wanted = wantedByProfiles(roomInProfiles(profiles, requirements));
  const short = shortOf(namespace, wanted.enough).filter(canServeBursts);
  return grouped(short).map((each) => manualOf(each, wanted));
}
