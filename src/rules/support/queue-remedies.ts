import type { ListenerAssessment } from '../../assess/assessment.ts';
import { command, key, name, type Text, text, value } from '../../core/text.ts';
import type { RelistenAction } from '../../servers/server-entry.ts';
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
export function wantedBacklog(limit: number, somaxconn: number | null): number {
  const goal = Math.min(LONG_QUEUE, Math.max(ROOMY, 4 * limit));
  return somaxconn !== null && somaxconn > limit ? Math.min(goal, somaxconn) : goal;
}

/** These keep established connections; every other way of calling listen() again ends some. */
const GENTLE: ReadonlySet<RelistenAction> = new Set([
  'reload',
  'reload-only-if-value-changed',
  're-exec',
  'rebind',
  'listener-update-or-restart',
]);

type Change = 'configuration' | 'somaxconn';

function relistenText(listener: ListenerAssessment, action: string): Text {
  const who = name(listener.who);
  switch (action) {
    case 'unknown':
      return text`restart ${who}, or have it call listen() again in its own way: the live socket keeps its limit until then`;
    case 'reload':
      return text`a reload makes ${who} call listen() again`;
    case 'reload-only-if-value-changed':
      return text`a reload makes ${who} call listen() again only where the backlog in its configuration changed; otherwise restart it`;
    default:
      return text`${who} calls listen() again by ${action.replaceAll('-', ' ')}; a plain reload keeps the old queue`;
  }
}

export function relistenRemedy(listener: ListenerAssessment, change: Change): Remedy {
  const { server, relisten, who } = listener;
  const step =
    server === null
      ? { action: relisten.how, command: relisten.command, disruptive: relisten.disruptive }
      : stepOf(change === 'somaxconn' ? server.somaxconnChange : server.configChange);
  return {
    kind: 'relisten',
    server: who,
    command: step.command,
    disruptive: step.disruptive,
    instruction: relistenText(listener, step.action),
  };
}

function stepOf({
  action,
  command: typed,
}: {
  readonly action: RelistenAction;
  readonly command: string | null;
}) {
  return { action, command: typed, disruptive: !GENTLE.has(action) };
}

function isFixedInProgram({ server }: ListenerAssessment): boolean {
  return server !== null && !server.config.configurable;
}

/** Have the program ask for more. Where no setting exists, that takes another version or another program in front. */
function editConfig(listener: ListenerAssessment, backlog: number): Remedy {
  const { server, who } = listener;
  const directive = server?.config.directive ?? null;
  const wanted = value(backlog);
  const how = directive === null ? text`the backlog of listen()` : text`${key(directive)}`;
  const instruction = isFixedInProgram(listener)
    ? text`${name(who)} has its backlog built in and no setting for it: use a version that asks for ${wanted}, or accept connections through another server`
    : text`have ${name(who)} ask for a backlog of ${wanted} (${how}), then measure again`;
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
    ...(isFixedInProgram(listener) ? [] : [relistenRemedy(listener, 'configuration')]),
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
  return [raiseSomaxconn(place, wanted, listener), relistenRemedy(listener, 'somaxconn')];
}

function learnBacklog({ who, label }: ListenerAssessment): readonly Remedy[] {
  const watch = command(`strace -f -e trace=listen`);
  const instruction = text`find out which backlog ${name(who)} passes to listen() for ${name(label)} (its configuration, or ${watch} while it starts): without it nothing tells what limits the queue`;
  return [{ kind: 'investigate', instruction }];
}

/** What makes the accept queue of a listener longer, by what limits it now. */
export function lengthenQueue(listener: ListenerAssessment, place: Place): readonly Remedy[] {
  switch (listener.boundBy) {
    case 'somaxconn':
      return unclamp(listener, place);
    case 'somaxconn-at-listen':
      return [relistenRemedy(listener, 'somaxconn')];
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
