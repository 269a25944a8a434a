import { EXIT, type ExitStatus, signalStatus } from '../../core/exit-status.ts';
import { type Confirmed, confirm } from '../../pipeline/confirm.ts';
import { confirmDocument } from '../../report/change-json.ts';
import { renderConfirmed } from '../../report/text/change-text.ts';
import { whileChanging } from '../changing.ts';
import type { CommonOptions, PlaceOptions } from '../options.ts';
import { writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

function exitStatus(outcome: Confirmed['outcome']): ExitStatus {
  switch (outcome.kind) {
    case 'applied':
      return EXIT.done;
    case 'changed':
    // It still waits, and nothing of it was put back.
    case 'no-record':
      return EXIT.refused;
    case 'undone':
      if (outcome.left.some(({ why }) => why === 'failed')) return EXIT.failedNotRestored;
      return outcome.signal === null ? EXIT.failedAndRestored : signalStatus(outcome.signal);
    case 'interrupted':
      return signalStatus(outcome.signal);
  }
}

export function runConfirm(options: CommonOptions & PlaceOptions, terminal: Terminal): Promise<ExitStatus> {
  return whileChanging(options, terminal, async (looking, ports) => {
    const confirmed = await confirm(looking, ports);
    await writeResult(
      { json: () => confirmDocument(confirmed), text: (layout) => renderConfirmed(confirmed, layout) },
      options,
      terminal,
    );
    return exitStatus(confirmed.outcome);
  });
}
