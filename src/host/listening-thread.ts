import { createServer } from 'node:net';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

export type ListenOrder = { readonly address: string; readonly port: number; readonly backlog: number };

/** From the thread: it listens, or cannot, or no longer does. */
export type ListenReport =
  | { readonly kind: 'listening' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'closed' };

/** The thread sleeps while this cell of shared memory holds 0. */
export type ListenCell = Int32Array;

/**
 * Listens, and then sleeps in the callback: whatever arrives stays in the queues, because the event loop that would
 * accept it does not run.
 */
function listenAndSleep(
  { address, port, backlog }: ListenOrder,
  awake: ListenCell,
  report: (what: ListenReport) => void,
): void {
  const server = createServer();
  server.on('error', ({ message }) => report({ kind: 'failed', why: message }));
  server.listen({ host: address, port, backlog }, () => {
    report({ kind: 'listening' });
    Atomics.wait(awake, 0, 0);
    // The socket is closed at once, before the event loop could look at it.
    server.close(() => report({ kind: 'closed' }));
  });
}

function obey(port: MessagePort, awake: ListenCell): void {
  port.on('message', (order: ListenOrder) => listenAndSleep(order, awake, (what) => port.postMessage(what)));
}

if (parentPort !== null) obey(parentPort, workerData);
