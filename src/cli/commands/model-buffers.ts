import { collectKernel } from '../../collect/kernel.ts';
import { unseenLog } from '../../collect/unseen.ts';
import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { valueOr } from '../../core/fact.ts';
import { parseKernelRelease } from '../../core/kernel-release.ts';
import { hostIdentity } from '../../host/identity.ts';
import { hostReader } from '../../host/reader.ts';
import { type KernelTraits, kernelTraits, kernelTraitsOf } from '../../model/kernel-traits.ts';
import type { BufferKey } from '../../pipeline/buffer-settings.ts';
import { modelBuffers } from '../../pipeline/model-buffers.ts';
import { buffersDocument } from '../../report/model-buffers-json.ts';
import { renderBuffersText } from '../../report/text/model-buffers-text.ts';
import type { CommonOptions } from '../options.ts';
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

const OLDEST = '3.10';

/** @throws UserError for what is no kernel that the model knows */
function traitsOf(release: string | undefined): KernelTraits {
  if (release === undefined) {
    const kernel = collectKernel(hostReader(), unseenLog(hostIdentity()));
    return kernelTraitsOf(kernel.release, valueOr(kernel.version, null));
  }
  const parsed = parseKernelRelease(release);
  if (parsed === null) {
    throw usageError(`--kernel expects a release such as 6.1 or 5.14.0-503.el9, not '${release}'`);
  }
  const traits = kernelTraits(parsed);
  if (traits.current([{ since: OLDEST, is: true }]).length === 0) {
    throw usageError(`--kernel: kernels before ${OLDEST} are not modelled, and ${release} is one`);
  }
  return traits;
}

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
    traits: traitsOf(options.kernel),
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
