import type { ListenerAssessment } from '../../assess/assessment.ts';
import { given } from '../../core/figure.ts';
import { command, key, type Text, text, value } from '../../core/text.ts';
import { acceptQueueOfLimit, synQueue } from '../../model/queues.ts';
import { LONG_QUEUE } from '../../rules/support/pressure.ts';
import { SOMAXCONN } from './accept-queue.ts';
import type { Here } from './here.ts';
import { amount, programOf } from './wording.ts';

const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';
const SYNCOOKIES = 'net.ipv4.tcp_syncookies';

function again(one: ListenerAssessment): Text {
  return text`once ${programOf(one)} calls ${command('listen()')} again`;
}

/** `512 connections and 512 half-open requests`: what both queues hold at a limit. */
function roomAt(limit: number, { listener }: ListenerAssessment, here: Here): Text {
  const figure = given('accept queue limit', limit, 'connections', 'after another listen()');
  const connections = text`${value(amount(acceptQueueOfLimit(figure).capacity))} connections`;
  if (listener.protocol === 'unix' || here.traits.synQueueFull.includes('power-of-two')) return connections;
  const { hardLimit } = synQueue({
    limit: figure,
    maxSynBacklog: here.number(MAX_SYN_BACKLOG),
    syncookies: here.number(SYNCOOKIES),
    traits: here.traits,
  });
  return text`${connections} and ${value(amount(hardLimit))} half-open requests`;
}

/** What is asked for against what somaxconn allows: which of the two has to grow. */
type Balance = 'asks-more' | 'asks-less' | 'asks-as-much' | 'asks-for-all' | 'unknown';

function balanceOf({ backlog }: ListenerAssessment, somaxconn: number | null): Balance {
  if (backlog.followsSomaxconn) return 'asks-for-all';
  if (backlog.requested === null || somaxconn === null) return 'unknown';
  if (backlog.requested === somaxconn) return 'asks-as-much';
  return backlog.requested > somaxconn ? 'asks-more' : 'asks-less';
}

function settingOf({ server }: ListenerAssessment): Text {
  if (server !== null && !server.config.configurable) return text` (no setting of it changes that)`;
  const directive = server?.config.directive ?? null;
  return directive === null ? [] : text` (${key(directive)})`;
}

/** A number that nobody saw in its configuration. */
function isAssumed({ backlog: { source } }: ListenerAssessment): boolean {
  return source === 'default' || source === 'derived' || source === 'inferred';
}

function growth(one: ListenerAssessment, somaxconn: number, here: Here): readonly Text[] {
  const requested = one.backlog.requested ?? 0;
  switch (balanceOf(one, somaxconn)) {
    case 'asks-more':
      return [
        text`A larger backlog does nothing: ${programOf(one)} asks for ${value(requested)}, and ${key(SOMAXCONN)} allows ${value(somaxconn)}.`,
        text`A larger ${key(SOMAXCONN)}, up to ${value(requested)}, makes room for ${roomAt(requested, one, here)}, ${again(one)}; beyond that it does nothing.`,
      ];
    case 'asks-less':
      return [
        text`A larger backlog${settingOf(one)} makes room, as far as ${key(SOMAXCONN)} allows: at ${value(somaxconn)} for ${roomAt(somaxconn, one, here)}, ${again(one)}.`,
        text`A larger ${key(SOMAXCONN)} does nothing: ${programOf(one)} asks for ${value(requested)}, and ${value(somaxconn)} is allowed.`,
      ];
    case 'asks-as-much':
      return [
        text`Neither a larger backlog${settingOf(one)} nor a larger ${key(SOMAXCONN)} does anything alone: both are ${value(somaxconn)}.`,
        ...(isAssumed(one)
          ? [
              text`That ${programOf(one)} asks for ${value(requested)} is assumed, not seen: if it asks for more, a larger ${key(SOMAXCONN)} is enough.`,
            ]
          : []),
      ];
    case 'asks-for-all':
      return [
        text`A larger backlog does nothing: ${programOf(one)} takes whatever ${key(SOMAXCONN)} is, ${value(somaxconn)} now.`,
        text`A larger ${key(SOMAXCONN)} makes as much more room, ${again(one)}.`,
      ];
    case 'unknown':
      return unknownGrowth(one, somaxconn);
  }
}

