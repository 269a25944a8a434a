import { type Figure, formatFigure, isExact } from '../../core/figure.ts';
import { formatBitsPerSecond, formatBytes } from '../../core/units.ts';
import type { Bound, Sufficiency } from '../../model/path.ts';
import type { BufferChange } from '../../pipeline/buffer-changes.ts';
import type { BuffersModel, PathModel, PathNeed } from '../../pipeline/model-buffers.ts';
import { bufferDerivations, figureTrees } from '../figure-tree.ts';
import { hanging, padEnd, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { kernelText, type TextOptions } from './audit-text.ts';
import { memoryLines } from './model-memory-text.ts';
import { spanText } from './span-text.ts';

type Layout = { readonly columns: number; readonly style: Style };

const BINDS: Readonly<Record<Bound, string>> = {
  receiver: 'the receive buffer',
  sender: 'the send buffer',
  'window-scale': 'the window scale',
};

const VERDICTS: Readonly<Record<Sufficiency, string>> = {
  enough: 'enough',
  short: 'too little',
  open: 'perhaps enough',
};

function bindsText(binding: readonly Bound[]): string {
  const [first, ...rest] = binding.map((bound) => BINDS[bound]);
  const words = first === undefined ? '' : first.charAt(0).toUpperCase() + first.slice(1);
  return rest.length === 0 ? `${words} is what limits it.` : `${[words, ...rest].join(' or ')} limits it.`;
}

function millisecondsText({ low }: Figure): string {
  return `${low / 1000} ms`;
}

function needLines(
  { bandwidth, bdp, connections, impossible }: PathNeed,
  rtt: Figure,
  layout: Layout,
): readonly string[] {
  const asked = `At ${formatBitsPerSecond(bandwidth.low)} and a round trip of ${millisecondsText(rtt)}`;
  const inFlight = `${formatBytes(bdp.low)} in flight (${bdp.low} bytes, the BDP)`;
  const line = impossible
    ? `${asked}, one connection would have to keep ${inFlight}. No TCP window is larger than 1 GiB, so no setting makes one connection that fast: it takes at least ${connections.low} of them.`
    : `${asked}, one connection has to keep ${inFlight}.`;
  return hanging('', line, layout.columns);
}

function answerText({ rate, need }: PathModel, binding: readonly Bound[]): string {
  const allowed = `These values allow ${spanText(rate, formatBitsPerSecond)}`;
  if (need === null || need.impossible) return `${allowed}. ${bindsText(binding)}`;
  switch (need.verdict) {
    case 'enough':
      return `${allowed}, which is enough: there is nothing to set.`;
    case 'short':
      return `${allowed}, which is too little. ${bindsText(binding)}`;
    case 'open':
      return `${allowed}: that may be enough or not, by what is not known. ${bindsText(binding)}`;
  }
}

function endText(model: BuffersModel, bound: Bound): string {
  const { receiver, sender, scale } = model;
  switch (bound) {
    case 'receiver':
      return receiver.kind === 'locked'
        ? `SO_RCVBUF, ${formatFigure(receiver.limit)}`
        : `tcp_rmem max ${formatFigure(receiver.limit)}`;
    case 'sender':
      return sender.kind === 'locked'
        ? `SO_SNDBUF, ${formatFigure(sender.limit)}`
        : `tcp_wmem max ${formatFigure(sender.limit)}`;
    case 'window-scale':
      return formatFigure(scale.wscale);
  }
}

const TITLES: Readonly<Record<Bound, string>> = {
  receiver: 'receiver',
  sender: 'sender',
  'window-scale': 'window scale',
};

const GAP = 2;

/** One row a bound, as wide as its cells are; as sentences where that is too wide. */
function tableLines(model: BuffersModel, { columns, style }: Layout): readonly string[] {
  const { allowed, path } = model;
  const need = path?.need ?? null;
  const head = [
    '',
    'buffer',
    'in flight',
    ...(path === null ? [] : ['rate']),
    ...(need === null || need.impossible ? [] : ['']),
  ];
  const rows = (['receiver', 'sender', 'window-scale'] as const).map((bound) => [
    TITLES[bound],
    endText(model, bound),
    spanText(allowed[bound], formatBytes),
    ...(path === null ? [] : [spanText(path.rates[bound], formatBitsPerSecond)]),
    ...(need === null || need.impossible ? [] : [VERDICTS[need.verdicts[bound]]]),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => (cells[column] ?? '').length)),
  );
  const width = widths.reduce((sum, each) => sum + each + GAP, 0);
  if (width > columns) {
    return rows.flatMap(([title = '', buffer = '', inFlight = '', ...rest]) =>
      hanging(
        `  ${padEnd(title, (widths[0] ?? 0) + GAP)}`,
        [`${buffer}: ${inFlight} in flight`, ...rest].join(', '),
        columns,
      ),
    );
  }
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => padEnd(cell, (widths[column] ?? 0) + GAP)).join('')}`.trimEnd();
  return [style.faint(line(head)), ...rows.map(line)];
}

const HOSTS: Readonly<Record<'receiver' | 'sender', string>> = {
  receiver: 'On the host that receives',
  sender: 'On the host that sends',
};

function bbrText({ sender: { withBbr } }: PathNeed): string {
  return withBbr === null ? '' : ` (${withBbr.high} with BBR)`;
}

function changeText(change: BufferChange, need: PathNeed): string {
  const where = HOSTS[change.end];
  switch (change.kind) {
    case 'sysctl': {
      const bbr = change.end === 'sender' ? bbrText(need) : '';
      return `${where}: raise the third number (max) of ${change.key} to at least ${change.atLeast}${bbr}, and keep the other two.`;
    }
    case 'socket-option': {
      const { option, atLeast, cap, otherwise } = change;
      const within =
        cap === null ? '' : `, within ${cap.key}, which has to be at least ${cap.atLeast} before`;
      return `${where}: let the program no longer set ${option}, with the third number (max) of ${otherwise.key} at least ${otherwise.atLeast}; or let it ask for at least ${atLeast}${within}.`;
    }
    case 'out-of-reach':
      return `${where}: no ${change.key} is large enough while so little of it is window; set net.ipv4.tcp_adv_win_scale to 1.`;
  }
}

function changeLines({ receiver, sender, path }: BuffersModel, layout: Layout): readonly string[] {
  const need = path?.need ?? null;
  if (need === null || need.changes.length === 0) return [];
  const notes = [
    ...(receiver.kind === 'autotuned' && sender.kind === 'autotuned'
      ? [
          'Leave net.core.rmem_max and net.core.wmem_max as they are: they bound only what a program sets with SO_RCVBUF and SO_SNDBUF, not what the kernel sizes.',
        ]
      : []),
    ...(need.changes.some(({ end }) => end === 'receiver')
      ? ['A connection keeps the window scale that it began with, so this counts for new connections.']
      : []),
  ];
  return [
    layout.style.heading('To set'),
    ...need.changes.flatMap((change) => hanging('  - ', changeText(change, need), layout.columns)),
    ...notes.flatMap((note) => hanging('  ', note, layout.columns)),
    '',
  ];
}

/** What a reader has to know of the values before the answer counts. */
function caveats({
  settings,
  receiver,
  sender,
  inputs,
  advWinScaleIgnored,
}: BuffersModel): readonly string[] {
  const all = [...settings.values()];
  const own = all.some(({ from }) => from !== 'given');
  const byMemory = all.filter(({ from, members }) => from === 'default-by-memory' && !members.every(isExact));
  return [
    ...(own ? ["What was not given is this kernel's own default."] : []),
    ...(byMemory.length === 0
      ? []
      : [
          `The default of ${byMemory.map(({ key }) => key).join(' and ')} follows from the memory of the host: --memory 8GiB narrows it down.`,
        ]),
    ...(receiver.kind === 'locked'
      ? [`The program set SO_RCVBUF, so its receive buffer stays at ${formatFigure(receiver.limit)} bytes.`]
      : []),
    ...(sender.kind === 'locked'
      ? [`The program set SO_SNDBUF, so its send buffer stays at ${formatFigure(sender.limit)} bytes.`]
      : []),
    ...(advWinScaleIgnored ? ['net.ipv4.tcp_adv_win_scale has no effect on this kernel.'] : []),
    ...(inputs.mtu === 1500
      ? []
      : ['Buffers were measured at MTU 1500 only; for another one the figures are wide.']),
  ];
}

function derivationLines(model: BuffersModel, { columns, style }: Layout): readonly string[] {
  return [style.heading('How it follows'), ...figureTrees(bufferDerivations(model), columns), ''];
}

function answerLines({ path, binding }: BuffersModel, layout: Layout): readonly string[] {
  if (path === null) return [];
  const need = path.need === null ? [] : needLines(path.need, path.rtt, layout);
  return [...need, ...hanging('', answerText(path, binding), layout.columns), ''];
}

/** `--quiet` leaves the answer and what to set. */
export function renderBuffersText(model: BuffersModel, options: TextOptions): string {
  const layout = { columns: usableColumns(options.columns), style: styleFor(options.color) };
  const isQuiet = options.verbosity === 'quiet';
  const intro = [`${kernelText(model.inputs.traits.kernel)}.`, ...caveats(model)].join(' ');
  const lines = [
    ...(isQuiet ? [] : [...hanging('', intro, layout.columns), '']),
    ...answerLines(model, layout),
    ...(isQuiet && model.path !== null ? [] : [...tableLines(model, layout), '']),
    ...changeLines(model, layout),
    ...(isQuiet ? [] : memoryLines(model, layout)),
    ...(options.verbosity === 'verbose' ? ['', ...derivationLines(model, layout)] : []),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
