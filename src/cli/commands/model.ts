import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import type { LoadKind } from '../../model/load.ts';
import type { ModelRequest } from '../../model/request.ts';
import { checkTaken, model, type Numbers } from '../../pipeline/model.ts';
import { modelDocument } from '../../report/model-json.ts';
import { renderModelText } from '../../report/text/model-text.ts';
import type { CommonOptions } from '../options.ts';
import { givenOrOwnKernel } from '../own-kernel.ts';
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

function loadOf({ load, connections, prefilled }: ModelOptions): Pick<ModelRequest, 'load'> {
  if (load === undefined) {
    if (connections !== undefined || prefilled !== undefined)
      throw usageError('--connections and --prefilled say how large a --load is, and none is given');
    return {};
  }
  if (connections === undefined) throw usageError(`--load ${load} needs --connections`);
  return { load: { kind: load, connections, ...(prefilled === undefined ? {} : { prefilled }) } };
}

function numbersOf(options: ModelOptions): Numbers {
  const { backlog, somaxconn } = options;
  if (backlog === undefined) throw usageError('--backlog is missing: what the program passes to listen()');
  if (somaxconn === undefined)
    throw usageError('--somaxconn is missing: net.core.somaxconn where it listens');
  const { maxSynBacklog, syncookies, abortOnOverflow, synackRetries, deferAccept, sockets, fastOpen } =
    options;
  return {
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
  const traits = givenOrOwnKernel(options.kernel);
  const numbers = numbersOf(options);
  checkTaken(numbers, traits, null);
  const answer = model(numbers, traits);
  await writeResult(
    { json: () => modelDocument(answer), text: (layout) => renderModelText(answer, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}
