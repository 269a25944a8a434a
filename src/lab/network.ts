import type { Exec } from '../core/ports.ts';

/** TEST-NET-1 (RFC 5737), which leads nowhere, and nobody sees it outside the two network namespaces. */
export const SERVER = '192.0.2.1';
/** Answers. */
export const CLIENT = '192.0.2.2';
/** Sends SYNs and never gets an answer: to the server its link address is that of nobody. */
export const SILENT_CLIENT = '192.0.2.3';

export const SERVER_LINK = 'lab0';
const CLIENT_LINK = 'lab1';
const SERVER_MAC = '02:00:00:00:00:01';
const CLIENT_MAC = '02:00:00:00:00:02';
const NOBODYS_MAC = '02:00:00:00:00:ff';

const BOUNDS = { timeoutMs: 10_000, maxBytes: 64 * 1024 };

export class LabError extends Error {}

function ip(exec: Exec, ...words: readonly string[]): void {
  const result = exec.run(['ip', ...words], BOUNDS);
  if (result.kind === 'exited' && result.status === 0) return;
  const how = result.kind === 'exited' ? `status ${result.status}` : result.why;
  throw new LabError(`ip ${words.join(' ')}: ${how}`);
}

function neighbour(exec: Exec, address: string, mac: string, link: string): void {
  ip(exec, 'neigh', 'replace', address, 'lladdr', mac, 'dev', link, 'nud', 'permanent');
}

/** The server's end of the link, in its network namespace; the other end is put into that of the process. */
export function makeServerLink(exec: Exec, clientPid: number): void {
  const peer = ['peer', 'name', CLIENT_LINK, 'address', CLIENT_MAC, 'netns', String(clientPid)];
  ip(exec, 'link', 'add', 'name', SERVER_LINK, 'address', SERVER_MAC, 'type', 'veth', ...peer);
  ip(exec, 'address', 'add', `${SERVER}/24`, 'dev', SERVER_LINK);
  ip(exec, 'link', 'set', SERVER_LINK, 'up');
  neighbour(exec, CLIENT, CLIENT_MAC, SERVER_LINK);
  neighbour(exec, SILENT_CLIENT, NOBODYS_MAC, SERVER_LINK);
}

/** The clients' end, in theirs. */
export function makeClientLink(exec: Exec): void {
  ip(exec, 'address', 'add', `${CLIENT}/24`, 'dev', CLIENT_LINK);
  ip(exec, 'address', 'add', `${SILENT_CLIENT}/24`, 'dev', CLIENT_LINK);
  ip(exec, 'link', 'set', CLIENT_LINK, 'up');
  neighbour(exec, SERVER, SERVER_MAC, CLIENT_LINK);
}
