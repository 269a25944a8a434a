import { type ApplyOutcome, applyPlan, type Window } from '../../src/apply/apply.ts';
import { type ConfirmOutcome, confirmTransaction } from '../../src/apply/confirm.ts';
import { readJournal } from '../../src/apply/journal.ts';
import { sweep } from '../../src/apply/journal-writing.ts';
import { type BootTargets, isUnfinished, recover } from '../../src/apply/recover.ts';
import { isActive, isLeftAlone, type RolledBack, rollback } from '../../src/apply/rollback.ts';
import type { ApplyContext } from '../../src/apply/run.ts';
import type { RunFacts } from '../../src/apply/transaction.ts';
import { isWaiting, readBootTimeMs } from '../../src/apply/waiting.ts';
import type { HostWriter } from '../../src/core/ports.ts';
import { NO_LABELS } from '../../src/host/file-labels.ts';
import { edited } from '../../src/plan/comment-out.ts';
import type { FileStep, Plan, Step } from '../../src/plan/plan.ts';
import { takenLine } from '../../src/plan/taken-lines.ts';
import { type Fault, KILLED, type MemoryDisk } from '../tools/memory-disk.ts';

export const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';
const NETNS = '4026531840';

export const FACTS: RunFacts = {
  who: { uid: 0, loginUid: 1000, sudoUser: 'ada' },
  machineId: '0123456789abcdef0123456789abcdef',
  bootId: 'boot-1',
  netns: '4026531840',
  initStart: 7,
  kernel: '6.18.1',
  memoryBytes: 8 * 2 ** 30,
};

export function live(key: string, from: string, to: string): Step {
  return { id: `live:${key}`, kind: 'live', target: { netns: NETNS, key }, from, to, because: [] };
}

export function file(path: string, from: string | null, to: string | null): FileStep {
  const state = (text: string | null) => (text === null ? null : { text, mode: '0644', uid: 0, gid: 0 });
  return {
    id: `file:${path}`,
    kind: 'file',
    target: { path },
    from: state(from),
    to: state(to),
    because: [],
  };
}

/** Comments out lines of somebody else's file, by their numbers, for a key of ours. */
export function takingOver(path: string, text: string, key: string, ...numbers: readonly number[]): FileStep {
  const bytes = Buffer.from(text, 'utf8');
  const marks = numbers.map((line) => ({ path, line, key }));
  const after = edited(bytes, { commentOut: marks, giveBack: [] }).toString('utf8');
  const takeover = marks.map((each) => takenLine(each, bytes, 'comment-out'));
  return { ...file(path, text, after), takeover };
}

export function planOf(steps: readonly Step[]): Plan {
  return {
    kind: 'plan',
    schemaVersion: 0,
    madeAt: '2026-11-20T09:00:00Z',
    host: { machineId: FACTS.machineId, kernel: FACTS.kernel, memoryBytes: FACTS.memoryBytes },
    profiles: [],
    standing: [],
    steps: [...steps],
    kept: [],
    noOps: [],
    conflicts: [],
    skipped: [],
    manual: [],
    warnings: [],
  };
}

export type Run<T> =
  | { readonly kind: 'ended'; readonly value: T; readonly calls: number }
  | { readonly kind: 'killed' }
  /** What an earlier run left could not be put back. */
  | { readonly kind: 'refused' };

export type RunOptions = {
  readonly fault?: Fault | null;
  /** What every call of the writer goes through. */
  readonly through?: (writer: HostWriter) => HostWriter;
  readonly facts?: Partial<RunFacts>;
  readonly targets?: BootTargets;
  readonly interrupted?: () => 'SIGINT' | null;
  readonly isHeld?: () => boolean;
  /** How long it waits to be confirmed. */
  readonly window?: Window;
};

/** One run of the program: what an earlier one left unfinished is ended first, as it is under the lock. */
async function run<T>(
  disk: MemoryDisk,
  {
    fault = null,
    through = (writer) => writer,
    facts = {},
    targets = () => null,
    interrupted = () => null,
    isHeld = () => true,
  }: RunOptions,
  act: (context: ApplyContext) => Promise<T>,
): Promise<Run<T>> {
  const counted = disk.writer(fault);
  const writer = through(counted);
  const context: ApplyContext = {
    facts: { ...FACTS, ...facts },
    ports: {
      reader: disk.reader,
      writer,
      lock: { isHeld, release: async () => undefined },
      log: { log: async () => true },
      labels: NO_LABELS,
      clock: { now: () => '2026-11-20T10:00:00Z', sleep: async () => undefined, monotonicMs: () => 0 },
      interrupted,
    },
  };
  try {
    await sweep(disk.reader, writer);
    const now = { bootId: context.facts.bootId, bootTimeMs: readBootTimeMs(disk.reader) };
    for (const transaction of [...(await readJournal(disk.reader, 0))].reverse()) {
      if (isUnfinished(transaction, now)) await recover(transaction, context, targets);
    }
    // On what could not be put back nothing is done.
    if ((await readJournal(disk.reader, 0)).some((each) => isUnfinished(each, now)))
      return { kind: 'refused' };
    return { kind: 'ended', value: await act(context), calls: counted.calls() };
  } catch (thrown) {
    if (thrown === KILLED) return { kind: 'killed' };
    throw thrown;
  }
}

export function applying(disk: MemoryDisk, plan: Plan, options: RunOptions = {}): Promise<Run<ApplyOutcome>> {
  return run(disk, options, async (context) =>
    applyPlan(
      {
        plan,
        why: null,
        transactions: await readJournal(disk.reader, 0),
        window: options.window ?? null,
      },
      context,
    ),
  );
}

/** Confirms what waits; null where nothing does. */
export function confirming(disk: MemoryDisk, options: RunOptions = {}): Promise<Run<ConfirmOutcome | null>> {
  return run(disk, options, async (context) => {
    const now = { bootId: context.facts.bootId, bootTimeMs: readBootTimeMs(disk.reader) };
    const waiting = (await readJournal(disk.reader, 0)).find((each) => isWaiting(each, now));
    return waiting === undefined ? null : confirmTransaction(waiting, context);
  });
}

export function rollingBack(
  disk: MemoryDisk,
  options: RunOptions & { readonly force?: boolean; readonly all?: boolean } = {},
): Promise<Run<readonly RolledBack[]>> {
  return run(disk, options, async (context) => {
    const journal = await readJournal(disk.reader, 0);
    const newestFirst = journal
      .filter((each) => isActive(each) || (options.force && isLeftAlone(each)))
      .reverse();
    const transactions = options.all ? newestFirst : newestFirst.slice(0, 1);
    const targets = () => options.targets ?? (() => null);
    const { rolledBack } = await rollback({ transactions, force: options.force ?? false, targets }, context);
    return rolledBack;
  });
}

/** A run that does nothing but end what was left unfinished. */
export function recovering(disk: MemoryDisk, options: RunOptions = {}): Promise<Run<null>> {
  return run(disk, options, async () => null);
}
