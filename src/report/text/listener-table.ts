import Table from 'cli-table3';
import type { BoundBy, ListenerAssessment, RequestedBacklog } from '../../assess/assessment.ts';
import { type Figure, formatFigure, isExact } from '../../core/figure.ts';
import { escapeControls } from '../../core/text.ts';
import { shorten } from '../layout.ts';
import type { Style } from '../style.ts';

/** Listeners that differ in nothing but their address: one row of the table. */
type Row = { readonly first: ListenerAssessment; readonly count: number; readonly queued: number | null };

/** From here on rows that say the same are folded into one. */
const FOLD_ABOVE = 12;

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

function backlogCell({ requested, source, followsSomaxconn }: RequestedBacklog): string {
  if (requested === null) return '?';
  const amount = followsSomaxconn ? 'unlimited' : String(requested);
  return source === 'unknown' ? amount : `${amount} ${source}`;
}

function figureCell(figure: Figure | undefined): string {
  if (figure === undefined) return '?';
  return isExact(figure) ? formatFigure(figure) : `${figure.low}-${figure.high}`;
}

function rowCells(
  { first, count, queued }: Row,
  addressColumns: number,
  serverColumns: number,
): readonly string[] {
  const suffix = count > 1 ? ` +${count - 1}` : '';
  const label = shorten(escapeControls(first.label), addressColumns - suffix.length);
  return [
    label + suffix,
    shorten(escapeControls(first.who), serverColumns),
    backlogCell(first.backlog),
    figureCell(first.acceptQueue?.limit),
    queued === null ? '?' : String(queued),
    first.listener.protocol === 'unix' ? '-' : figureCell(first.synQueue?.hardLimit),
    first.full ? `${BOUND_BY[first.boundBy]}, FULL` : BOUND_BY[first.boundBy],
  ];
}

const HEADINGS = ['Listener', 'Server', 'Backlog', 'Limit', 'Queued', 'SYN queue', 'Bound by'];
/** What the five right-hand columns and the gaps take when they are as wide as they get. */
const OTHER_COLUMNS = 60;

/**
 * One line a listener, or one for all that say the same on a host with many.
 * @param columns width of the terminal
 * @param all every listener on a line of its own
 */
export function listenerTable(
  listeners: readonly ListenerAssessment[],
  { columns, all, style }: { readonly columns: number; readonly all: boolean; readonly style: Style },
): readonly string[] {
  const flexible = columns - OTHER_COLUMNS;
  const addressColumns = Math.max(16, Math.floor(flexible * 0.6));
  const serverColumns = Math.max(9, flexible - addressColumns);
  const table = new Table({
    head: HEADINGS.map((heading) => style.faint(heading)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'left'],
  });
  for (const row of foldedRows(listeners, all)) table.push([...rowCells(row, addressColumns, serverColumns)]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
