/**
 * What we know of one server: how to recognise it, the backlog that it hands to listen(2) when nobody configures
 * one, and what it takes for a change to reach the live socket. One data file a server under data/.
 */
export type DefaultBacklog =
  | { readonly kind: 'fixed'; readonly value: number; readonly rule: string }
  /** Computed from other settings: `value` is what the default settings give, null where they do not tell. */
  | { readonly kind: 'derived'; readonly value: number | null; readonly rule: string }
  /**
   * Only somaxconn limits it: it passes a number that no somaxconn reaches, `passes` (-1 as 4294967295), or without
   * that it has none of its own and reads /proc/sys/net/core/somaxconn itself.
   */
  | { readonly kind: 'follows-somaxconn'; readonly passes?: number; readonly rule: string }
  /** The constant SOMAXCONN of the C library that it was built with: 128 or 4096. */
  | { readonly kind: 'libc-somaxconn'; readonly rule: string }
  /** The program must pass a number. */
  | { readonly kind: 'caller'; readonly rule: string };

export type RelistenAction =
  | 'reload'
  | 'reload-only-if-value-changed'
  | 're-exec'
  | 'rebind'
  | 'child-restart'
  | 'socket-unit-restart'
  | 'listener-update-or-restart'
  | 'restart'
  | 'code-change+restart'
  | 'n/a'
  | 'unknown';

/**
 * `command` is typed as it stands, except for what only the host can tell: `<unit>` (its systemd unit), `<socket>`
 * and `<service>` (the units of a socket activation), `<container>`, `<pid>` (its first process), `<port>`,
 * `<free-port>` and `<N>`. null where no command does it.
 */
export type ApplyStep = { readonly action: RelistenAction; readonly command: string | null };

/** The default of the releases from `from` up to, and without, `below`; null for no bound. */
export type BacklogByVersion = {
  readonly from: string | null;
  readonly below: string | null;
  readonly value: number | 'somaxconn';
};

export type ServerEntry = {
  readonly id: string;
  readonly name: string;
  /** `exact` first; `fallback` where no exact entry of the same comm matched; `manual` is never matched by itself. */
  readonly match: {
    readonly comm: readonly string[];
    /** Any of them, searched in the command line joined by blanks; none means that the name alone decides. */
    readonly commandLine: readonly RegExp[];
    readonly specificity: 'exact' | 'fallback' | 'manual';
  };
  readonly defaultBacklog: DefaultBacklog;
  /** Only where the name of the program tells its release; `defaultBacklog` is that of the newest. */
  readonly backlogByVersion?: readonly BacklogByVersion[];
  /**
   * Arguments that set the backlog without doubt: `--x` (`--x N`, `--x=N`), `-x` (`-x N`, `-xN`), or `x=`, the start
   * of an argument that ends in the number.
   */
  readonly backlogFlags?: readonly string[];
  readonly config: {
    readonly configurable: boolean;
    readonly directive: string | null;
    readonly files: readonly string[];
    readonly example: string | null;
  };
  readonly queues: { readonly model: string; readonly note: string | null };
  /** What makes a new backlog effective, and what a raised somaxconn. */
  readonly configChange: ApplyStep;
  readonly somaxconnChange: ApplyStep;
  readonly note: string | null;
  readonly verified: 'strace' | 'source' | 'docs';
};
