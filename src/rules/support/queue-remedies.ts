import type { ListenerAssessment } from '../../assess/assessment.ts';
import { relistenStep } from '../../assess/relisten.ts';
import { command, key, name, type Text, text, value } from '../../core/text.ts';
import type { Remedy } from '../remedy.ts';
import type { RuleFacts, Surroundings } from '../rule.ts';
import { configLine } from './config-line.ts';
import { relistenRemedy } from './listen-again.ts';
import { LONG_QUEUE, limitOf } from './pressure.ts';
import { largestValue, requireSetting } from './settings.ts';
import { programText } from './subjects.ts';

export const SOMAXCONN = 'net.core.somaxconn';

/** What a remedy for a queue depends on besides the listener. */
export type Place = Surroundings & {
  readonly somaxconn: number | null;
  readonly defaults: RuleFacts['defaults'] | null;
};

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

function isFixedInProgram({ server }: ListenerAssessment): boolean {
  return server !== null && !server.config.configurable;
}

/**
 * What bounds the workers of servers that accept only with a free one. While all are busy a longer queue makes its
 * clients wait and serves none of them sooner.
 */
const WORKER_SETTINGS: ReadonlyMap<string, string> = new Map([
  ['php-fpm', 'pm.max_children'],
  ['apache-httpd', 'MaxRequestWorkers'],
  ['gunicorn', '--workers'],
  ['puma', 'workers and threads'],
  ['unicorn', 'worker_processes'],
  ['uwsgi', 'processes'],
  ['tomcat', 'maxThreads'],
]);

function workersFirst({ server }: ListenerAssessment): Text {
  const setting = WORKER_SETTINGS.get(server?.id ?? '');
  return setting === undefined
    ? []
    : text`first see whether all workers are busy (${key(setting)}): then a longer queue only delays; if not, `;
}

/** Have the program ask for more. Where no setting exists, that takes another version or another program in front. */
function editConfig(listener: ListenerAssessment, backlog: number): Remedy {
  const { server, who } = listener;
  const directive = server?.config.directive ?? null;
  const wanted = value(backlog);
  const how = directive === null ? [] : text`, through ${key(directive)}`;
  const instruction = isFixedInProgram(listener)
    ? text`${programText({ who })} has its backlog built in and no setting for it: accept connections through another server that asks for ${wanted}, or change its code`
    : text`${workersFirst(listener)}have ${programText({ who })} ask for a backlog of ${wanted}${how}, then measure again`;
  return {
    kind: 'edit-config',
    server: who,
    line: isFixedInProgram(listener) ? null : configLine(server, backlog),
    at: listener.backlog.at,
    backlog,
    was: listener.backlog.source === 'config' ? listener.backlog.requested : null,
    instruction,
  };
}

function raiseBacklog(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  const limit = limitOf(listener) ?? 0;
  const wanted = wantedBacklog(limit, place.somaxconn);
  const capped = place.somaxconn !== null && wanted > place.somaxconn;
  return [
    editConfig(listener, wanted),
    ...(capped ? [raiseSomaxconn(place, wanted, becauseOf(listener, wanted))] : []),
    // A version that asks for more starts anew anyway.
    ...(isFixedInProgram(listener) ? [] : [relistenRemedy(listener, 'backlog', place)]),
  ];
}

/**
 * Up to what this kernel takes: a listen() argument may be larger, and is cut then. Never less than what the kernel
 * starts with: a lower number would only be somebody's old recipe again.
 */
export function raiseSomaxconn(place: Omit<Place, 'somaxconn'>, wanted: number, because: Text): Remedy {
  const own = place.defaults?.kernelDefault(SOMAXCONN)?.[0]?.low ?? 0;
  const most = Math.min(Math.max(wanted, own), largestValue(SOMAXCONN, place.traits));
  const why = own > wanted ? text`${because}, and this kernel starts with ${value(own)}` : because;
  return requireSetting(place, { key: SOMAXCONN, relation: 'at-least', value: String(most), because: why });
}

/** Why somaxconn must be as high as that for this listener. */
function becauseOf({ who, backlog }: ListenerAssessment, wanted: number): Text {
  if (backlog.followsSomaxconn)
    return text`${programText({ who })} takes what somaxconn allows, and that is too little`;
  const asks = backlog.requested === wanted ? 'asks' : 'has to ask';
  return text`${programText({ who })} ${asks} for a backlog of ${value(wanted)}`;
}

/**
 * What somaxconn has to be before a stale listener calls listen() again: enough for the number that it named, and
 * never so little that the queue would shrink.
 */
function somaxconnFirst(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  const { requested, followsSomaxconn } = listener.backlog;
  const now = place.somaxconn;
  if (now === null) return [];
  const limit = limitOf(listener) ?? 0;
  const kept = limit > now ? Math.max(limit, wantedBacklog(limit, null)) : 0;
  const wanted = followsSomaxconn ? kept : (requested ?? 0);
  return wanted > now ? [raiseSomaxconn(place, wanted, becauseOf(listener, wanted))] : [];
}

export function listenAgain(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  return [...somaxconnFirst(listener, place), relistenRemedy(listener, 'somaxconn', place)];
}

/** Got all that it asked for, before somaxconn was lowered. */
export function hasFullGrant(listener: ListenerAssessment): boolean {
  const { requested, followsSomaxconn } = listener.backlog;
  return !followsSomaxconn && requested !== null && limitOf(listener) === requested;
}

function lengthenStale(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  if (hasFullGrant(listener)) return raiseBacklog(listener, place);
  return isDoubtful(listener) ? [settleDoubt(listener, place)] : listenAgain(listener, place);
}

