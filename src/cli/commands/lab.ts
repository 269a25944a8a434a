import { ownNamespace } from '../../collect/environment.ts';
import { refusedError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import type { HostReader } from '../../core/ports.ts';
import { hostExec } from '../../host/exec.ts';
import { ownProgram } from '../../host/own-program.ts';
import { hostPrograms } from '../../host/programs.ts';
import { hostReader } from '../../host/reader.ts';
import type { LabResult } from '../../lab/compare.ts';
import { DEFAULT_GRID_POINTS, grid } from '../../lab/grid.ts';
import type { LabPoint } from '../../lab/protocol.ts';
import { lab } from '../../pipeline/lab.ts';
import { labDocument } from '../../report/lab-json.ts';
import { renderLabText } from '../../report/text/lab-text.ts';
import type { CommonOptions } from '../options.ts';
import { ownKernel } from '../own-kernel.ts';
import { writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type LabOptions = {
  readonly backlog?: number;
  readonly somaxconn?: number;
  readonly maxSynBacklog?: number;
  readonly syncookies?: number;
  readonly abortOnOverflow?: number;
  readonly prefilled?: number;
  /** `true` without a number. */
  readonly matrix?: number | true;
};

/** As many as most servers ask for, and few enough for two seconds. */
const USUAL_BACKLOG = 511;
/** Beyond what fits, so that what happens then is seen too. */
const BEYOND = 10;
/** Opening more takes minutes. */
const MOST_QUEUED = 20_000;

function hostValue(reader: HostReader, key: string, otherwise: number): number {
  const text = reader.readText(`/proc/sys/net/${key}`);
  const number = text.ok ? Number(text.value.trim()) : Number.NaN;
  return Number.isSafeInteger(number) ? number : otherwise;
}

/** The host's own values where none are given: those of the network namespace that we are started in. */
function pointsOf(options: LabOptions, reader: HostReader): readonly LabPoint[] {
  const { backlog = USUAL_BACKLOG, prefilled = 0 } = options;
  const somaxconn = options.somaxconn ?? hostValue(reader, 'core/somaxconn', 4096);
  const limit = Math.min(backlog < 0 ? somaxconn : backlog, somaxconn);
  if (limit > MOST_QUEUED)
    throw refusedError(
      `a queue of ${limit} takes more clients than the lab starts, which is ${MOST_QUEUED}`,
      'give a smaller --backlog: the formula is the same',
    );
  const settings = {
    backlog,
    somaxconn,
    maxSynBacklog: options.maxSynBacklog ?? hostValue(reader, 'ipv4/tcp_max_syn_backlog', 1024),
    syncookies: options.syncookies ?? hostValue(reader, 'ipv4/tcp_syncookies', 1),
    abortOnOverflow: options.abortOnOverflow ?? hostValue(reader, 'ipv4/tcp_abort_on_overflow', 0),
  };
  const connections = limit + 1 + BEYOND;
  return (['handshake', 'syn'] as const).map((kind) => ({
    ...settings,
    load: { kind, connections, prefilled },
  }));
}

/** `0-3,8` of /proc/self/status. */
function allowedCpus(reader: HostReader): readonly number[] {
  const status = reader.readText('/proc/self/status');
  const list = status.ok ? (/^Cpus_allowed_list:\s*(\S+)$/m.exec(status.value)?.[1] ?? '') : '';
  return list
    .split(/[,-]/)
    .filter((word) => word !== '')
    .map(Number);
}

export async function runLab(options: LabOptions & CommonOptions, terminal: Terminal): Promise<ExitStatus> {
  const reader = hostReader();
  const traits = ownKernel();
  const { matrix } = options;
  const points =
    matrix === undefined ? pointsOf(options, reader) : grid(matrix === true ? DEFAULT_GRID_POINTS : matrix);
  const showsProgress = terminal.showsProgress && !options.quiet;
  const results: LabResult[] = [];
  const measuring = lab(
    { points, traits, bench: [...ownProgram(), 'lab-agent', 'bench'] },
    {
      exec: hostExec(),
      programs: hostPrograms(),
      namespace: ownNamespace(reader),
      cpus: allowedCpus(reader),
    },
  );
  try {
    for await (const result of measuring) {
      results.push(result);
      if (showsProgress) terminal.note(`\r${results.length} of ${points.length} measured`);
    }
  } finally {
    // What is said next stands on a line of its own.
    if (showsProgress) terminal.note('\r\x1b[K');
  }
  await writeResult(
    {
      json: () => labDocument(results, traits),
      text: (layout) => renderLabText(results, traits, { ...layout, isMatrix: matrix !== undefined }),
    },
    options,
    terminal,
  );
  return results.every(({ exact }) => exact) ? EXIT.done : EXIT.findings;
}
