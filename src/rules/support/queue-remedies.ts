import type { ListenerAssessment } from '../../assess/assessment.ts';
import { command, key, name, text, value } from '../../core/text.ts';
import type { Remedy } from '../remedy.ts';
import type { Surroundings } from '../rule.ts';
import { configLine } from './config-line.ts';
import { LONG_QUEUE, limitOf } from './pressure.ts';
import { requireSetting } from './settings.ts';

export const SOMAXCONN = 'net.core.somaxconn';

type Place = Surroundings & { readonly somaxconn: number | null };

/** What most servers ask for that do not leave it at 128: enough for a burst, and cheap. */
const ROOMY = 511;

/**
 * A backlog worth trying for a queue that overflowed. Nobody has measured the load here, so it is a step and no
 * sizing: four times the limit, as far as somaxconn allows without a change.
 */
function wantedBacklog(limit: number, somaxconn: number | null): number {
  const goal = Math.min(LONG_QUEUE, Math.max(ROOMY, 4 * limit));
  return somaxconn !== null && somaxconn > limit ? Math.min(goal, somaxconn) : goal;
}

/** How a server comes to call listen() again, as the end of a sentence about it. */
const WAYS: Readonly<Record<string, string>> = {
  restart: 'when it is restarted; a reload keeps the old queue',
  reload: 'when it is reloaded',
  'reload-only-if-value-changed':
    'when it is reloaded with another backlog in its configuration, else when it is restarted',
  're-exec': 'when it replaces itself by a new process; a plain reload keeps the old queue',
  rebind: 'when it is told to bind its address again; a reload keeps the old queue',
  'child-restart': 'when its worker processes are restarted',
  'socket-unit-restart': 'when its socket unit is restarted; restarting the service keeps the old queue',
  'listener-update-or-restart': 'when the listener is replaced in its configuration, or it is restarted',
  'code-change+restart': 'when it is restarted',
};

/** The live socket keeps its limit until the program calls listen() again. */
export function relistenRemedy({ who, relisten }: ListenerAssessment): Remedy {
  const way = WAYS[relisten.how];
  return {
    kind: 'relisten',
    server: who,
    command: relisten.command,
    disruptive: relisten.disruptive,
    instruction:
      way === undefined
        ? text`restart ${name(who)}, or have it call listen() again in its own way: its socket keeps the old limit until then`
        : text`${name(who)} calls listen() again ${way}`,
  };
}

function isFixedInProgram({ server }: ListenerAssessment): boolean {
  return server !== null && !server.config.configurable;
}

/** Have the program ask for more. Where no setting exists, that takes another version or another program in front. */
function editConfig(listener: ListenerAssessment, backlog: number): Remedy {
  const { server, who } = listener;
  const directive = server?.config.directive ?? null;
  const wanted = value(backlog);
  const how = directive === null ? [] : text`, through ${key(directive)}`;
  const instruction = isFixedInProgram(listener)
    ? text`${name(who)} has its backlog built in and no setting for it: use a version that asks for ${wanted}, or accept connections through another server`
    : text`have ${name(who)} ask for a backlog of ${wanted}${how}, then measure again`;
  return {
    kind: 'edit-config',
    server: who,
    line: isFixedInProgram(listener) ? null : configLine(server, backlog),
    at: listener.backlog.at,
    backlog,
    instruction,
  };
}

function raiseBacklog(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  const limit = limitOf(listener) ?? 0;
  const wanted = wantedBacklog(limit, place.somaxconn);
  const capped = place.somaxconn !== null && wanted > place.somaxconn;
  return [
    editConfig(listener, wanted),
    ...(capped ? [raiseSomaxconn(place, wanted, listener)] : []),
    // A version that asks for more starts anew anyway.
    ...(isFixedInProgram(listener) ? [] : [relistenRemedy(listener)]),
  ];
}

