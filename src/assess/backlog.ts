import { INT_MAX } from '../core/integers.ts';
import { asUnsigned } from '../model/queues.ts';
import { isChosenByProgram, speaksForDefault } from '../servers/default-evidence.ts';
import type { ServerEntry } from '../servers/server-entry.ts';
import type { BacklogSource, Listener } from '../snapshot/listener.ts';
import type { RequestedBacklog } from './assessment.ts';

/** SOMAXCONN in the C library's headers: 128, from glibc 2.36 on 4096. */
const LIBC_SOMAXCONN = { old: 128, recent: 4096 } as const;

/** Go up to 1.17 kept no more of somaxconn than 16 bits hold, whatever it read. */
const SIXTEEN_BITS = 65_535;

const SOURCES: ReadonlyMap<string, BacklogSource> = new Map(
  (['config', 'command-line', 'default', 'derived', 'inferred', 'unknown'] as const).map((source) => [
    source,
    source,
  ]),
);

const NOT_KNOWN: RequestedBacklog = {
  requested: null,
  source: 'unknown',
  at: null,
  followsSomaxconn: false,
};

/**
 * What the program passes to listen(), as far as the snapshot or our knowledge of the server tells. A server's
 * default, or what follows from its default settings, counts only where the live limit can have come from it: a
 * larger limit shows that somebody configured another number. That of a runtime counts only where the limit speaks
 * for it, unless whoever took the snapshot says so.
 * @param somaxconn of the listener's network namespace now; null where not known
 */
export function requestedBacklog(
  listener: Listener,
  server: ServerEntry | null,
  somaxconn: number | null,
): RequestedBacklog {
  const { backlog, limit } = listener;
  if (backlog?.ok !== true) return backlogByDefault(listener, server, somaxconn);
  const source = SOURCES.get(backlog.from ?? '') ?? 'unknown';
  const requested = asUnsigned(backlog.value);
  const isDefault = source === 'default' || source === 'derived';
  const isCapped = isDefault && readsSomaxconn(server) && limit === SIXTEEN_BITS;
  if (isCapped || (isDefault && limit !== undefined && limit > requested))
    return withoutNumber(server, limit, somaxconn);
  return {
    requested,
    source,
    at: listener.backlogAt ?? null,
    followsSomaxconn: requested >= INT_MAX || (isDefault && readsSomaxconn(server)),
  };
}

/** It has no number of its own: what is stated is the somaxconn that it read. */
function readsSomaxconn(server: ServerEntry | null): boolean {
  const byDefault = server?.defaultBacklog;
  return byDefault?.kind === 'follows-somaxconn' && byDefault.passes === undefined;
}

function leavesItToSomaxconn(server: ServerEntry | null): boolean {
  return server?.defaultBacklog.kind === 'follows-somaxconn';
}

function withoutNumber(
  server: ServerEntry | null,
  limit: number | undefined,
  somaxconn: number | null,
): RequestedBacklog {
  if (readsSomaxconn(server) && limit === SIXTEEN_BITS && somaxconn !== null && somaxconn > SIXTEEN_BITS) {
    return { requested: SIXTEEN_BITS, source: 'inferred', at: null, followsSomaxconn: false };
  }
  return leavesItToSomaxconn(server)
    ? { requested: null, source: 'default', at: null, followsSomaxconn: true }
    : NOT_KNOWN;
}

function backlogByDefault(
  { backlog, limit }: Listener,
  server: ServerEntry | null,
  somaxconn: number | null,
): RequestedBacklog {
  if (server === null || isOfAnotherRelease(server, limit)) return NOT_KNOWN;
  const byDefault = ownDefault(server, limit, somaxconn);
  // What stands in a file that may not be read may be anything: only the limit itself can speak for the default.
  if (backlog?.ok === false && backlog.why === 'denied' && hasNumber(server)) {
    return byDefault.requested === limit ? byDefault : NOT_KNOWN;
  }
  const mayBeConfigured = backlog?.ok === false && backlog.why !== 'absent' && hasNumber(server);
  if (!isChosenByProgram(server) && !mayBeConfigured) return byDefault;
  const numbers = byDefault.requested === null ? [] : [byDefault.requested];
  return speaksForDefault(limit, numbers, somaxconn) ? byDefault : NOT_KNOWN;
}

/** Whoever collected looked for its configuration, and could not tell what it says. */
function hasNumber({ defaultBacklog }: ServerEntry): boolean {
  return defaultBacklog.kind === 'fixed' || defaultBacklog.kind === 'derived';
}

/** The limit is just what some release asks for, so it need not be an old somaxconn that the newest one met. */
function isOfAnotherRelease({ backlogByVersion = [] }: ServerEntry, limit: number | undefined): boolean {
  return backlogByVersion.some(({ value }) => value === limit);
}

function ownDefault(
  server: ServerEntry,
  limit: number | undefined,
  somaxconn: number | null,
): RequestedBacklog {
  const byDefault = server.defaultBacklog;
  switch (byDefault.kind) {
    case 'fixed':
      return numberByDefault(byDefault.value, 'default', limit);
    case 'derived':
      return byDefault.value === null ? NOT_KNOWN : numberByDefault(byDefault.value, 'derived', limit);
    case 'follows-somaxconn':
      return withoutNumber(server, limit, somaxconn);
    case 'libc-somaxconn':
      // A limit above the old constant can only have come from the recent one.
      return limit !== undefined && limit > LIBC_SOMAXCONN.old
        ? numberByDefault(LIBC_SOMAXCONN.recent, 'inferred', limit)
        : NOT_KNOWN;
    case 'caller':
      return NOT_KNOWN;
  }
}

function numberByDefault(
  requested: number,
  source: BacklogSource,
  limit: number | undefined,
): RequestedBacklog {
  if (limit !== undefined && limit > requested) return NOT_KNOWN;
  return { requested, source, at: null, followsSomaxconn: false };
}
