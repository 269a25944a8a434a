import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Channel } from '../core/lab-ports.ts';

/** JSON documents, one a line, over two streams. What was received before the end is still handed out. */
export function channelOver(input: Readable, output: Writable): Channel {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  // Whoever reads is gone: the next receive() says so.
  output.on('error', () => undefined);
  return {
    send(message) {
      output.write(`${JSON.stringify(message)}\n`);
    },
    async receive() {
      const { done, value } = await lines.next();
      return done === true ? null : (JSON.parse(value) as unknown);
    },
  };
}

/** To whoever started us, over standard input and output. */
export function stdioChannel(): Channel {
  return channelOver(process.stdin, process.stdout);
}
