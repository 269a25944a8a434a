import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { history } from '../../pipeline/history.ts';
import { transactionReport } from '../../pipeline/transaction-report.ts';
import { historyDocument, transactionDocument } from '../../report/history-json.ts';
import { renderHistory } from '../../report/text/history-text.ts';
import { renderTransaction } from '../../report/text/transaction-text.ts';
import type { CommonOptions, PlaceOptions } from '../options.ts';
import { hostPorts, showCommand, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

type HistoryOptions = PlaceOptions & CommonOptions;

export async function runHistory(options: HistoryOptions, terminal: Terminal): Promise<ExitStatus> {
  const { reader, identity } = hostPorts(options);
  const found = await history(reader, identity);
  await writeResult(
    {
      json: () => historyDocument(found),
      text: (layout) => renderHistory(found, { ...layout, root: options.root, show: showCommand(options) }),
    },
    options,
    terminal,
  );
  return found.damaged.length > 0 ? EXIT.refused : EXIT.done;
}

export async function runHistoryShow(
  id: string,
  options: HistoryOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { reader, identity } = hostPorts(options);
  const report = await transactionReport(id, reader, identity);
  await writeResult(
    { json: () => transactionDocument(report), text: (layout) => renderTransaction(report, layout) },
    options,
    terminal,
  );
  return EXIT.done;
}
