import { unreadKeysOfOurs } from '../../apply/baseline.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { hostFacts } from '../../pipeline/host-facts.ts';
import { oursOf } from '../../pipeline/ours.ts';
import { history } from '../../pipeline/rollback.ts';
import { status } from '../../pipeline/status.ts';
import { statusDocument } from '../../report/change-json.ts';
import { renderStatus } from '../../report/text/status-text.ts';
import type { CommonOptions, SourceOptions } from '../options.ts';
import { hostPorts, snapshotOf, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export async function runStatus(
  options: CommonOptions & SourceOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { reader, identity } = hostPorts(undefined);
  const transactions = identity.uid === 0 ? await history(reader, identity) : null;
  const snapshot = await snapshotOf(options, terminal, unreadKeysOfOurs(transactions ?? []));
  const ours = oursOf(
    reader,
    { snapshot, transactions: transactions ?? [], fileName: null },
    hostFacts(reader, snapshot, true),
  );
  const found = status(snapshot, ours, transactions);
  await writeResult(
    {
      json: () => statusDocument(found),
      text: (layout) => renderStatus(found, layout),
    },
    options,
    terminal,
  );
  const isDrift = found.keys.some(
    ({ verdict }) => verdict === 'drifted-live' || verdict === 'changes-at-boot',
  );
  return isDrift || found.unfinished.length > 0 ? EXIT.findings : EXIT.done;
}
