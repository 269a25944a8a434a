import type { Channel, Dialed, Dialing } from '../core/lab-ports.ts';
import type { Exec, HostReader } from '../core/ports.ts';
import { CLIENT, LabError, makeClientLink, SERVER, SILENT_CLIENT } from './network.ts';
import { type ClientAnswer, ClientOrder } from './protocol.ts';
import { listenDrops, sentAgain } from './read-kernel.ts';

type Ports = { readonly reader: HostReader; readonly exec: Exec; readonly dialing: Dialing };

const FIRST_PORT = 1024;
const LAST_PORT = 60_999;

/** A port of its own for each client: the same twice would be one SYN sent again. */
function portsInTurn(): () => number {
  let next = FIRST_PORT;
  return () => {
    const port = next;
    next = next === LAST_PORT ? FIRST_PORT : next + 1;
    return port;
  };
}

/** Before a client that gets no answer sends its SYN again, which would count twice. */
const PATIENCE_MILLISECONDS = 900;
const STEP_MILLISECONDS = 5;

function failureText(errno: string): string {
  return errno === 'EMFILE' || errno === 'ENFILE'
    ? `too few open files are allowed here (${errno}): raise ulimit -n, or give a smaller --backlog`
    : `a client cannot connect (${errno})`;
}

/** The SYN is dropped before dial() returns, if it is: then the server has counted it. */
async function settled(dialed: Dialed, wasDropped: () => boolean): Promise<'connected' | 'dropped' | 'late'> {
  for (let waited = 0; waited < PATIENCE_MILLISECONDS; waited += STEP_MILLISECONDS) {
    await dialed.settle(waited === 0 ? 0 : STEP_MILLISECONDS);
    if (dialed.state() === 'connected') return 'connected';
    if (dialed.state() === 'failed') throw new LabError(failureText(dialed.errno()));
    if (wasDropped()) return 'dropped';
  }
  return 'late';
}

/** Sockets that are sent at once; more would only wait for each other. */
const BATCH = 64;

/**
 * The clients' network namespace: does what the bench orders, until the bench is gone.
 * @param serverPid a process in the server's network namespace, whose counters tell what was dropped
 */
export async function runClients(
  channel: Channel,
  { reader, exec, dialing }: Ports,
  serverPid: number,
): Promise<void> {
  const nextPort = portsInTurn();
  const open: Dialed[] = [];
  let drops: number | null = null;
  let late = 0;

  async function handshakes(port: number, connections: number): Promise<void> {
    drops ??= listenDrops({ reader, exec }, serverPid);
    const wasDropped = () => {
      const before = drops ?? 0;
      drops = listenDrops({ reader, exec }, serverPid);
      return drops > before;
    };
    for (let left = connections; left > 0; left -= 1) {
      const [dialed] = await dialing.dial(CLIENT, [nextPort()], { address: SERVER, port });
      if (dialed === undefined) throw new LabError('no client');
      const fate = await settled(dialed, wasDropped);
      if (fate === 'connected') open.push(dialed);
      else dialed.close();
      // Nothing that comes after it counts.
      if (fate === 'late') {
        late += 1;
        return;
      }
    }
  }

  async function syns(port: number, connections: number): Promise<void> {
    for (let left = connections; left > 0; left -= BATCH) {
      const ports = Array.from({ length: Math.min(left, BATCH) }, nextPort);
      const dialed = await dialing.dial(SILENT_CLIENT, ports, { address: SERVER, port });
      const failed = dialed.find((each) => each.state() === 'failed');
      if (failed !== undefined) throw new LabError(failureText(failed.errno()));
      for (const each of dialed) each.close();
    }
    // What they dropped is nothing that a later handshake has to look at.
    drops = null;
  }

  async function obey(order: ClientOrder): Promise<void> {
    switch (order.kind) {
      case 'link-up':
        makeClientLink(exec);
        return;
      case 'load':
        await (order.load === 'syn' ? syns : handshakes)(order.port, order.connections);
        return;
      case 'close':
        for (const each of open.splice(0)) each.close();
    }
  }

  async function answer(order: ClientOrder): Promise<ClientAnswer> {
    try {
      const before = sentAgain({ reader, exec });
      late = 0;
      await obey(order);
      return { kind: 'done', resent: sentAgain({ reader, exec }) - before + late };
    } catch (thrown) {
      if (!(thrown instanceof LabError)) throw thrown;
      return { kind: 'failed', why: thrown.message };
    }
  }

  channel.send({ kind: 'done', resent: 0 } satisfies ClientAnswer);
  for (let order = await channel.receive(); order !== null; order = await channel.receive()) {
    channel.send(await answer(ClientOrder.parse(order)));
  }
}
