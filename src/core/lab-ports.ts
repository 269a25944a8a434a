export type Endpoint = { readonly address: string; readonly port: number };

/** A listener whose program never calls accept(). */
type IdleListener = { close(): Promise<void> };

export type Listened =
  | { readonly ok: true; readonly listener: IdleListener }
  | { readonly ok: false; readonly why: string };

export interface Listening {
  /** @param backlog passed to listen() as it is, but for 0 */
  listen(at: Endpoint, backlog: number): Promise<Listened>;
}

/** One client: its SYN is sent. */
export type Dialed = {
  state(): 'waiting' | 'connected' | 'failed';
  /** The errno of a client that failed, such as ECONNREFUSED or EMFILE. */
  errno(): string;
  /** Gives the state a chance to change: returns after the next events, or when it has changed, or after the time. */
  settle(milliseconds: number): Promise<void>;
  /** Closes the socket. Before the handshake is complete nothing is sent for it. */
  close(): void;
};

export interface Dialing {
  /** Sends a SYN from each of the ports of `from`, and returns when all are sent. */
  dial(from: string, ports: readonly number[], to: Endpoint): Promise<readonly Dialed[]>;
}

/** The other end of a program that we started, or of the one that started us: a JSON document a line. */
export interface Channel {
  send(message: unknown): void;
  /** null once the other end is gone. */
  receive(): Promise<unknown>;
}

export type Started = Channel & {
  readonly pid: number;
  /** Ends the program, and says in one line what it complained of, or which signal ended it. */
  end(): Promise<string>;
};

export interface Programs {
  /** Starts a program that ends when we do, whatever ends us. */
  start(argv: readonly [string, ...string[]]): Promise<Started>;
}
