import type { ClientView, Load, LoadCounter } from './load.ts';
import type { Outcome } from './outcome.ts';

/** One way in which kernels from 4.4 on behave; where a version leaves that open there are several. */
export type Behaviour = {
  /** `at-limit`: the SYN queue is full with as many as the limit; `above-limit`: with one more. */
  readonly synQueueFull: 'at-limit' | 'above-limit';
  /** Else only while two half-open requests wait whose SYN-ACK was not sent again yet. */
  readonly fullAcceptQueueDropsEverySyn: boolean;
  readonly exemptsProvenPeers: boolean;
  /** Whether what LISTEN drops shows in sk_drops. */
  readonly countsSocketDrops: boolean;
};

export type SocketSettings = {
  /** sk_max_ack_backlog. */
  readonly limit: number;
  readonly maxSynBacklog: number;
  readonly syncookies: number;
  readonly abortOnOverflow: boolean;
  /** TCP_DEFER_ACCEPT: a bare ACK leaves the request where it is. */
  readonly deferAccept: boolean;
  /** How many unacknowledged Fast Open connections it takes; 0 where it takes none. */
  readonly fastOpenLimit: number;
};

type Peer = 'unproven' | 'proven' | 'time-wait' | 'fast-open';
type Reply = 'dropped' | 'syn-ack' | 'cookie' | 'fast-open';

/** A LISTEN socket as far as a load changes it. Changed in place: a load may have millions of events. */
type ListenSocket = {
  readonly settings: SocketSettings;
  readonly behaviour: Behaviour;
  acceptQueue: number;
  synRecv: number;
  fastOpenPending: number;
  synAcks: number;
  resets: number;
  socketDrops: number;
  readonly counters: Record<LoadCounter, number>;
  readonly clients: Record<ClientView, number>;
};

function freshSocket(settings: SocketSettings, behaviour: Behaviour): ListenSocket {
  return {
    settings,
    behaviour,
    acceptQueue: 0,
    synRecv: 0,
    fastOpenPending: 0,
    synAcks: 0,
    resets: 0,
    socketDrops: 0,
    counters: {
      ListenOverflows: 0,
      ListenDrops: 0,
      TCPReqQFullDrop: 0,
      TCPReqQFullDoCookies: 0,
      SyncookiesSent: 0,
      SyncookiesRecv: 0,
      SyncookiesFailed: 0,
      EmbryonicRsts: 0,
      PassiveOpens: 0,
      TCPDeferAcceptDrop: 0,
      TCPFastOpenPassive: 0,
      TCPFastOpenListenOverflow: 0,
    },
    clients: { connected: 0, believing: 0, deferred: 0, halfOpen: 0, reset: 0, unanswered: 0 },
  };
}

/** inet_csk_reqsk_queue_is_full() */
function isSynQueueFull({ settings: { limit }, behaviour, synRecv }: ListenSocket): boolean {
  return behaviour.synQueueFull === 'at-limit' ? synRecv >= limit : synRecv > limit;
}

/** sk_acceptq_is_full() */
function isAcceptQueueFull({ settings: { limit }, acceptQueue }: ListenSocket): boolean {
  return acceptQueue > limit;
}

function countDrop(socket: ListenSocket, packets: number): void {
  if (socket.behaviour.countsSocketDrops) socket.socketDrops += packets;
}

/** tcp_listendrop() */
function drop(socket: ListenSocket, counter: 'ListenOverflows' | 'TCPReqQFullDrop' | null): Reply {
  if (counter !== null) socket.counters[counter] += 1;
  socket.counters.ListenDrops += 1;
  countDrop(socket, 1);
  return 'dropped';
}

function meetsFullAcceptQueue(socket: ListenSocket): boolean {
  if (!isAcceptQueueFull(socket)) return false;
  // Within the first second every half-open request is young.
  return socket.behaviour.fullAcceptQueueDropsEverySyn || socket.synRecv > 1;
}

/** The last quarter is kept for proven peers. The shift rounds towards minus infinity. */
function isInLastQuarter({ settings: { maxSynBacklog }, synRecv }: ListenSocket): boolean {
  return maxSynBacklog - synRecv < maxSynBacklog >> 2;
}

/** tcp_conn_request(), in its order. */
function receiveSyn(socket: ListenSocket, peer: Peer): Reply {
  const { settings, behaviour, counters } = socket;
  const { syncookies } = settings;
  const bypasses = peer === 'time-wait';
  const wantsCookie = !bypasses && (syncookies === 2 || isSynQueueFull(socket));
  if (wantsCookie) {
    if (syncookies === 0) return drop(socket, 'TCPReqQFullDrop');
    counters.TCPReqQFullDoCookies += 1;
  }
  if (meetsFullAcceptQueue(socket)) return drop(socket, 'ListenOverflows');
  if (wantsCookie) {
    counters.SyncookiesSent += 1;
    socket.synAcks += 1;
    return 'cookie';
  }
  const isExempt = bypasses || (peer === 'proven' && behaviour.exemptsProvenPeers);
  if (syncookies === 0 && !isExempt && isInLastQuarter(socket)) return drop(socket, null);
  socket.synAcks += 1;
  if (peer === 'fast-open' && takesFastOpen(socket)) return 'fast-open';
  socket.synRecv += 1;
  return 'syn-ack';
}

