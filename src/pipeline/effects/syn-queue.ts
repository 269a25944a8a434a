import type { ListenerAssessment } from '../../assess/assessment.ts';
import { given } from '../../core/figure.ts';
import { INT_MAX } from '../../core/integers.ts';
import type { Span } from '../../core/span.ts';
import { key, list, name, type Text, text, value } from '../../core/text.ts';
import { pruningOf, requestLifetime } from '../../model/half-open.ts';
import { asUnsigned, maxSynBacklogFor, synQueue } from '../../model/queues.ts';
import type { Effects, Here } from './here.ts';
import { amount, at, type Listeners, many, named, onlyTcp, share } from './wording.ts';

const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';
const SYNCOOKIES = 'net.ipv4.tcp_syncookies';

/** Clients that the kernel keeps no round-trip time of; up to 4.12 it takes all for such. */
function strangers({ traits }: Here): string {
  return traits.exemptsProvenPeers.includes(true) ? 'clients that the kernel does not know' : 'clients';
}

/** What the last quarter leaves to strangers with SYN cookies off, whatever the listener. */
function roomOf(maxSynBacklog: number, { traits }: Here): Span {
  const limit = given('accept queue limit', INT_MAX, 'connections', 'no bound');
  return synQueue({ limit, maxSynBacklog, syncookies: 0, traits }).unprovenCapacity;
}

function hardLimit({ synQueue: queue }: ListenerAssessment): Span | null {
  return queue?.hardLimit ?? null;
}

function cutBy(listeners: Listeners): Listeners {
  return listeners.filter(
    ({ synQueue: queue }) => queue !== null && queue.unprovenCapacity.high < queue.hardLimit.low,
  );
}

/** Of a limit that nobody read nothing is said. */
function allRead(listeners: Listeners): boolean {
  return listeners.length > 0 && listeners.every(({ synQueue: queue }) => queue !== null);
}

function requestsDetail(one: ListenerAssessment): string {
  const limit = hardLimit(one);
  return limit === null ? 'not known' : amount(limit);
}

function withoutCookies(maxSynBacklog: number | null, here: Here): readonly Text[] {
  if (maxSynBacklog === null)
    return [
      text`With SYN cookies off it bounds how many half-open requests of ${strangers(here)} a listener holds; its value now is not known.`,
    ];
  const tcp = onlyTcp(here.namespace.listeners);
  const cut = cutBy(tcp);
  const room = amount(roomOf(maxSynBacklog, here));
  const others = here.traits.exemptsProvenPeers.includes(true)
    ? ' Those that it knows may fill the rest.'
    : '';
  const bounds = text`SYN cookies are off, so a listener holds at most ${value(room)} half-open requests of ${strangers(here)}, and drops their SYNs beyond.${others}`;
  if (cut.length === 0) {
    const why = !allRead(tcp) ? [] : text` No listener is bound by it now: each one's own limit is lower.`;
    return [text`${bounds}${why}`, counts(here)];
  }
  const who = text`So it bounds ${share(cut, tcp)}, which could hold more: ${named(cut, requestsDetail)}.`;
  return [bounds, isSizing(here) ? who : text`${who}${untilItBindsNone(cut)}`, counts(here)];
}

function untilItBindsNone(cut: Listeners): Text {
  const most = Math.max(...cut.map((one) => hardLimit(one)?.high ?? 0));
  return text` From ${value(maxSynBacklogFor(most))} on it bounds none; a higher one does nothing more.`;
}

function counts(here: Here): Text {
  const instead = isSizing(here) ? [] : text` ${key(SYNCOOKIES)} at ${value(1)} makes it of no effect.`;
  return text`It counts at once, with the next SYN; half-open requests that wait stay.${instead}`;
}

/** 4.3 and older size the table by it, with cookies or without. */
function isSizing({ traits }: Here): boolean {
  return traits.synQueueFull.includes('power-of-two');
}

