import { shortHash } from '../core/hash.ts';

/** Something of a step that was not put back, and what was found in its place. */
export type Left = {
  readonly step: string;
  /**
   * `foreign`: somebody changed it since. `failed`: putting it back failed. `reboot`: only a boot can tell. `gone`: the
   * key is not there any more.
   */
  readonly why: 'foreign' | 'failed' | 'reboot' | 'gone';
  readonly detail: string;
};

/** Until when a transaction waits for its confirmation. */
export type Deadline = {
  readonly bootId: string;
  /** Milliseconds of CLOCK_BOOTTIME: it counts on through sleep, and nobody can set it back. */
  readonly bootTimeMs: number;
};

/** One line of a transaction's log. Each is on the disk before what it announces begins. */
export type LogRecord =
  | { readonly kind: 'started'; readonly step: string }
  /** The live values are set, and go back at the deadline unless somebody confirms them. */
  | { readonly kind: 'waiting'; readonly at: string; readonly deadline: Deadline }
  /** Somebody did: the files are being written. */
  | { readonly kind: 'confirming'; readonly at: string }
  | { readonly kind: 'committed'; readonly at: string }
  /** Apply failed, was interrupted or was killed: everything is being put back. */
  | { readonly kind: 'undoing'; readonly at: string; readonly why: string }
  | { readonly kind: 'undone'; readonly at: string; readonly left: readonly Left[] }
  | { readonly kind: 'rolling-back'; readonly at: string; readonly force: boolean }
  | { readonly kind: 'rolled-back'; readonly at: string; readonly left: readonly Left[] };

export const KINDS: ReadonlySet<string> = new Set<LogRecord['kind']>([
  'started',
  'waiting',
  'confirming',
  'committed',
  'undoing',
  'undone',
  'rolling-back',
  'rolled-back',
]);

export type TransactionState =
  | { readonly kind: 'begun' }
  | { readonly kind: 'waiting'; readonly deadline: Deadline }
  | { readonly kind: 'confirming' }
  | { readonly kind: 'committed'; readonly at: string }
  | { readonly kind: 'undoing' }
  | { readonly kind: 'undone'; readonly at: string; readonly left: readonly Left[] }
  | { readonly kind: 'rolling-back'; readonly force: boolean }
  | { readonly kind: 'rolled-back'; readonly at: string; readonly left: readonly Left[] };

/** The only reader of what a log says. A log without a word is a transaction that has begun. */
export function stateOf(records: readonly LogRecord[]): TransactionState {
  let state: TransactionState = { kind: 'begun' };
  for (const record of records) if (record.kind !== 'started') state = record;
  return state;
}

/** A line of JSON: the record, and in front of it a checksum of just its characters. */
export function renderRecord(record: LogRecord): string {
  const json = JSON.stringify(record);
  return `{"sum":"${shortHash(json)}","record":${json}}\n`;
}

export type ParsedLog =
  | { readonly ok: true; readonly records: readonly LogRecord[]; readonly torn: boolean }
  /** `later`: whole, and of a version that knows more kinds. */
  | { readonly ok: false; readonly line: number; readonly why: string; readonly later: boolean };

function parseRecord(line: string): LogRecord | null {
  const match = /^\{"sum":"([0-9a-f]{8})","record":(\{.*\})\}$/.exec(line);
  if (match?.[1] === undefined || match[2] === undefined || shortHash(match[2]) !== match[1]) return null;
  // The checksum holds, so it is a record as some version of ours wrote it.
  return JSON.parse(match[2]) as LogRecord;
}

/**
 * Reads a log. A last line that was torn by a crash says nothing and counts as absent; damage further up, or a kind of
 * record that this version does not know, cannot be passed over.
 */
export function parseLog(text: string): ParsedLog {
  const lines = text.split('\n');
  // A whole log ends with a newline, so the last piece is empty, or a line that was torn.
  const tail = lines.pop() ?? '';
  const records: LogRecord[] = [];
  for (const [index, line] of lines.entries()) {
    const record = parseRecord(line);
    const isLast = index === lines.length - 1;
    if (record === null && isLast && tail === '') return { ok: true, records, torn: true };
    if (record === null)
      return { ok: false, line: index + 1, why: 'its checksum does not match', later: false };
    if (!KINDS.has(record.kind)) {
      const why = `a record of a later version: '${record.kind}'`;
      return { ok: false, line: index + 1, why, later: true };
    }
    records.push(record);
  }
  return { ok: true, records, torn: tail !== '' };
}
