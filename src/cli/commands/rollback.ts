import { isFinished } from '../../apply/recover.ts';
import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus, signalStatus } from '../../core/exit-status.ts';
import { type HowFar, type RollbackResult, rollback } from '../../pipeline/rollback.ts';
import { rollbackDocument } from '../../report/change-json.ts';
import { renderRollback } from '../../report/text/change-text.ts';
import { whileChanging } from '../changing.ts';
import type { CommonOptions, PlaceOptions } from '../options.ts';
import { writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type RollbackOptions = PlaceOptions & {
  readonly to?: string;
  readonly all?: true;
  readonly force?: true;
};

function howFar({ to, all }: RollbackOptions): HowFar {
  if (to !== undefined && all) throw usageError('--to and --all exclude each other');
  if (all) return { kind: 'all' };
  if (to === undefined) return { kind: 'newest' };
  if (!/^\d{1,6}$/.test(to)) throw usageError(`--to expects the number of a transaction, not '${to}'`);
  return { kind: 'to', id: to };
}

function exitStatus({ rolledBack, recovered, stopped, barrier }: RollbackResult): ExitStatus {
  const left = [...rolledBack, ...recovered].flatMap((each) => each.left);
  if (rolledBack.some(({ finished }) => !finished) || !recovered.every(isFinished))
    return EXIT.failedNotRestored;
  if (stopped === 'lock-lost') return EXIT.tryAgain;
  if (stopped !== null) return signalStatus(stopped);
  if (barrier !== null) return EXIT.refused;
  return left.length > 0 ? EXIT.findings : EXIT.done;
}

export async function runRollback(
  options: RollbackOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const far = howFar(options);
  return whileChanging(options, terminal, async (looking, ports) => {
    const result = await rollback({ ...looking, howFar: far, force: options.force === true }, ports);
    await writeResult(
      { json: () => rollbackDocument(result), text: (layout) => renderRollback(result, layout) },
      options,
      terminal,
    );
    return exitStatus(result);
  });
}
