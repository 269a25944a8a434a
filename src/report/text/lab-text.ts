import type { Compared, LabResult } from '../../lab/compare.ts';
import type { LabPoint } from '../../lab/protocol.ts';
import type { KernelTraits } from '../../model/kernel-traits.ts';
import { hanging, padEnd, padStart, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { kernelText } from './audit-text.ts';
import { loadText } from './load-text.ts';
import { spanText } from './span-text.ts';

export type LabTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  readonly isMatrix: boolean;
};

type Layout = { readonly columns: number; readonly style: Style };

const WORDS: ReadonlyMap<string, string> = new Map([
  ['limit', 'limit of the accept queue (Send-Q)'],
  ['acceptQueue', 'in the accept queue (Recv-Q)'],
  ['synRecv', 'in SYN-RECV'],
  ['synAcks', 'SYN-ACKs sent'],
  ['resets', 'resets sent'],
  ['socketDrops', 'drops of the socket (ss -m)'],
]);

const NAME_COLUMNS = 36;
const NUMBER_COLUMNS = 12;

function row(name: string, predicted: string, measured: string, verdict: string): string {
  return `  ${padEnd(name, NAME_COLUMNS)}${padStart(predicted, NUMBER_COLUMNS)}${padStart(measured, NUMBER_COLUMNS)}${verdict}`;
}

/** Counters that neither moved nor should have say nothing. */
function isShown({ name, predicted, measured, agrees }: Compared): boolean {
  return WORDS.has(name) || !agrees || predicted.high > 0 || measured > 0;
}

function settingsText({ backlog, somaxconn, maxSynBacklog, syncookies, abortOnOverflow }: LabPoint): string {
  return `backlog ${backlog}, somaxconn ${somaxconn}, tcp_max_syn_backlog ${maxSynBacklog}, tcp_syncookies ${syncookies}, tcp_abort_on_overflow ${abortOnOverflow}`;
}

function pointLines(result: LabResult, { style }: Layout): readonly string[] {
  const rows = result.compared
    .filter(isShown)
    .map(({ name, predicted, measured, agrees }) =>
      row(WORDS.get(name) ?? name, spanText(predicted), String(measured), agrees ? '' : '  differs'),
    );
  return [
    style.heading(`${loadText(result.point.load)}, and nobody accepts`),
    style.faint(row('', 'predicted', 'measured', '')),
    ...rows,
    '',
  ];
}

function verdictText(results: readonly LabResult[]): string {
  const exact = results.filter(({ exact }) => exact).length;
  if (exact === results.length)
    return results.length === 1
      ? 'As predicted.'
      : `All ${results.length} as predicted: this kernel does what the model says.`;
  const differing = results.length - exact;
  return `${differing} of ${results.length} differ: this kernel does something else than the model says. Please report it, with --json.`;
}

function differenceText({ compared }: LabResult): string {
  const numbers = compared
    .filter(({ agrees }) => !agrees)
    .map(({ name, predicted, measured }) => `${name} ${measured} and not ${spanText(predicted)}`);
  return numbers.length > 0
    ? numbers.join(', ')
    : 'each number fits a version that this kernel may be, and all together fit none';
}

/** One entry a point that differs, with the numbers that do. */
function differingLines(results: readonly LabResult[], { columns }: Layout): readonly string[] {
  return results
    .filter(({ exact }) => !exact)
    .flatMap((result) => {
      const { point } = result;
      const body = `${settingsText(point)}; ${loadText(point.load)}: ${differenceText(result)}`;
      return hanging('  - ', body, columns);
    });
}

/** How many of a group agree, group by group. */
function matrixLines(results: readonly LabResult[], layout: Layout): readonly string[] {
  const groups: readonly (readonly [string, (point: LabPoint) => boolean])[] = [
    ['handshakes', ({ load }) => load.kind === 'handshake' && load.prefilled === 0],
    ['handshakes after others', ({ load }) => load.kind === 'handshake' && load.prefilled > 0],
    ['bare SYNs', ({ load }) => load.kind === 'syn' && load.prefilled === 0],
    ['bare SYNs after handshakes', ({ load }) => load.kind === 'syn' && load.prefilled > 0],
    ['tcp_syncookies 0', ({ syncookies }) => syncookies === 0],
    ['tcp_syncookies 1', ({ syncookies }) => syncookies === 1],
    ['tcp_syncookies 2', ({ syncookies }) => syncookies === 2],
    ['limits up to 512', ({ backlog, somaxconn }) => limitOf(backlog, somaxconn) <= 512],
    ['limits above 512', ({ backlog, somaxconn }) => limitOf(backlog, somaxconn) > 512],
  ];
  const rows = groups.map(([name, isIn]) => {
    const members = results.filter(({ point }) => isIn(point));
    return row(name, String(members.length), String(members.filter(({ exact }) => exact).length), '');
  });
  return [layout.style.faint(row('', 'points', 'exact', '')), ...rows, ''];
}

function limitOf(backlog: number, somaxconn: number): number {
  return backlog < 0 ? somaxconn : Math.min(backlog, somaxconn);
}

/** What was measured beside what the model says, and the verdict; ends with a newline. */
export function renderLabText(
  results: readonly LabResult[],
  { kernel }: KernelTraits,
  options: LabTextOptions,
): string {
  const verdict = verdictText(results);
  if (options.verbosity === 'quiet') return `${verdict}\n`;
  const layout = { columns: usableColumns(options.columns), style: styleFor(options.color) };
  const [first] = results;
  const isVerbose = options.verbosity === 'verbose';
  const head =
    options.isMatrix || first === undefined
      ? kernelText(kernel)
      : `${kernelText(kernel)}: ${settingsText(first.point)}`;
  const lines = [
    ...hanging('', head, layout.columns),
    '',
    ...(options.isMatrix ? matrixLines(results, layout) : []),
    ...(options.isMatrix && !isVerbose ? [] : results.flatMap((each) => pointLines(each, layout))),
    ...differingLines(results, layout),
    ...hanging('', layout.style.heading(verdict), layout.columns),
  ];
  return `${lines.join('\n')}\n`;
}