/** tcp_fastopen_queue_check(): a child of Fast Open waits in the accept queue and is no half-open request. */
function takesFastOpen(socket: ListenSocket): boolean {
  const { settings, counters } = socket;
  if (settings.fastOpenLimit === 0) return false;
  if (socket.fastOpenPending >= settings.fastOpenLimit) {
    counters.TCPFastOpenListenOverflow += 1;
    return false;
  }
  // Only where a full accept queue let the SYN pass.
  if (isAcceptQueueFull(socket)) {
    drop(socket, 'ListenOverflows');
    return false;
  }
  socket.fastOpenPending += 1;
  socket.acceptQueue += 1;
  counters.PassiveOpens += 1;
  counters.TCPFastOpenPassive += 1;
  return true;
}

/** tcp_v4_syn_recv_sock() */
function establish(socket: ListenSocket): void {
  socket.acceptQueue += 1;
  socket.counters.PassiveOpens += 1;
  socket.clients.connected += 1;
}

/** The last ACK of a handshake whose request is in the SYN queue: tcp_check_req(). */
function receiveAck(socket: ListenSocket): void {
  const { settings, counters, clients } = socket;
  if (settings.deferAccept) {
    counters.TCPDeferAcceptDrop += 1;
    countDrop(socket, 1);
    clients.deferred += 1;
    return;
  }
  if (!isAcceptQueueFull(socket)) {
    socket.synRecv -= 1;
    establish(socket);
    return;
  }
  counters.ListenOverflows += 1;
  counters.ListenDrops += 1;
  // Once as a drop of LISTEN, and once more for the packet.
  countDrop(socket, 2);
  if (!settings.abortOnOverflow) {
    clients.believing += 1;
    return;
  }
  socket.synRecv -= 1;
  socket.resets += 1;
  counters.EmbryonicRsts += 1;
  clients.reset += 1;
}

/** The ACK of a SYN cookie: cookie_v4_check(). Neither tcp_abort_on_overflow nor TCP_DEFER_ACCEPT counts here. */
function receiveCookie(socket: ListenSocket): void {
  socket.counters.SyncookiesRecv += 1;
  if (!isAcceptQueueFull(socket)) {
    establish(socket);
    return;
  }
  drop(socket, 'ListenOverflows');
  socket.clients.believing += 1;
}

function answer(socket: ListenSocket, reply: Reply): void {
  if (reply === 'cookie') receiveCookie(socket);
  else if (reply === 'syn-ack') receiveAck(socket);
}

function handshakes(socket: ListenSocket, connections: number): void {
  for (let left = connections; left > 0; left -= 1) {
    const reply = receiveSyn(socket, 'unproven');
    if (reply === 'dropped') socket.clients.unanswered += 1;
    else answer(socket, reply);
  }
}

/** All SYNs before the first ACK; the ACKs in the order of the SYNs. Neighbours with one reply are kept as a number. */
function burst(socket: ListenSocket, connections: number): void {
  const runs: { readonly reply: Reply; count: number }[] = [];
  for (let left = connections; left > 0; left -= 1) {
    const reply = receiveSyn(socket, 'unproven');
    const last = runs.at(-1);
    if (last?.reply === reply) last.count += 1;
    else runs.push({ reply, count: 1 });
  }
  for (const { reply, count } of runs) {
    if (reply === 'dropped') socket.clients.unanswered += count;
    else for (let left = count; left > 0; left -= 1) answer(socket, reply);
  }
}

const PEERS: Readonly<Record<'syn' | 'proven-syn' | 'time-wait-syn' | 'fast-open', Peer>> = {
  syn: 'unproven',
  'proven-syn': 'proven',
  'time-wait-syn': 'time-wait',
  'fast-open': 'fast-open',
};

const VIEW_OF_SYN: Readonly<Record<Reply, ClientView>> = {
  dropped: 'unanswered',
  'syn-ack': 'halfOpen',
  cookie: 'halfOpen',
  // Its data is with the program already.
  'fast-open': 'connected',
};

function bareSyns(socket: ListenSocket, connections: number, peer: Peer): void {
  for (let left = connections; left > 0; left -= 1) {
    socket.clients[VIEW_OF_SYN[receiveSyn(socket, peer)]] += 1;
  }
}

/**
 * What a load leaves behind on a fresh listener, event by event. Counters begin at 0 and include the handshakes before
 * the load.
 */
export function outcomeOf(settings: SocketSettings, behaviour: Behaviour, load: Load): Outcome {
  const socket = freshSocket(settings, behaviour);
  handshakes(socket, load.prefilled);
  switch (load.kind) {
    case 'handshake':
      handshakes(socket, load.connections);
      break;
    case 'burst':
    case 'prefilled-burst':
      burst(socket, load.connections);
      break;
    default:
      bareSyns(socket, load.connections, PEERS[load.kind]);
  }
  const { acceptQueue, synRecv, synAcks, resets, socketDrops, counters, clients } = socket;
  return { acceptQueue, synRecv, synAcks, resets, socketDrops, counters, clients };
}
