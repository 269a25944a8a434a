import { collectKernel } from '../../collect/kernel.ts';
import { unseenLog } from '../../collect/unseen.ts';
import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { hostIdentity } from '../../host/identity.ts';
import { hostReader } from '../../host/reader.ts';
import type { LoadKind } from '../../model/load.ts';
import type { ModelRequest } from '../../model/request.ts';
import { model, rememberedKernels } from '../../pipeline/model.ts';
import { modelDocument } from '../../report/model-json.ts';
import { renderModelText } from '../../report/text/model-text.ts';
import type { CommonOptions } from '../options.ts';
import { writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type ModelOptions = Omit<ModelRequest, 'load' | 'kernel' | 'backlog' | 'somaxconn'> & {
  readonly kernel?: string;
  readonly backlog?: number;
  readonly somaxconn?: number;
  readonly load?: LoadKind;
  readonly connections?: number;
  readonly prefilled?: number;
};

/** As `uname -rv` prints it. */
function ownKernel(): string {
  const { release, build } = collectKernel(hostReader(), unseenLog(hostIdentity()));
  return build?.ok ? `${release} ${build.value}` : release;
}

function loadOf({ load, connections, prefilled }: ModelOptions): Pick<ModelRequest, 'load'> {
  if (load === undefined) {
    if (connections !== undefined || prefilled !== undefined)
      throw usageError('--connections and --prefilled say how large a --load is, and none is given');
    return {};
  }
  if (connections === undefined) throw usageError(`--load ${load} needs --connections`);
  return { load: { kind: load, connections, ...(prefilled === undefined ? {} : { prefilled }) } };
}

function requestOf(options: ModelOptions & CommonOptions): ModelRequest {
  const { backlog, somaxconn } = options;
  if (backlog === undefined) throw usageError('--backlog is missing: what the program passes to listen()');
  if (somaxconn === undefined)
    throw usageError('--somaxconn is missing: net.core.somaxconn where it listens');
  const {
    kernel,
    maxSynBacklog,
    syncookies,
    abortOnOverflow,
    synackRetries,
    deferAccept,
    sockets,
    fastOpen,
  } = options;
  return {
    kernel: kernel ?? ownKernel(),
    backlog,
    somaxconn,
    ...(maxSynBacklog === undefined ? {} : { maxSynBacklog }),
    ...(syncookies === undefined ? {} : { syncookies }),
    ...(abortOnOverflow === undefined ? {} : { abortOnOverflow }),
    ...(synackRetries === undefined ? {} : { synackRetries }),
    ...(deferAccept === undefined ? {} : { deferAccept }),
    ...(sockets === undefined ? {} : { sockets }),
    ...(fastOpen === undefined ? {} : { fastOpen }),
    ...loadOf(options),
  };
}

export async function runModel(
  options: ModelOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const answer = model(requestOf(options), rememberedKernels(), null);
  await writeResult(
    { json: () => modelDocument(answer), text: (layout) => renderModelText(answer, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}
