import type { Channel, Listening, Programs, Started } from '../core/lab-ports.ts';
import type { Clock, Exec, HostReader, HostWriter } from '../core/ports.ts';
import { LabError, makeServerLink, SERVER } from './network.ts';
import { type BenchAnswer, ClientAnswer, type ClientOrder, LabPoint, type Measurement } from './protocol.ts';
import { difference, readCounted, readQueues } from './read-kernel.ts';

export type BenchPorts = {
  readonly reader: HostReader;
  readonly exec: Exec;
  readonly clock: Clock;
  /** In a network namespace of our own, which ends with us. */
  readonly writer: Pick<HostWriter, 'writeSysctl'>;
  readonly listening: Listening;
  readonly programs: Programs;
};

/** Each point has a port of its own, so that nothing of the one before is counted. */
const FIRST_PORT = 10_000;

async function setSysctl({ writer }: BenchPorts, path: string, value: number): Promise<void> {
  const written = await writer.writeSysctl(`/proc/sys/net/${path}`, String(value));
  if (!written.ok)
    throw new LabError(
      `/proc/sys/net/${path} cannot be set to ${value} (${written.errno}); /proc/sys has to be writable here, as it is outside most containers`,
    );
}

async function setUp(point: LabPoint, ports: BenchPorts): Promise<void> {
  await setSysctl(ports, 'core/somaxconn', point.somaxconn);
  await setSysctl(ports, 'ipv4/tcp_max_syn_backlog', point.maxSynBacklog);
  await setSysctl(ports, 'ipv4/tcp_syncookies', point.syncookies);
  await setSysctl(ports, 'ipv4/tcp_abort_on_overflow', point.abortOnOverflow);
}

/** @returns how many SYNs were sent again meanwhile */
async function order(clients: Channel, what: ClientOrder): Promise<number> {
  clients.send(what);
  const answer = await clients.receive();
  if (answer === null) throw new LabError("the clients' process is gone");
  const parsed = ClientAnswer.parse(answer);
  if (parsed.kind === 'failed') throw new LabError(parsed.why);
  return parsed.resent;
}

/** What a queue holds after seven seconds is no longer what came: the kernel gives up old requests. */
const LATEST_MILLISECONDS = 5_000;

/** null where the host was too busy: then timers of the kernel had their part in it. */
async function measureOnce(
  point: LabPoint,
  port: number,
  ports: BenchPorts,
  clients: Channel,
): Promise<Measurement | null> {
  const { connections, prefilled, kind } = point.load;
  await setUp(point, ports);
  const listened = await ports.listening.listen({ address: SERVER, port }, point.backlog);
  if (!listened.ok) throw new LabError(`nothing can listen on ${SERVER}:${port}: ${listened.why}`);
  try {
    const before = readCounted(ports);
    const prefill: ClientOrder = { kind: 'load', load: 'handshake', port, connections: prefilled };
    const resentBefore = prefilled > 0 ? await order(clients, prefill) : 0;
    const startedMs = ports.clock.monotonicMs();
    const resent = await order(clients, { kind: 'load', load: kind, port, connections });
    const after = readCounted(ports);
    const measurement = { ...readQueues(ports, port), ...difference(after, before) };
    const isLate = kind === 'syn' && ports.clock.monotonicMs() - startedMs > LATEST_MILLISECONDS;
    return isLate || resentBefore + resent > 0 ? null : measurement;
  } finally {
    await listened.listener.close();
    await order(clients, { kind: 'close' });
  }
}

const MOST_ATTEMPTS = 5;

async function measure(
  point: LabPoint,
  nextPort: () => number,
  ports: BenchPorts,
  clients: Channel,
): Promise<Measurement> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const measurement = await measureOnce(point, nextPort(), ports, clients);
    if (measurement !== null) return measurement;
  }
  throw new LabError(
    `this host is too busy: clients waited longer than a second for an answer, ${MOST_ATTEMPTS} times in a row`,
  );
}

/**
 * IPv6 would send packets of its own over the link, and a peer whose round-trip time is remembered is another peer to
 * the model.
 */
const AT_REST = [
  ['ipv6/conf/all/disable_ipv6', 1],
  ['ipv6/conf/default/disable_ipv6', 1],
  ['ipv4/tcp_no_metrics_save', 1],
] as const;

/** A kernel without IPv6 has no such files. */
async function comeToRest(ports: BenchPorts): Promise<void> {
  for (const [path, value] of AT_REST) {
    if (ports.reader.lstat(`/proc/sys/net/${path}`).ok) await setSysctl(ports, path, value);
  }
}

async function withClients(
  ports: BenchPorts,
  clientCommand: readonly [string, ...string[]],
  act: (clients: Started) => Promise<void>,
): Promise<void> {
  const clients = await ports.programs.start(clientCommand);
  try {
    // Its first word says that it stands in its own network namespace.
    if ((await clients.receive()) === null) throw new LabError("the clients' process did not start");
    await act(clients);
  } finally {
    await clients.end();
  }
}

/**
 * The server's network namespace: measures the points that come, one after another, until nobody asks any more.
 * @param clientCommand starts runClients() in a network namespace of its own
 */
export async function runBench(
  channel: Channel,
  ports: BenchPorts,
  clientCommand: readonly [string, ...string[]],
): Promise<void> {
  const answer = (what: BenchAnswer) => channel.send(what);
  try {
    await comeToRest(ports);
    await withClients(ports, clientCommand, async (clients) => {
      makeServerLink(ports.exec, clients.pid);
      await order(clients, { kind: 'link-up' });
      let port = FIRST_PORT;
      const nextPort = () => {
        port += 1;
        return port;
      };
      for (let asked = await channel.receive(); asked !== null; asked = await channel.receive()) {
        const measurement = await measure(LabPoint.parse(asked), nextPort, ports, clients);
        answer({ kind: 'measured', measurement });
      }
    });
  } catch (thrown) {
    if (!(thrown instanceof LabError)) throw thrown;
    answer({ kind: 'failed', why: thrown.message });
  }
}
