import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import type { BufferKey } from '../../pipeline/buffer-settings.ts';
import { modelBuffers } from '../../pipeline/model-buffers.ts';
import { buffersDocument } from '../../report/model-buffers-json.ts';
import { renderBuffersText } from '../../report/text/model-buffers-text.ts';
import type { CommonOptions } from '../options.ts';
import { givenOrOwnKernel } from '../own-kernel.ts';
import { writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type ModelBuffersOptions = {
  readonly kernel?: string;
  /** Bits per second. */
  readonly bandwidth?: number;
  /** Milliseconds. */
  readonly rtt?: number;
  readonly tcpRmem?: string;
  readonly tcpWmem?: string;
  readonly tcpMem?: string;
  readonly rmemMax?: string;
  readonly wmemMax?: string;
  readonly advWinScale?: string;
  readonly somaxconn?: string;
  readonly soRcvbuf?: number;
  readonly soSndbuf?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly connections?: number;
  readonly mtu: number;
};

function sysctlsOf(options: ModelBuffersOptions): Readonly<Partial<Record<BufferKey, string>>> {
  const given: Readonly<Record<BufferKey, string | undefined>> = {
    'net.ipv4.tcp_rmem': options.tcpRmem,
    'net.ipv4.tcp_wmem': options.tcpWmem,
    'net.ipv4.tcp_mem': options.tcpMem,
    'net.core.rmem_max': options.rmemMax,
    'net.core.wmem_max': options.wmemMax,
    'net.ipv4.tcp_adv_win_scale': options.advWinScale,
    'net.core.somaxconn': options.somaxconn,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

export async function runModelBuffers(
  options: ModelBuffersOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { bandwidth, rtt, memory, connections, soRcvbuf, soSndbuf, mtu } = options;
  if (bandwidth !== undefined && rtt === undefined) {
    throw usageError('--bandwidth needs --rtt: a rate alone says nothing about a buffer');
  }
  const model = modelBuffers({
    traits: givenOrOwnKernel(options.kernel),
    sysctls: sysctlsOf(options),
    memoryBytes: memory ?? null,
    mtu,
    soRcvbuf: soRcvbuf ?? null,
    soSndbuf: soSndbuf ?? null,
    bandwidthBitsPerSecond: bandwidth ?? null,
    roundTripMilliseconds: rtt ?? null,
    connections: connections ?? null,
  });
  await writeResult(
    { json: () => buffersDocument(model), text: (layout) => renderBuffersText(model, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}
