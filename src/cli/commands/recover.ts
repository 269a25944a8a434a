import { isFinished } from '../../apply/recover.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { type Ended, recoverUnfinished } from '../../pipeline/recover.ts';
import { recoveryDocument } from '../../report/change-json.ts';
import { renderRecovery } from '../../report/text/change-text.ts';
import { whileChanging } from '../changing.ts';
import type { CommonOptions, PlaceOptions } from '../options.ts';
import { writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type RecoverOptions = PlaceOptions & {
  /** The sysctl files have not been applied yet: of earlier boots files alone are put back. */
  readonly atBoot?: true;
};

function exitStatus({ recovered, barrier }: Ended): ExitStatus {
  if (!recovered.every(isFinished)) return EXIT.failedNotRestored;
  return barrier === null ? EXIT.done : EXIT.refused;
}

export function runRecover(options: RecoverOptions & CommonOptions, terminal: Terminal): Promise<ExitStatus> {
  return whileChanging(options, terminal, async (looking, ports) => {
    const ended = await recoverUnfinished({ ...looking, beforeFiles: options.atBoot === true }, ports);
    await writeResult(
      { json: () => recoveryDocument(ended), text: (layout) => renderRecovery(ended, layout) },
      options,
      terminal,
    );
    return exitStatus(ended);
  });
}
