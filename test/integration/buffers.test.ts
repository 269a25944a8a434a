import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox, until } from '../tools/sandbox.ts';

const RMEM_MAX = readFileSync('/proc/sys/net/core/rmem_max', 'utf8').trim();
const WMEM_MAX = readFileSync('/proc/sys/net/core/wmem_max', 'utf8').trim();

/** Connects to itself and keeps the connection; a buffer of 0 is left to the kernel. */
const PROGRAM = `
import signal, socket, sys
port, receive, send = map(int, sys.argv[1:])
server = socket.create_server(("127.0.0.1", port))
client = socket.socket()
if receive: client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
if send: client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send)
client.connect(("127.0.0.1", port))
signal.pause()
`;

const CASES = [
  { port: 9101, rmem: '4096 131072 33554432', receive: 0, send: 0 },
  { port: 9102, rmem: '4096 131072 6291456', receive: 0, send: 0 },
  { port: 9103, rmem: '4096 131072 67108864', receive: 0, send: 0 },
  { port: 9104, rmem: '4096 131072 536870912', receive: 0, send: 0 },
  { port: 9105, rmem: '4096 131072 131072', receive: 0, send: 0 },
  { port: 9106, rmem: '4096 131072 33554432', receive: 65_536, send: 65_536 },
  { port: 9107, rmem: '4096 131072 33554432', receive: 2_000_000_000, send: 2_000_000_000 },
  { port: 9108, rmem: '4096 131072 33554432', receive: 1, send: 1 },
] as const;

/** What `ss` says of the socket that connected. */
async function connected(sandbox: Sandbox, port: number) {
  const row = await sandbox.output(['ss', '-Htmin', 'state', 'established', `dport = :${port}`]);
  const number = (pattern: RegExp) => Number(pattern.exec(row)?.[1] ?? Number.NaN);
  return { rcvbuf: number(/\brb(\d+)/), sndbuf: number(/\btb(\d+)/), wscale: number(/\bwscale:\d+,(\d+)/) };
}

describeWith([...SANDBOX_PROGRAMS, 'python3'], 'what sockets really get', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await openSandbox();
  });
  afterAll(async () => sandbox?.close());

  test.each(CASES)(
    'tcp_rmem $rmem, SO_RCVBUF $receive, SO_SNDBUF $send',
    async ({ port, rmem, receive, send }) => {
      await sandbox.setSysctl('net.ipv4.tcp_rmem', rmem);
      const program = await sandbox.start(['python3', '-c', PROGRAM, `${port}`, `${receive}`, `${send}`]);
      await until(async () => (await connected(sandbox, port)).rcvbuf > 0, 'a connection');
      const found = await connected(sandbox, port);
      const asked = receive === 0 ? [] : ['--so-rcvbuf', `${receive}`, '--so-sndbuf', `${send}`];
      const caps = ['--rmem-max', RMEM_MAX, '--wmem-max', WMEM_MAX];
      const args = ['model', 'buffers', '--json', '--tcp-rmem', rmem, ...caps, ...asked];
      const { receiver, sender } = JSON.parse((await sandbox.backlogctl(args)).stdout);
      // Where the version leaves a number open, it lies in the range.
      const [low, high] = receiver.wscaleRange ?? [receiver.wscale, receiver.wscale];
      expect(found.wscale).toBeGreaterThanOrEqual(low);
      expect(found.wscale).toBeLessThanOrEqual(high);
      if (receive > 0) expect(found).toMatchObject({ rcvbuf: receiver.rcvbuf, sndbuf: sender.sndbuf });
      await program.stop();
    },
  );
});
