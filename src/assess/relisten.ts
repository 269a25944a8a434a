import { shellQuote } from '../core/shell.ts';
import type { ApplyStep, RelistenAction, ServerEntry } from '../servers/server-entry.ts';
import type { Environment } from '../snapshot/host.ts';
import type { Listener } from '../snapshot/listener.ts';
import type { BoundBy, Relisten, RequestedBacklog } from './assessment.ts';

/** These keep established connections; every other way of calling listen() again ends some. */
const GENTLE: ReadonlySet<RelistenAction> = new Set<RelistenAction>(['reload', 're-exec', 'rebind', 'n/a']);

/**
 * Unit names come from the host. systemd allows letters, digits and `:-_.\@` (systemd.unit(5)); what begins with a
 * dash would be an option. Restarting a user's manager would end that user's whole session.
 */
const UNIT = /^(?!-|user@)[A-Za-z0-9:_.\\@-]+\.(?:service|socket)$/;

/** A unit below it belongs to that user's manager: the system's may have another of the same name. */
const USER_MANAGER = /\/user@\d+\.service(?:\/|$)/;

const SYSTEMCTL_ONE = /^systemctl (restart|reload) (?:<unit>|[\w@.-]+)$/;
const PLACEHOLDER = /<[^>]+>/;

/** How a changed limit reaches this socket: what to do, what to type, and whether connections are lost. */
export type RelistenStep = Omit<Relisten, 'needed'>;

const UNKNOWN_STEP: ApplyStep = { action: 'unknown', command: 'systemctl restart <unit>' };

/** What somebody changes so that the listener gets another limit. */
export type LimitChange = 'backlog' | 'somaxconn';

/** The change that the present limit calls for. A backlog that follows somaxconn needs none of its own. */
export function changeFor(boundBy: BoundBy, { followsSomaxconn }: RequestedBacklog): LimitChange {
  const byBacklog = boundBy === 'backlog' || (boundBy === 'both' && !followsSomaxconn);
  return byBacklog ? 'backlog' : 'somaxconn';
}

/** How the change reaches the live socket of this server. */
export function relistenStep(
  listener: Listener,
  server: ServerEntry | null,
  change: LimitChange,
  environment: Environment,
): RelistenStep {
  if (server === null) return stepFor(listener, UNKNOWN_STEP, environment);
  const step = change === 'backlog' ? server.configChange : server.somaxconnChange;
  const found = stepFor(listener, step, environment);
  if (step.action !== 'rebind' || found.command !== null) return found;
  // Which port is free for the time between nobody knows but the host: what can be typed is the restart.
  return { ...stepFor(listener, server.configChange, environment), how: step.action };
}

/** A step of a server's, with the listener's own unit and process in the command. */
export function stepFor(listener: Listener, step: ApplyStep, environment: Environment): RelistenStep {
  const command = step.command === null ? null : commandFor(listener, step.command, environment);
  return { how: step.action, command, disruptive: isDisruptive(step) };
}

function isDisruptive({ action, command }: ApplyStep): boolean {
  // nginx's reload calls listen() again only where the number changed; for a raised somaxconn it is a restart.
  if (action === 'reload-only-if-value-changed') return command === null || /\brestart\b/.test(command);
  return !GENTLE.has(action);
}

/** null where something in the command cannot be filled in: nobody should type a placeholder. */
function commandFor(listener: Listener, command: string, environment: Environment): string | null {
  // What is typed as root would reach the system's service; only a signal finds the right process.
  if (USER_MANAGER.test(listener.cgroup ?? '') && !command.includes('<pid>')) return null;
  const filled = fill(listener, command);
  const systemctl = SYSTEMCTL_ONE.exec(command);
  if (systemctl === null) return PLACEHOLDER.test(filled) ? null : filled;
  // The usual unit of that name would be a guess: distributions differ, and the process may be nobody's service.
  const unit = safeUnit(listener.unit ?? (environment === 'container' ? undefined : serviceOf(listener)));
  return unit?.endsWith('.service') === true ? `systemctl ${systemctl[1]} ${shellQuote(unit)}` : null;
}

/** The service whose own cgroup of the system's manager the process is in. */
function serviceOf({ cgroup }: Listener): string | undefined {
  return /^\/system\.slice\/(?:[^/]+\.slice\/)*([^/]+\.service)$/.exec(cgroup ?? '')?.[1];
}

/** The unit's name where a command may hold it. */
export function safeUnit(unit: string | undefined): string | null {
  return unit !== undefined && UNIT.test(unit) ? unit : null;
}

function fill(listener: Listener, command: string): string {
  const [first, ...others] = listener.processes ?? [];
  const unit = safeUnit(listener.unit);
  const values: Record<string, string | undefined> = {
    // Which of several processes is the one to signal is not known.
    '<pid>': first !== undefined && others.length === 0 ? String(first.pid) : undefined,
    '<port>': listener.protocol === 'tcp' ? String(listener.port) : undefined,
    ...socketUnit(unit, listener),
  };
  return command.replace(/<[^>]+>/g, (placeholder) => values[placeholder] ?? placeholder);
}

/**
 * The socket unit itself, or the one whose file or drop-in sets the backlog. It starts the service of its own name,
 * unless Service= says otherwise (systemd.socket(5)), which shows where a service holds the socket.
 */
function socketUnit(unit: string | null, { backlogAt }: Listener): Record<string, string> {
  const fromFile = /\/([^/]+\.socket)(?:\.d\/[^/]+)?$/.exec(backlogAt?.file ?? '')?.[1];
  const socket = unit?.endsWith('.socket') ? unit : safeUnit(fromFile);
  if (socket === null) return {};
  const service = unit?.endsWith('.service') ? unit : socket.replace(/\.socket$/, '.service');
  return { '<socket>': shellQuote(socket), '<service>': shellQuote(service) };
}
