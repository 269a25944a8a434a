/**
 * What reaches a listener that accepts nothing, within its first second, so that nothing is sent twice.
 * `syn`: bare SYNs from peers that the kernel does not know. `proven-syn`: the same from peers with a round-trip time
 * in tcp_metrics. `time-wait-syn`: from peers whose last connection still is in TIME_WAIT here. `handshake`: whole
 * handshakes, one after another. `burst`: all SYNs first, then an ACK for each SYN-ACK. `prefilled-burst`: the same
 * after some handshakes. `fast-open`: SYNs with data and a valid Fast Open cookie, not acknowledged yet.
 */
export const LOAD_KINDS = [
  'syn',
  'proven-syn',
  'time-wait-syn',
  'handshake',
  'burst',
  'prefilled-burst',
  'fast-open',
] as const;
/** An event costs some tens of nanoseconds. */
export const MOST_CONNECTIONS = 10_000_000;

export type LoadKind = (typeof LOAD_KINDS)[number];

export type Load = {
  readonly kind: LoadKind;
  readonly connections: number;
  /** Whole handshakes before the load, which nobody accepts. */
  readonly prefilled: number;
};

/** Of TcpExt in /proc/net/netstat, and PassiveOpens of Tcp in /proc/net/snmp. */
export const LOAD_COUNTERS = [
  'ListenOverflows',
  'ListenDrops',
  'TCPReqQFullDrop',
  'TCPReqQFullDoCookies',
  'SyncookiesSent',
  'SyncookiesRecv',
  'SyncookiesFailed',
  'EmbryonicRsts',
  'PassiveOpens',
  'TCPDeferAcceptDrop',
  'TCPFastOpenPassive',
  'TCPFastOpenListenOverflow',
] as const;
export type LoadCounter = (typeof LOAD_COUNTERS)[number];

/**
 * What the clients see. `connected`: connect() returned, and the server has the connection. `believing`: connect()
 * returned, and the server has no connection; what they send is not acknowledged. `deferred`: connect() returned, and
 * the server takes the connection with its first data. `halfOpen`: they got a SYN-ACK and
 * have not answered. `reset`: connect() or the first read fails. `unanswered`: the SYN was dropped, and connect() sends
 * it again after 1, 3 and 7 s; from 6.5 on after 1, 2, 3, 4, 5 and 7 s (tcp_syn_linear_timeouts).
 */
export const CLIENT_VIEWS = [
  'connected',
  'believing',
  'deferred',
  'halfOpen',
  'reset',
  'unanswered',
] as const;
export type ClientView = (typeof CLIENT_VIEWS)[number];