/** What lets the kernel grant the request of a listener that somaxconn clamps. */
export function unclamp(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  const { requested, followsSomaxconn } = listener.backlog;
  const wanted =
    requested === null || followsSomaxconn ? wantedBacklog(limitOf(listener) ?? 0, null) : requested;
  return [
    raiseSomaxconn(place, wanted, becauseOf(listener, wanted)),
    relistenRemedy(listener, 'somaxconn', place),
  ];
}

function learnBacklog(listener: ListenerAssessment, { somaxconn }: Place): readonly Remedy[] {
  const { who, label, backlog } = listener;
  if (limitOf(listener) === null) {
    const look = text`find out the limit of ${programText({ who })} on ${name(label)}, which could not be read: it is the Send-Q of ${command('ss -Hltn')}, and tells what limits the queue`;
    return [{ kind: 'investigate', instruction: look }];
  }
  if (backlog.requested !== null) {
    const changed = text`${programText({ who })} runs with another backlog on ${name(label)} than the ${value(backlog.requested)} that its configuration asks for now: settle which is meant before it is restarted`;
    return [{ kind: 'investigate', instruction: changed }];
  }
  const watch = command(`strace -f -e trace=listen`);
  const isSomaxconn = somaxconn !== null && limitOf(listener) === somaxconn;
  const doubt = isSomaxconn
    ? text`its limit is just what ${key(SOMAXCONN)} is, so either may have made it`
    : text`without it nothing tells what limits the queue`;
  const instruction = text`find out which backlog ${programText({ who })} passes to listen() for ${name(label)} (its configuration or code, or ${watch} while it starts): ${doubt}`;
  return [{ kind: 'investigate', instruction }];
}

/** What somaxconn was before anybody changed it: 128, and 4096 from Linux 5.4 on. */
const USUAL_SOMAXCONN: ReadonlySet<number> = new Set([128, 4096]);

/**
 * Whether a limit that looks like an old somaxconn may as well be a backlog that we did not see: the request is only
 * the server's default, and the limit is no somaxconn that a kernel starts with.
 */
export function isDoubtful(listener: ListenerAssessment): boolean {
  // A program that reads somaxconn, and has no setting, passes nothing else.
  if (listener.backlog.followsSomaxconn && isFixedInProgram(listener)) return false;
  const isSeen = isConfigured(listener) || listener.backlog.source === 'unknown';
  return !isSeen && hasUnusualOldLimit(listener);
}

function isConfigured({ backlog: { source } }: ListenerAssessment): boolean {
  return source === 'config' || source === 'command-line';
}

function hasUnusualOldLimit(listener: ListenerAssessment): boolean {
  const limit = limitOf(listener);
  return listener.boundBy === 'somaxconn-at-listen' && limit !== null && !USUAL_SOMAXCONN.has(limit);
}

/**
 * Whether the configuration may have been changed since the program called listen(): the limit is less than both
 * numbers that we see, and no somaxconn that a kernel starts with.
 */
export function mayBeReconfigured(listener: ListenerAssessment): boolean {
  return listener.backlog.source === 'config' && hasUnusualOldLimit(listener);
}

/** A reload reads the configuration again, but for an old somaxconn most servers have to be restarted. */
export function reloadFirst(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  const { server, who, listener: socket } = listener;
  const reload = relistenStep(socket, server, 'backlog', place.environment);
  if (reload.how !== 'reload' || server?.somaxconnChange.action === 'reload')
    return listenAgain(listener, place);
  const instruction = text`reload ${programText({ who })}: that is enough if its configuration was changed since it started; if the limit stays, restart it`;
  return [
    ...somaxconnFirst(listener, place),
    { kind: 'relisten', server: who, command: reload.command, disruptive: reload.disruptive, instruction },
  ];
}

/** Settles the doubt: a program with a backlog of its own gains nothing from listening again. */
export function settleDoubt(listener: ListenerAssessment, { somaxconn }: Place): Remedy {
  const { who } = listener;
  const shrinks = somaxconn !== null && (limitOf(listener) ?? 0) > somaxconn;
  const then = shrinks
    ? text`has to call listen() again after ${key(SOMAXCONN)} is raised: before that it would lose`
    : text`only has to call listen() again`;
  const limit = value(limitOf(listener) ?? 0);
  const instruction = text`find out whether ${programText({ who })} passes ${limit} to listen() by itself, in its configuration or its code: then that limits it; if not, it keeps an old somaxconn and ${then}`;
  return { kind: 'investigate', instruction };
}

/** What makes the accept queue of a listener longer, by what limits it now. */
export function lengthenQueue(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  switch (listener.boundBy) {
    case 'somaxconn':
      return unclamp(listener, place);
    case 'somaxconn-at-listen':
      return lengthenStale(listener, place);
    case 'backlog':
      return raiseBacklog(listener, place);
    case 'both':
      return listener.backlog.followsSomaxconn ? unclamp(listener, place) : raiseBacklog(listener, place);
    case 'unknown':
      return learnBacklog(listener, place);
  }
}

/** A longer queue would only hide that the program does not take connections off it. */
export function acceptFaster({ who, label }: ListenerAssessment): Remedy {
  const instruction = text`find out why ${programText({ who })} does not accept connections on ${name(label)} fast enough (busy workers, a blocked event loop, a limit on open files): a longer queue only makes its clients wait longer`;
  return { kind: 'investigate', instruction };
}

/** Each SO_REUSEPORT socket has a queue of its own, and the kernel spreads by hash, not by load. */
export function balanceWorkers({ who, label, backlog }: ListenerAssessment): Remedy {
  const instruction = text`find the worker of ${programText({ who })} that stopped accepting on ${name(label)}, and have one socket serve all workers or steer connections by load: the other sockets of the address have room`;
  return { kind: 'edit-config', server: who, line: null, at: backlog.at, instruction };
}
