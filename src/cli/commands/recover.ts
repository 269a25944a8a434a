import { isFinished } from '../../apply/recover.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { recoverUnfinished } from '../../pipeline/recover.ts';
import { recoveryDocument } from '../../report/change-json.ts';
import { renderRecovery } from '../../report/text/change-text.ts';
import { changePorts, deferSignals, whoRuns } from '../changing.ts';
import type { CommonOptions, PlaceOptions } from '../options.ts';
import { snapshotOf, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type RecoverOptions = PlaceOptions & {
  /** The sysctl files have not been applied yet: of earlier boots files alone are put back. */
  readonly atBoot?: true;
};

export async function runRecover(
  options: RecoverOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const signals = deferSignals();
  try {
    const ports = changePorts(options, signals.interrupted);
    const looking = {
      look: (keys: readonly string[]) => snapshotOf(options, terminal, keys),
      live: options.root === undefined,
      beforeFiles: options.atBoot === true,
      who: whoRuns(ports),
    };
    const recovered = await recoverUnfinished(looking, ports);
    await writeResult(
      { json: () => recoveryDocument(recovered), text: (layout) => renderRecovery(recovered, layout) },
      options,
      terminal,
    );
    return recovered.every(isFinished) ? EXIT.done : EXIT.failedNotRestored;
  } finally {
    signals.stop();
  }
}
