import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** What a thread that listens is given; `over` is a cell of shared memory that somebody wakes. */
export type ListeningOrder = {
  readonly address: string;
  readonly port: number;
  readonly backlog: number;
  readonly over: Int32Array;
};

/**
 * Listens, and then sleeps in the callback: whatever arrives stays in the queues, because the event loop that would
 * accept it never runs.
 */
function listenAndSleep({ address, port, backlog, over }: ListeningOrder): void {
  const server = createServer();
  server.on('error', ({ message }) => {
    parentPort?.postMessage(message);
    process.exit();
  });
  server.listen({ host: address, port, backlog }, () => {
    parentPort?.postMessage(null);
    Atomics.wait(over, 0, 0);
    process.exit();
  });
}

listenAndSleep(workerData);
