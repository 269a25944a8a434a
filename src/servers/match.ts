import { SERVERS } from './registry.ts';
import type { ServerEntry } from './server-entry.ts';

/** A process as /proc shows it. `exe` is what the link leads to; null where it may not be read. */
export type ServerProcess = {
  readonly comm: string;
  readonly exe: string | null;
  readonly commandLine: readonly string[];
};

/** Bytes of a task's name that the kernel keeps (TASK_COMM_LEN without the end). Our names are ASCII. */
const COMM_LENGTH = 15;

/** `python3.11`, `php-fpm8.2`, `stunnel4`: distributions put the release behind the name. */
const VERSION = /[-.]?\d+(?:\.\d+)*$/;

/** A file's name (NAME_MAX), and as much of a command line as tells servers apart: any user may make them longer. */
const NAME_LENGTH = 255;
const COMMAND_LINE_LENGTH = 4096;

function plainName(name: string): string {
  return name.slice(0, NAME_LENGTH).replace(VERSION, '').slice(0, COMM_LENGTH);
}

function entriesByName(): ReadonlyMap<string, readonly ServerEntry[]> {
  const byName = new Map<string, ServerEntry[]>();
  for (const server of SERVERS) {
    if (server.match.specificity === 'manual') continue;
    for (const name of new Set(server.match.comm.map(plainName))) {
      byName.set(name, [...(byName.get(name) ?? []), server]);
    }
  }
  return byName;
}

const BY_NAME = entriesByName();

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A replaced program's link reads `/usr/sbin/nginx (deleted)`. */
function programOf(exe: string): string {
  return baseName(exe.replace(/ \(deleted\)$/, ''));
}

/**
 * The program's names, the surest first: what was executed (a link called mysqld may lead to mariadbd), then comm,
 * which can be any thread's choice (Node 24 and later call themselves `MainThread`), then what it was called as.
 */
function namesOf(process: ServerProcess): readonly string[] {
  const [first] = process.commandLine;
  const names = [];
  if (process.exe !== null) names.push(programOf(process.exe));
  names.push(process.comm);
  if (first !== undefined) names.push(baseName(first));
  return [...new Set(names.map(plainName))];
}

/** Where in the command line the entry shows first; null where it does not. */
function evidenceAt(server: ServerEntry, process: ServerProcess, joined: string): number | null {
  if (server.match.commandLine.length === 0) return 0;
  const found = server.match.commandLine.map((pattern) => joined.search(pattern)).filter((at) => at >= 0);
  if (found.length > 0) return Math.min(...found);
  const { exe } = process;
  return exe !== null && server.match.commandLine.some((pattern) => pattern.test(exe)) ? 0 : null;
}

type Candidate = { readonly server: ServerEntry; readonly rank: number; readonly at: number };

function rankOf(server: ServerEntry): number {
  if (server.match.specificity === 'fallback') return 2;
  return server.match.commandLine.length === 0 ? 0 : 1;
}

function candidatesOf(process: ServerProcess): readonly Candidate[] {
  const joined = process.commandLine.join(' ').slice(0, COMMAND_LINE_LENGTH);
  return namesOf(process)
    .flatMap((name) => BY_NAME.get(name) ?? [])
    .flatMap((server) => {
      const at = evidenceAt(server, process, joined);
      return at === null ? [] : [{ server, rank: rankOf(server), at }];
    });
}

/**
 * The server that a process is. A name of its own beats a runtime with a telling command line, and that beats the
 * runtime alone. Of several that the command line names, the first: `gunicorn -k gevent` is gunicorn.
 */
export function matchServer(process: ServerProcess): ServerEntry | null {
  const [best] = [...candidatesOf(process)].sort((a, b) => a.rank - b.rank || a.at - b.at);
  return best?.server ?? null;
}
