import stringWidth from 'fast-string-width';
import type { BoundBy, ListenerAssessment, RequestedBacklog } from '../../assess/assessment.ts';
import { type Figure, formatFigure, isExact } from '../../core/figure.ts';
import { escapeControls } from '../../core/text.ts';
import type { BacklogSource } from '../../snapshot/listener.ts';
import { padEnd, padStart, shorten } from '../layout.ts';
import type { Style } from '../style.ts';

/** Listeners that differ in nothing but their address: one row of the table. */
type Row = { readonly first: ListenerAssessment; readonly count: number; readonly queued: number | null };

/** From here on rows that say the same are folded into one. */
const FOLD_ABOVE = 40;

const BOUND_BY: Readonly<Record<BoundBy, string>> = {
  backlog: 'its backlog',
  somaxconn: 'somaxconn',
  both: 'both alike',
  'somaxconn-at-listen': 'old somaxconn',
  unknown: 'unknown',
};

function foldKey({ who, listener, backlog, boundBy, acceptQueue, full }: ListenerAssessment): string {
  return JSON.stringify([who, listener.protocol, backlog.requested, boundBy, acceptQueue?.limit.low, full]);
}

function foldedRows(listeners: readonly ListenerAssessment[], all: boolean): readonly Row[] {
  if (all || listeners.length <= FOLD_ABOVE) {
    return listeners.map((first) => ({ first, count: 1, queued: first.listener.length ?? null }));
  }
  const rows = new Map<string, Row>();
  for (const listener of listeners) {
    const key = foldKey(listener);
    const row = rows.get(key);
    const queued = listener.listener.length ?? null;
    if (row === undefined) rows.set(key, { first: listener, count: 1, queued });
    else rows.set(key, { ...row, count: row.count + 1, queued: Math.max(row.queued ?? 0, queued ?? 0) });
  }
  return [...rows.values()];
}

const SOURCES: Readonly<Record<BacklogSource, string>> = {
  config: ' config',
  'command-line': ' args',
  default: ' default',
  derived: ' derived',
  inferred: ' inferred',
  unknown: '',
};

/** `max`: whatever somaxconn allows. */
function backlogCell({ requested, source, followsSomaxconn }: RequestedBacklog): string {
  if (followsSomaxconn) return `max${SOURCES[source]}`;
  return requested === null ? '?' : `${requested}${SOURCES[source]}`;
}

function queuedCell(queued: number | null, full: boolean): string {
  if (queued === null) return '?';
  return full ? `${queued} FULL` : String(queued);
}

function figureCell(figure: Figure | undefined): string {
  if (figure === undefined) return '?';
  return isExact(figure) ? formatFigure(figure) : `${figure.low}-${figure.high}`;
}

function rowCells({ first, count, queued }: Row): readonly string[] {
  return [
    escapeControls(first.label) + (count > 1 ? ` +${count - 1}` : ''),
    escapeControls(first.who),
    backlogCell(first.backlog),
    figureCell(first.acceptQueue?.limit),
    queuedCell(queued, first.full),
    first.listener.protocol === 'unix' ? '-' : figureCell(first.synQueue?.unprovenCapacity),
    BOUND_BY[first.boundBy],
  ];
}

const HEADINGS = ['Listener', 'Server', 'Backlog', 'Limit', 'Queued', 'SYN', 'Bound by'];
const RIGHT_ALIGNED: ReadonlySet<string> = new Set(['Limit', 'Queued', 'SYN']);
const GAP = 2;
/** What is left at least of a name that is cut. */
const FEWEST = 9;

type Cells = readonly string[];

function columnWidths(rows: readonly Cells[]): readonly number[] {
  return HEADINGS.map((_, index) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[index] ?? '')), 0),
  );
}

/** Cuts the servers' names, then the addresses, until the row fits: an address without its port is no address. */
function fitNames(rows: readonly Cells[], columns: number): readonly Cells[] {
  const [address = 0, server = 0, ...others] = columnWidths(rows);
  const room = columns - others.reduce((sum, width) => sum + width, GAP * (HEADINGS.length - 1));
  if (address + server <= room) return rows;
  const serverRoom = Math.min(server, Math.max(FEWEST, room - address));
  const addressRoom = Math.max(FEWEST, room - serverRoom);
  return rows.map(([label = '', who = '', ...rest]) => [
    shorten(label, addressRoom),
    shorten(who, serverRoom),
    ...rest,
  ]);
}

function lineOf(cells: Cells, widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return RIGHT_ALIGNED.has(HEADINGS[index] ?? '') ? padStart(cell, width) : padEnd(cell, width);
  });
  return padded.join(' '.repeat(GAP)).trimEnd();
}

/**
 * One line a listener, or one for all that say the same on a host with many.
 * @param columns width of the terminal
 * @param all every listener on a line of its own
 */
export function listenerTable(
  listeners: readonly ListenerAssessment[],
  { columns, all, style }: { readonly columns: number; readonly all: boolean; readonly style: Style },
): readonly string[] {
  const rows = fitNames([HEADINGS, ...foldedRows(listeners, all).map(rowCells)], columns);
  const widths = columnWidths(rows);
  return rows.map((row, index) => (index === 0 ? style.faint(lineOf(row, widths)) : lineOf(row, widths)));
}