export function raiseSomaxconn(
  place: Surroundings,
  wanted: number,
  { who }: { readonly who: string },
): Remedy {
  return requireSetting(place, {
    key: SOMAXCONN,
    relation: 'at-least',
    value: String(wanted),
    because: text`${name(who)} asks for a backlog of ${value(wanted)}`,
  });
}

/** What lets the kernel grant the request of a listener that somaxconn clamps. */
export function unclamp(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  const { requested, followsSomaxconn } = listener.backlog;
  const wanted =
    requested === null || followsSomaxconn ? wantedBacklog(limitOf(listener) ?? 0, null) : requested;
  return [raiseSomaxconn(place, wanted, listener), relistenRemedy(listener)];
}

function learnBacklog({ who, label, backlog }: ListenerAssessment): readonly Remedy[] {
  if (backlog.requested !== null) {
    const changed = text`${name(who)} runs with another backlog on ${name(label)} than the ${value(backlog.requested)} that its configuration asks for now: settle which is meant before it is restarted`;
    return [{ kind: 'investigate', instruction: changed }];
  }
  const watch = command(`strace -f -e trace=listen`);
  const instruction = text`find out which backlog ${name(who)} passes to listen() for ${name(label)} (its configuration, or ${watch} while it starts): without it nothing tells what limits the queue`;
  return [{ kind: 'investigate', instruction }];
}

/** What somaxconn was before anybody changed it: 128, and 4096 from Linux 5.4 on. */
const USUAL_SOMAXCONN: ReadonlySet<number> = new Set([128, 4096]);

/**
 * Whether a limit that looks like an old somaxconn may as well be a backlog that we did not see: the request is only
 * the server's default, and the limit is no somaxconn that a kernel starts with.
 */
export function isDoubtful(listener: ListenerAssessment): boolean {
  const { boundBy, backlog } = listener;
  const isSeen =
    backlog.source === 'config' || backlog.source === 'command-line' || backlog.source === 'unknown';
  const limit = limitOf(listener);
  return boundBy === 'somaxconn-at-listen' && !isSeen && limit !== null && !USUAL_SOMAXCONN.has(limit);
}

/** Settles the doubt: a program with a backlog of its own gains nothing from listening again. */
export function settleDoubt(listener: ListenerAssessment): Remedy {
  const { who, label } = listener;
  const limit = value(limitOf(listener) ?? 0);
  const instruction = text`find out whether ${name(who)} passes ${limit} to listen() for ${name(label)} by itself, in its configuration or its code: then that limits it; if not, it keeps an old somaxconn and only has to call listen() again`;
  return { kind: 'investigate', instruction };
}

/** What makes the accept queue of a listener longer, by what limits it now. */
export function lengthenQueue(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  switch (listener.boundBy) {
    case 'somaxconn':
      return unclamp(listener, place);
    case 'somaxconn-at-listen':
      return [isDoubtful(listener) ? settleDoubt(listener) : relistenRemedy(listener)];
    case 'backlog':
      return raiseBacklog(listener, place);
    case 'both':
      return listener.backlog.followsSomaxconn ? unclamp(listener, place) : raiseBacklog(listener, place);
    case 'unknown':
      return learnBacklog(listener);
  }
}

/** A longer queue would only hide that the program does not take connections off it. */
export function acceptFaster({ who, label }: ListenerAssessment): Remedy {
  const instruction = text`find out why ${name(who)} does not accept connections on ${name(label)} fast enough (busy workers, a blocked event loop, a limit on open files): a longer queue only makes its clients wait longer`;
  return { kind: 'investigate', instruction };
}

/** Each SO_REUSEPORT socket has a queue of its own, and the kernel spreads by hash, not by load. */
export function balanceWorkers({ who, label, backlog }: ListenerAssessment): Remedy {
  const instruction = text`find the worker of ${name(who)} that stopped accepting on ${name(label)}, and have one socket serve all workers or steer connections by load: the other sockets of the address have room`;
  return { kind: 'edit-config', server: who, line: null, at: backlog.at, instruction };
}