function unknownGrowth({ acceptQueue }: ListenerAssessment, somaxconn: number): readonly Text[] {
  const limit = acceptQueue?.limit.low;
  const known = text`What it asks for is not known, so what binds is not either`;
  if (limit === undefined)
    return [text`${known}: a larger backlog counts up to ${key(SOMAXCONN)}, ${value(somaxconn)}.`];
  if (limit === somaxconn)
    return [
      text`${known}: its limit is what ${key(SOMAXCONN)} is, ${value(somaxconn)}. If it asks for more, a larger ${key(SOMAXCONN)} makes room; if it asks for just that, it takes both.`,
    ];
  if (limit > somaxconn)
    return [
      text`${known}. ${key(SOMAXCONN)} is ${value(somaxconn)} now: another ${command('listen()')} would cut its limit from ${value(limit)} to that at most.`,
    ];
  return [
    text`${known}. ${key(SOMAXCONN)}, ${value(somaxconn)}, is above its limit: a larger one does nothing. Either it asks for ${value(limit)}, and a larger backlog makes room, or another ${command('listen()')} alone does.`,
  ];
}

/** What happens if it is only restarted. */
function restarted(one: ListenerAssessment, here: Here): readonly Text[] {
  const now = one.acceptQueue?.limit.low;
  const next = one.afterListen()?.limit;
  if (now === undefined || next === undefined || (next.low <= now && now <= next.high)) return [];
  return next.low > now
    ? [
        text`Another ${command('listen()')} alone, with no number changed, makes its limit ${value(amount(next))} instead of ${value(now)}: room for ${roomAt(next.low, one, here)}.`,
      ]
    : [
        text`Another ${command('listen()')} alone, with no number changed, cuts its limit from ${value(now)} to ${value(amount(next))}; what waits stays.`,
      ];
}

function synQueueOf({ synQueue: queue }: ListenerAssessment, here: Here): readonly Text[] {
  if (queue === null) return [];
  const { unprovenCapacity, hardLimit } = queue;
  const isSizedOnce = here.traits.synQueueFull.includes('power-of-two');
  if (here.number(SYNCOOKIES) === 2 && unprovenCapacity.high === 0)
    return [text`The SYN queue is not used: ${key(SYNCOOKIES)} is ${value(2)}.`];
  const isCut = unprovenCapacity.high < hardLimit.low;
  const other = isCut
    ? text` ${key(MAX_SYN_BACKLOG)} leaves ${value(amount(unprovenCapacity))} of ${value(amount(hardLimit))} to clients that the kernel does not know.`
    : isSizedOnce || queue.whenFull === 'drop'
      ? []
      : text` ${key(MAX_SYN_BACKLOG)} does nothing for it.`;
  const room = text`room for ${value(amount(hardLimit))} half-open requests now`;
  return isSizedOnce
    ? [
        text`The SYN queue (${room}) got its size when the socket first listened: only a new socket, by a restart, gets another.${other}`,
      ]
    : [text`The SYN queue (${room}) follows the same limit, and needs no setting of its own.${other}`];
}

/** Three quarters. */
function isNearlyFull(length: number, limit: number): boolean {
  return length > 0 && 4 * length >= 3 * limit;
}

/** Whether more room would help anybody. */
function use(one: ListenerAssessment): readonly Text[] {
  const limit = one.acceptQueue?.limit.low;
  const { length } = one.listener;
  if (limit === undefined) return [];
  const taken =
    length === undefined ? [] : text`${value(length)} of ${value(limit + 1)} places are taken now`;
  const wait = text`a longer queue only makes clients wait longer for a program that accepts too slowly`;
  if (length !== undefined && isNearlyFull(length, limit)) {
    return limit >= LONG_QUEUE
      ? [text`${taken}, in a queue that is long already: ${wait}.`]
      : [text`${taken}: a longer queue would take a burst; if this one stays so full, ${wait}.`];
  }
  if (limit >= LONG_QUEUE) return [text`Its limit is ${value(limit)} already: once so many wait, ${wait}.`];
  return length === undefined ? [] : [text`${taken}: as long as some are free, a longer queue does nothing.`];
}

/** What a larger backlog, a larger somaxconn and a restart would do to one listener, and what not. */
export function listenerEffects(one: ListenerAssessment, here: Here): readonly Text[] {
  const somaxconn = here.number(SOMAXCONN);
  return [
    ...restarted(one, here),
    ...(somaxconn === null
      ? [
          text`${key(SOMAXCONN)} is not known here, so how far a larger backlog of ${programOf(one)} counts is not either.`,
        ]
      : growth(one, somaxconn, here)),
    ...synQueueOf(one, here),
    ...use(one),
  ];
}
