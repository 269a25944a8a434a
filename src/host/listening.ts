import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Endpoint, IdleListener, Listening } from '../core/lab-ports.ts';
import type { ListeningOrder } from './listening-thread.ts';

/** A bundle of its own beside ours: a thread starts from a file. */
const THREAD = new URL('./host-listening-thread.js', import.meta.url);

async function listen({ address, port }: Endpoint, backlog: number): Promise<IdleListener> {
  const over = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: ListeningOrder = { address, port, backlog, over };
  const thread = new Worker(THREAD, { workerData });
  const exited = once(thread, 'exit');
  const [complaint]: readonly unknown[] = await once(thread, 'message');
  if (complaint !== null) throw new Error(`cannot listen on ${address}:${port}: ${String(complaint)}`);
  return {
    async close() {
      Atomics.store(over, 0, 1);
      Atomics.notify(over, 0);
      await exited;
    },
  };
}

/** Listeners whose program accepts nothing, each in a thread of its own. */
export function hostListening(): Listening {
  return { listen };
}
