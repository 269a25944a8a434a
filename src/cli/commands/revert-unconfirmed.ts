import { refusedError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { endsWithItsCgroup, enterOwnCgroup, leaveOwnCgroup } from '../../host/own-cgroup.ts';
import { READY } from '../../host/process-reverter.ts';
import type { ChangePorts, Looking } from '../../pipeline/locked.ts';
import { proveRevert, revertUnconfirmed, sleepUntilDue } from '../../pipeline/revert.ts';
import { changePorts, lookingAt } from '../changing.ts';
import type { CommonOptions, PlaceOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export type RevertOptions = {
  /** Only look whether it would work. */
  readonly selfTest?: true;
  /** In a control group of its own: nobody but us sees to it. */
  readonly ownSession?: true;
  /** Milliseconds until it is due; left out where it is. */
  readonly after?: number;
};

/** @throws UserError where it would end together with the session or the service that applied */
async function enterCgroup(id: string, { log }: ChangePorts): Promise<void> {
  const why = enterOwnCgroup(id);
  if (why === null) return;
  if (endsWithItsCgroup())
    throw refusedError(
      `the end of this session would end it too, for it cannot have a control group of its own: ${why}`,
    );
  await log.log(`${id}: what reverts it shares the session's control group: ${why}`);
}

async function selfTest(id: string, looking: Looking, ports: ChangePorts, terminal: Terminal): Promise<void> {
  const why = await proveRevert(id, looking, ports);
  if (why !== null) throw refusedError(why);
  await terminal.write(`${READY}\n`);
}

async function revert(
  id: string,
  { after }: RevertOptions,
  looking: Looking,
  ports: ChangePorts,
  terminal: Terminal,
): Promise<void> {
  if (after !== undefined) {
    await terminal.write(`${READY}\n`);
    await sleepUntilDue(id, after, ports);
  }
  await revertUnconfirmed(id, looking, ports);
}

/** What `apply --confirm-within` arms; for nobody to type. */
export async function runRevertUnconfirmed(
  id: string,
  options: RevertOptions & CommonOptions & PlaceOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const ports = changePorts(options, () => null);
  const looking = lookingAt(options, terminal, ports);
  try {
    if (options.ownSession === true) await enterCgroup(id, ports);
    if (options.selfTest === true) await selfTest(id, looking, ports, terminal);
    else await revert(id, options, looking, ports, terminal);
    return EXIT.done;
  } finally {
    if (options.ownSession === true) leaveOwnCgroup(id);
  }
}
