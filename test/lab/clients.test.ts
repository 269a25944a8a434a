import { describe, expect, test } from '@jest/globals';
import type { Channel, Dialed, Dialing } from '../../src/core/lab-ports.ts';
import { runClients } from '../../src/lab/clients.ts';
import type { ClientOrder } from '../../src/lab/protocol.ts';
import { memoryHost } from '../tools/memory-host.ts';

type Fate = 'connected' | 'dropped' | 'refused' | 'silence';

/** A server that counts what it drops, and clients whose fates are known. */
async function run(orders: readonly ClientOrder[], fates: readonly Fate[], resentByEach = 0) {
  let resent = 0;
  const answers: unknown[] = [];
  const dialed: { readonly from: string; readonly port: number; closed: boolean }[] = [];
  let drops = 100;
  const host = memoryHost();
  const reader = {
    ...host.reader,
    readText: () => ({
      ok: true as const,
      value: `TcpExt: ListenDrops TCPSynRetrans\nTcpExt: ${drops} ${resent}\n`,
    }),
  };
  const dialing: Dialing = {
    async dial(from, ports) {
      return ports.map((port): Dialed => {
        const fate = fates[dialed.length] ?? 'connected';
        resent += resentByEach;
        if (fate === 'dropped') drops += 1;
        const entry = { from, port, closed: false };
        dialed.push(entry);
        return {
          errno: () => (fate === 'refused' ? 'EMFILE' : ''),
          state: () => (fate === 'connected' ? 'connected' : fate === 'refused' ? 'failed' : 'waiting'),
          settle: async () => undefined,
          close: () => {
            entry.closed = true;
          },
        };
      });
    },
  };
  const waiting: unknown[] = [...orders, null];
  const channel: Channel = { send: (what) => void answers.push(what), receive: async () => waiting.shift() };
  await runClients(channel, { reader, exec: host.exec, dialing }, 77);
  return { answers, dialed };
}

function load(kind: 'syn' | 'handshake', connections: number): ClientOrder {
  return { kind: 'load', load: kind, port: 10_000, connections };
}

describe('clients', () => {
  test('say that they are there, then do what they are told, one order after another', async () => {
    const { answers } = await run([load('handshake', 2), { kind: 'close' }], []);
    const done = { kind: 'done', resent: 0 };
    expect(answers).toEqual([done, done, done]);
  });

  test('keep what is connected until they are told, and close what was dropped at once', async () => {
    const { dialed } = await run([load('handshake', 3)], ['connected', 'dropped', 'connected']);
    expect(dialed.map(({ closed }) => closed)).toEqual([false, true, false]);
    const closed = await run(
      [load('handshake', 3), { kind: 'close' }],
      ['connected', 'dropped', 'connected'],
    );
    expect(closed.dialed.map((each) => each.closed)).toEqual([true, true, true]);
  });

  test('bare SYNs come from the address that never gets an answer, and are closed at once', async () => {
    const { dialed } = await run([load('syn', 150)], []);
    expect(new Set(dialed.map(({ from }) => from))).toEqual(new Set(['192.0.2.3']));
    expect(dialed).toHaveLength(150);
    expect(dialed.every(({ closed }) => closed)).toBe(true);
  });

  test('say how many SYNs were sent again meanwhile', async () => {
    const { answers } = await run([load('syn', 4), load('handshake', 2)], [], 3);
    expect(answers.slice(1)).toEqual([
      { kind: 'done', resent: 12 },
      { kind: 'done', resent: 6 },
    ]);
  });

  test('a client that is neither connected nor dropped in time is counted with those, and ends the load', async () => {
    const { answers, dialed } = await run([load('handshake', 5)], ['connected', 'silence']);
    expect(answers.at(-1)).toEqual({ kind: 'done', resent: 1 });
    expect(dialed.map(({ closed }) => closed)).toEqual([false, true]);
  });

  test('no port is used twice', async () => {
    const { dialed } = await run([load('syn', 100), load('handshake', 100), load('syn', 100)], []);
    expect(new Set(dialed.map(({ port }) => port)).size).toBe(300);
  });

  test('drops of bare SYNs are not taken for those of a later handshake', async () => {
    const fates: Fate[] = [...Array.from({ length: 5 }, (): Fate => 'dropped'), 'connected'];
    const { answers, dialed } = await run([load('syn', 5), load('handshake', 1)], fates);
    expect(answers).toHaveLength(3);
    expect(dialed.at(-1)).toMatchObject({ closed: false });
  });

  test.each<readonly [Fate, string]>([
    ['refused', 'too few open files are allowed here (EMFILE): raise ulimit -n, or give a smaller --backlog'],
  ])('a client that meets %s is a failure that says so', async (fate, why) => {
    const { answers } = await run([load('handshake', 1)], [fate]);
    expect(answers.at(-1)).toEqual({ kind: 'failed', why });
    if (fate === 'refused')
      expect((await run([load('syn', 3)], [fate])).answers.at(-1)).toEqual({ kind: 'failed', why });
  });
});
