import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { renderJson } from '../../report/audit-json.ts';
import { redactSnapshot } from '../../snapshot/redact.ts';
import type { CommonOptions, SourceOptions } from '../options.ts';
import { saveDocument, snapshotOf } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type SnapshotOptions = Omit<SourceOptions, 'snapshotOut' | 'loader'> &
  CommonOptions & { readonly out?: string; readonly redact?: true };

export async function runSnapshot(options: SnapshotOptions, terminal: Terminal): Promise<ExitStatus> {
  const taken = await snapshotOf(options, terminal);
  const snapshot = options.redact ? redactSnapshot(taken) : taken;
  if (options.out === undefined) await terminal.write(renderJson(snapshot));
  else saveDocument(options.out, snapshot);
  return EXIT.done;
}
