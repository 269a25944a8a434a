import type { ListenerAssessment } from '../../assess/assessment.ts';
import { command, key, type Text, text, value } from '../../core/text.ts';
import type { Effects, Here } from './here.ts';
import { at, type Listeners, limitText, many, named, onlyTcp, share } from './wording.ts';

export const SOMAXCONN = 'net.core.somaxconn';

/** What a change of somaxconn means to a listener. */
type Standing = 'clamped' | 'follows' | 'contented' | 'outdated' | 'unknown';

function standingOf({ boundBy, backlog }: ListenerAssessment): Standing {
  switch (boundBy) {
    case 'backlog':
      return 'contented';
    case 'somaxconn':
      return backlog.followsSomaxconn ? 'follows' : 'clamped';
    case 'both':
      return backlog.followsSomaxconn ? 'follows' : 'contented';
    case 'somaxconn-at-listen':
      return 'outdated';
    case 'unknown':
      return 'unknown';
  }
}

/** `128, then 511`, or `128, then 256 of 511` where somaxconn still cuts it. */
function nextDetail(one: ListenerAssessment): string {
  const next = one.afterListen()?.limit.low;
  const { requested, followsSomaxconn } = one.backlog;
  if (next === undefined) return limitText(one);
  const isCut = requested !== null && !followsSomaxconn && next < requested;
  return `${limitText(one)}, then ${next}${isCut ? ` of ${requested}` : ''}`;
}

function sentenceStart(clause: string): string {
  return clause.slice(0, 1).toUpperCase() + clause.slice(1);
}

const SENTENCES: Readonly<Record<Standing, (part: Listeners, all: Listeners) => Text>> = {
  clamped: (part, all) =>
    text`Raised, it gives ${share(part, all)} more, up to what ${many(part.length, 'it asks', 'they ask')} for, once ${many(part.length, 'it calls', 'they call')} ${command('listen()')} again: ${named(part, (one) => `${limitText(one)} of ${one.backlog.requested}`)}.`,
  follows: (part, all) =>
    text`${sentenceStart(share(part, all))} ${many(part.length, 'takes whatever it is at its', 'take whatever it is at their')} next ${command('listen()')}: ${named(part, limitText)}.`,
  contented: (part, all) =>
    text`Raised, it gives nothing to ${share(part, all)}, for ${many(part.length, 'it has', 'they have')} all that ${many(part.length, 'it asks', 'they ask')} for: ${named(part, limitText)}.`,
  outdated: (part, all) =>
    text`As it is now, it counts for ${share(part, all)} only after another ${command('listen()')}: ${named(part, nextDetail)}.`,
  unknown: (part, all) =>
    text`Whether ${share(part, all)} would get more is not known: ${named(part, limitText)}.`,
};

const STANDINGS: readonly Standing[] = ['clamped', 'follows', 'contented', 'outdated', 'unknown'];

function reached(listeners: Listeners): readonly Text[] {
  return STANDINGS.flatMap((standing) => {
    const part = listeners.filter((one) => standingOf(one) === standing);
    return part.length === 0 ? [] : [SENTENCES[standing](part, listeners)];
  });
}

function whoIsReached({ namespace: { namespace, listeners } }: Here): readonly Text[] {
  if (listeners.length > 0) return reached(listeners);
  return namespace.listeners === undefined
    ? [text`Whom it limits is not known: the listeners were not read.`]
    : [text`Nothing listens now, so it reaches only what starts to listen later.`];
}

/** 4.3 and older size the SYN queue once, when the socket first listens. */
function synQueues({ traits }: Here): Text {
  return traits.synQueueFull.includes('power-of-two')
    ? text`A SYN queue is sized when its socket first listens, so only a new socket, by a restart, gets a longer one.`
    : text`The SYN queue of each listener follows its limit and needs no setting of its own.`;
}

/** What was counted so far, for a queue that never was full gains nothing from another limit. */
function overflowText({ namespace }: Here): readonly Text[] {
  const overflows = namespace.counter('ListenOverflows');
  if (overflows === null || namespace.listeners.length === 0) return [];
  return overflows === 0
    ? [
        text`${key('ListenOverflows')} is ${value(0)} so far: no TCP connection was lost to a full accept queue, so a higher value would have saved none.`,
      ]
    : [
        text`${key('ListenOverflows')} is ${value(overflows)} so far: accept queues have overflowed; ${command('--sample 10s')} tells whether they do now.`,
      ];
}

export const somaxconn: Effects = (here) => [
  ...whoIsReached(here),
  text`Nothing happens at once: each listener keeps its limit until its program calls ${command('listen()')} again, as a rule when it is restarted.`,
  text`Lowered, it drops nobody: what waits in a queue stays; a listener with a higher limit is cut when it next calls ${command('listen()')}.`,
  synQueues(here),
  ...overflowText(here),
];

function whatStaysSilent({ traits }: Here): Text {
  const syn = traits.fullAcceptQueueDropsEverySyn.includes(false)
    ? text`a SYN that finds the accept queue full and two young half-open requests before it`
    : text`a SYN that finds the accept queue full`;
  return text`Neither answers ${syn}, nor the last ACK of a connection by SYN cookie: both are dropped in silence.`;
}

function fullNow({ namespace }: Here): readonly Text[] {
  const tcp = onlyTcp(namespace.listeners);
  const seen = tcp.filter(({ listener }) => listener.length !== undefined);
  const full = tcp.filter((one) => one.full);
  const overflows = namespace.counter('ListenOverflows');
  if (seen.length === 0) return [];
  const now =
    full.length === 0
      ? text`no accept queue of TCP is full now`
      : text`${value(full.length)} of ${tcp.length} of TCP ${many(full.length, 'is', 'are')} full now: ${named(full, limitText)}`;
  const before = overflows === null ? [] : text` (${key('ListenOverflows')} is ${value(overflows)} so far)`;
  return [text`It only matters to a full accept queue, and ${now}${before}.`];
}

export const abortOnOverflow: Effects = (here) => {
  const now = here.number('net.ipv4.tcp_abort_on_overflow');
  return [
    text`At ${at(1, now)}, a client whose handshake ends while the accept queue is full gets a reset, and its request is given up.`,
    text`At ${at(0, now)}, that client believes that it is connected; what it sends is not acknowledged until there is room, or until the request is given up.`,
    whatStaysSilent(here),
    text`It makes no room: how many connections wait is up to the limit and to how fast the program accepts.`,
    text`It counts at once, for every TCP listener; no program has to be restarted.`,
    ...fullNow(here),
  ];
};
