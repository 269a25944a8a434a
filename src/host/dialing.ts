import { connect, type Socket } from 'node:net';
import { setImmediate as afterEvents, setTimeout as sleep } from 'node:timers/promises';
import type { Dialed, Dialing, Endpoint } from '../core/lab-ports.ts';
import { errnoOf } from './errno.ts';

function dialedOf(socket: Socket): Dialed {
  let state: ReturnType<Dialed['state']> = 'waiting';
  let errno = '';
  const changed = new Promise<void>((resolve) => {
    socket.once('connect', () => {
      state = 'connected';
      resolve();
    });
    // A server that goes away resets what it never accepted.
    socket.on('error', (error) => {
      if (state === 'waiting') {
        state = 'failed';
        errno = errnoOf(error);
      }
      resolve();
    });
  });
  return {
    state: () => state,
    errno: () => errno,
    async settle(milliseconds) {
      await afterEvents();
      if (state !== 'waiting' || milliseconds === 0) return;
      await Promise.race([changed, sleep(milliseconds)]);
    },
    close() {
      socket.destroy();
    },
  };
}

async function dial(from: string, ports: readonly number[], to: Endpoint): Promise<readonly Dialed[]> {
  const dialed = ports.map((localPort) =>
    dialedOf(connect({ host: to.address, port: to.port, localAddress: from, localPort })),
  );
  // connect(2) is called in the next tick, and sends the SYN before it returns.
  await afterEvents();
  return dialed;
}

export function hostDialing(): Dialing {
  return { dial };
}