function sizesTable(maxSynBacklog: number | null, here: Here): readonly Text[] {
  const tcp = onlyTcp(here.namespace.listeners);
  const bounded =
    maxSynBacklog === null
      ? []
      : tcp.filter(
          ({ acceptQueue }) => acceptQueue !== null && acceptQueue.limit.low > asUnsigned(maxSynBacklog),
        );
  const who =
    bounded.length === 0
      ? []
      : text` It is lower than the limit of ${share(bounded, tcp)}, so it bounds ${many(bounded.length, 'that one', 'those')}: ${named(bounded, requestsDetail)}.`;
  const none =
    maxSynBacklog !== null && allRead(tcp) && bounded.length === 0
      ? text` No listener has a limit above it, so a higher one lengthens no SYN queue.`
      : [];
  return [
    text`On this kernel a SYN queue is as long as the smaller of it and the listener's limit allow, rounded up to a power of two.${who}${none}`,
    text`Only a socket made after the change gets another size: neither a live listener nor another listen() on it does.`,
  ];
}

function withCookies(syncookies: number | null, here: Here): readonly Text[] {
  const tcp = onlyTcp(here.namespace.listeners);
  const why =
    syncookies === null
      ? text`Nothing while SYN cookies are on, as they are by default (${key(SYNCOOKIES)} is not known here)`
      : text`Nothing, in either direction: ${key(SYNCOOKIES)} is ${value(syncookies)}, and then this kernel does not read it`;
  const instead =
    tcp.length === 0 ? [] : text` Half-open requests that there is room for: ${named(tcp, requestsDetail)}.`;
  if (syncookies === 2 && !here.traits.alwaysCookies.includes(false))
    return [text`${why}. Every SYN is answered with a cookie, and no half-open request waits.`];
  return [
    text`${why}.`,
    text`The limit of a listener's accept queue bounds its SYN queue too: the backlog that the program asks for, as far as ${key('net.core.somaxconn')} allows.${instead}`,
  ];
}

export const maxSynBacklog: Effects = (here) => {
  const now = here.number(MAX_SYN_BACKLOG);
  const syncookies = here.number(SYNCOOKIES);
  const isOld = isSizing(here);
  return [
    ...(isOld ? sizesTable(now, here) : []),
    ...(syncookies === 0 ? withoutCookies(now, here) : isOld ? [] : withCookies(syncookies, here)),
  ];
};

function shortest(listeners: Listeners): ListenerAssessment | null {
  return listeners.reduce<ListenerAssessment | null>((least, one) => {
    const [own, other] = [hardLimit(one), least === null ? null : hardLimit(least)];
    return own !== null && (other === null || own.low < other.low) ? one : least;
  }, null);
}

function whereItBegins(here: Here): Text {
  const least = shortest(onlyTcp(here.namespace.listeners));
  return least === null
    ? []
    : text` The shortest SYN queue here holds ${value(requestsDetail(least))}: ${named([least], () => '')}.`;
}

function quarterText(here: Here): Text {
  const now = here.number(MAX_SYN_BACKLOG);
  if (now === null) return text` Of ${strangers(here)} fewer may get in, by ${key(MAX_SYN_BACKLOG)}.`;
  const longest = Math.max(...onlyTcp(here.namespace.listeners).map((one) => hardLimit(one)?.high ?? 0));
  return roomOf(now, here).low >= longest
    ? []
    : text` Of ${strangers(here)} at most ${value(amount(roomOf(now, here)))} get in, for ${key(MAX_SYN_BACKLOG)} is ${value(now)}.`;
}

function alwaysText({ traits }: Here, now: number | null): Text {
  const always = text`At ${at(2, now)}, every SYN is answered with a cookie, and no SYN queue is used at all.`;
  if (!traits.alwaysCookies.includes(true))
    return text`At ${at(2, now)}, this kernel does as at ${value(1)}.`;
  return traits.alwaysCookies.includes(false)
    ? text`${always} Where the kernel does not know that yet, it does as at ${value(1)}.`
    : always;
}

