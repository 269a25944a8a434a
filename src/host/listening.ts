import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Endpoint, Listened, Listening } from '../core/lab-ports.ts';
import type { ListenCell, ListenOrder, ListenReport } from './listening-thread.ts';

/** A bundle of its own beside ours: a thread starts from a file. */
const THREAD = new URL('./host-listening-thread.js', import.meta.url);

/** Listeners whose program accepts nothing, one after another, in a thread that lasts as long as we do. */
export function hostListening(): Listening {
  const awake: ListenCell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thread = new Worker(THREAD, { workerData: awake });
  thread.unref();

  async function reported(): Promise<ListenReport> {
    const [report]: readonly ListenReport[] = await once(thread, 'message');
    return report ?? { kind: 'failed', why: 'its thread is gone' };
  }

  async function listen({ address, port }: Endpoint, backlog: number): Promise<Listened> {
    Atomics.store(awake, 0, 0);
    const order: ListenOrder = { address, port, backlog };
    const reporting = reported();
    thread.postMessage(order);
    const report = await reporting;
    if (report.kind === 'failed') return { ok: false, why: report.why };
    return {
      ok: true,
      listener: {
        async close() {
          const closing = reported();
          Atomics.store(awake, 0, 1);
          Atomics.notify(awake, 0);
          await closing;
        },
      },
    };
  }

  return { listen };
}
