import { refusedError } from '../core/errors.ts';
import type { Programs, Started } from '../core/lab-ports.ts';
import type { Exec } from '../core/ports.ts';
import { compare, type LabResult, predictPoint } from '../lab/compare.ts';
import { inOwnNamespace } from '../lab/own-namespace.ts';
import { BenchAnswer, type LabPoint } from '../lab/protocol.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';

type Command = readonly [string, ...string[]];

export type LabRequest = {
  readonly points: readonly LabPoint[];
  readonly traits: KernelTraits;
  /** Starts runBench() in the network namespace that it is started in. */
  readonly bench: Command;
};

export type LabPorts = {
  readonly exec: Exec;
  readonly programs: Programs;
  /** The network namespace that we are started in, as its link in /proc names it. */
  readonly namespace: string;
  /** CPUs that we may run on. */
  readonly cpus: readonly number[];
};

const BOUNDS = { timeoutMs: 10_000, maxBytes: 64 * 1024 };

function works(exec: Exec, ...argv: Command): boolean {
  const result = exec.run(argv, BOUNDS);
  return result.kind === 'exited' && result.status === 0;
}

const PROGRAMS: readonly (readonly [string, ...string[]])[] = [
  ['ip', '-V'],
  ['ss', '-V'],
  ['unshare', '--version'],
  ['setpriv', '--version'],
];

function checkPrograms(exec: Exec): void {
  const missing = PROGRAMS.filter((argv) => !works(exec, ...argv)).map(([name]) => name);
  if (missing.length > 0)
    throw refusedError(
      `the lab needs ${missing.join(', ')}, which this host does not have`,
      'ip and ss are in iproute2, the others in util-linux',
    );
}

const AS_ROOT = ['--user', '--map-root-user'];

/** What unshare(1) needs besides --net. @throws UserError where no network namespace can be made */
function flagsOf(exec: Exec): readonly string[] {
  for (const flags of [[], AS_ROOT])
    if (works(exec, 'unshare', ...flags, '--net', '--', 'true')) return flags;
  throw refusedError(
    'the lab needs a network namespace of its own, and this user may not make one',
    'run it as root, or allow user namespaces',
  );
}

/** Everything on one CPU: there each packet is through before the next is sent. */
function onOneCpu({ exec, cpus }: LabPorts): readonly string[] {
  const cpu = cpus.at(-1);
  return cpu !== undefined && works(exec, 'taskset', '--version') ? ['taskset', '-c', String(cpu)] : [];
}

function commandOf({ bench }: LabRequest, ports: LabPorts): Command {
  return inOwnNamespace(flagsOf(ports.exec), [...onOneCpu(ports), ...bench, ports.namespace]);
}

async function measured(bench: Started, point: LabPoint) {
  bench.send(point);
  const answer = await bench.receive();
  if (answer === null) throw refusedError(`the lab's process ended: ${await bench.end()}`);
  const parsed = BenchAnswer.parse(answer);
  if (parsed.kind === 'failed') throw refusedError(`the lab could not measure: ${parsed.why}`);
  return parsed.measurement;
}

/**
 * Measures the points on this kernel and compares each with the model.
 * @throws UserError where the host does not allow it, and on kernels whose loads are not modelled
 */
export async function* lab(request: LabRequest, ports: LabPorts): AsyncGenerator<LabResult> {
  const predicted = request.points.map((point) => {
    const prediction = predictPoint(point, request.traits);
    if (prediction === null)
      throw refusedError('loads are modelled from Linux 4.4 on, and this kernel is older');
    return { point, prediction };
  });
  checkPrograms(ports.exec);
  const bench = await ports.programs.start(commandOf(request, ports));
  try {
    for (const { point, prediction } of predicted) {
      yield compare(point, prediction, await measured(bench, point));
    }
  } finally {
    await bench.end();
  }
}