function lostByCookies(here: Here): Text {
  const timestamps = here.number('net.ipv4.tcp_timestamps');
  const now = timestamps === null ? [] : text` (${key('net.ipv4.tcp_timestamps')} is ${value(timestamps)})`;
  return text`A connection by cookie keeps window scale, SACK and ECN only where both ends use timestamps${now}; its segment size is rounded down, Fast Open and TCP_DEFER_ACCEPT do not work, and a lost SYN-ACK is not sent again by this host.`;
}

export const syncookies: Effects = (here) => {
  const now = here.number(SYNCOOKIES);
  return [
    text`At ${at(0, now)}, a SYN that finds the SYN queue full is dropped, and its client sends it again after 1, 3 and 7 s.${whereItBegins(here)}${quarterText(here)}`,
    text`At ${at(1, now)}, that SYN is answered with a cookie instead, which takes no place in the queue; while there is room, none is sent.`,
    alwaysText(here, now),
    lostByCookies(here),
    text`It counts at once, with the next SYN, for every TCP listener; half-open requests that wait stay.`,
    text`It makes no room in an accept queue: a connection that finds it full is not taken, with a cookie or without.`,
  ];
};

/** What the kernel takes since these are bytes; nobody means more. */
const MOST_RETRIES = 255;

const EXAMPLES = [5, 3, 2, 1];

function lifetime(retries: number): number {
  return requestLifetime(retries).lifetimeSeconds;
}

function lifetimeText(retries: number | null): Text {
  const examples = list(
    EXAMPLES.filter((each) => each !== retries).map(
      (each) => text`${value(each)} makes it ${lifetime(each)} s`,
    ),
  );
  if (retries === null || retries < 0 || retries > MOST_RETRIES)
    return text`It sets how long a half-open request lives that nobody completes: ${examples}.`;
  const { synAckSeconds, lifetimeSeconds } = requestLifetime(retries);
  const shown = synAckSeconds.slice(0, 5).join(', ');
  const again =
    retries === 0
      ? 'its SYN-ACK is never sent again'
      : `its SYN-ACK is sent again after ${shown}${retries > 5 ? ', …' : ''} s`;
  return text`A half-open request that nobody completes lives ${value(`${lifetimeSeconds} s`)} now: ${again}. ${examples}.`;
}

function pruningText(retries: number | null, { namespace, traits }: Here): readonly Text[] {
  const longest = onlyTcp(namespace.listeners).reduce<ListenerAssessment | null>(
    (most, one) => ((one.acceptQueue?.limit.low ?? -1) > (most?.acceptQueue?.limit.low ?? -1) ? one : most),
    null,
  );
  const limit = longest?.acceptQueue?.limit.low;
  if (retries === null || retries > MOST_RETRIES) return [];
  const pruning = limit === undefined ? null : pruningOf(limit, Math.max(0, retries), traits);
  if (longest === null || pruning === null) return [];
  return [
    text`A SYN queue more than half full gives old requests up after ${pruning.afterSeconds} s in any case, until half is free: ${name(longest.label)} keeps ${value(pruning.kept)} for longer. Lowered, this frees only those sooner.`,
  ];
}

export const synackRetries: Effects = (here) => {
  const retries = here.number('net.ipv4.tcp_synack_retries');
  if (here.number(SYNCOOKIES) === 2 && !here.traits.alwaysCookies.includes(false))
    return [
      text`Nothing: ${key(SYNCOOKIES)} is ${value(2)}, so no half-open request waits, and no SYN-ACK is sent again.`,
    ];
  return [
    lifetimeText(retries),
    ...pruningText(retries, here),
    text`It counts at once, also for requests that wait, at their next timeout; not for a listener that sets TCP_SYNCNT.`,
    text`Lowered, it loses clients whose path loses that many SYN-ACKs in a row. It makes neither queue longer, and touches no connection that is made.`,
  ];
};
