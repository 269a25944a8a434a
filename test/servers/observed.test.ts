import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SERVERS } from '../../src/servers/registry.ts';
import type { DefaultBacklog, ServerEntry } from '../../src/servers/server-entry.ts';

/** What was observed of each server, by strace, in its source or in its documentation. */
type Observed = {
  readonly id: string;
  readonly kind: 'fixed' | 'derived' | 'reads_somaxconn' | 'unbounded' | 'libc_somaxconn' | 'caller';
  readonly value: number | null;
  readonly comm: readonly string[];
  readonly config: string;
  readonly somaxconn: string;
};

const OBSERVED: readonly Observed[] = JSON.parse(
  readFileSync(new URL('../fixtures/servers/observed.json', import.meta.url), 'utf8'),
);

const KINDS: Readonly<Record<Observed['kind'], DefaultBacklog['kind']>> = {
  fixed: 'fixed',
  derived: 'derived',
  reads_somaxconn: 'follows-somaxconn',
  unbounded: 'follows-somaxconn',
  libc_somaxconn: 'libc-somaxconn',
  caller: 'caller',
};

/** Where our entry says something else on purpose. */
const KIND_OF_OURS: ReadonlyMap<string, DefaultBacklog['kind']> = new Map([
  // It asks for 65535 itself, which a higher somaxconn does not cut.
  ['h2o', 'derived'],
  // Its number is the runtime's, and programs choose another.
  ['tokio-mio', 'derived'],
]);
const OTHER_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  // A program called mysqld is taken for MySQL: the two cannot be told apart by it.
  ['mariadb', ['mariadbd']],
  // The name of its first thread is any runtime's: its program tells what it is.
  ['nodejs', ['node', 'nodejs']],
]);

/** The kernel keeps 15 bytes of a name, and some carry their release behind it. */
function stands(own: string, name: string): boolean {
  return own.slice(0, 15) === name || name.startsWith(own);
}

function byId(id: string): ServerEntry | undefined {
  return SERVERS.find((server) => server.id === id);
}

function numberOf(backlog: DefaultBacklog): number | null {
  return backlog.kind === 'fixed' || backlog.kind === 'derived' ? backlog.value : null;
}

test('every server that was observed is known', () => {
  expect(OBSERVED).toHaveLength(97);
  expect(OBSERVED.filter(({ id }) => byId(id) === undefined)).toEqual([]);
});

describe.each(OBSERVED.map((observed) => [observed.id, observed] as const))('%s', (id, observed) => {
  const server = byId(id);

  test('asks for what it was seen to ask for', () => {
    const kind = KIND_OF_OURS.get(id) ?? KINDS[observed.kind];
    expect(server?.defaultBacklog.kind).toBe(kind);
    if (server !== undefined && (observed.kind === 'fixed' || observed.kind === 'derived')) {
      expect(numberOf(server.defaultBacklog)).toBe(observed.value);
    }
  });

  test('listens again by the way that was seen to work', () => {
    expect([server?.configChange.action, server?.somaxconnChange.action]).toEqual([
      // What has no setting needs no step for one.
      server?.config.configurable === true ? observed.config : 'n/a',
      observed.somaxconn,
    ]);
  });

  test('is called what it was seen to be called', () => {
    const names = OTHER_NAMES.get(id) ?? observed.comm;
    for (const name of names) expect(server?.match.comm.filter((own) => stands(own, name))).not.toEqual([]);
  });
});
