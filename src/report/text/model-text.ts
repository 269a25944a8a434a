import { type Figure, formatFigure } from '../../core/figure.ts';
import { formatKernelVersion, isExactKernel } from '../../core/kernel-release.ts';
import type { Span } from '../../core/span.ts';
import { escapeControls } from '../../core/text.ts';
import type { ClientView, Load } from '../../model/load.ts';
import type { OutcomeOf } from '../../model/outcome.ts';
import type { LoadAnswer, ModelAnswer } from '../../pipeline/model.ts';
import { figureTrees } from '../figure-tree.ts';
import { hanging, padEnd, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { loadText } from './load-text.ts';
import { spanText } from './span-text.ts';

export type ModelTextOptions = {
  readonly columns: number;
  readonly color: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
};

type Layout = { readonly columns: number; readonly style: Style };

const LABEL_COLUMNS = 14;

function field(label: string, body: string, { columns, style }: Layout): readonly string[] {
  return hanging(`  ${style.faint(padEnd(label, LABEL_COLUMNS))}`, body, columns);
}

/** `Linux 6.1.153`, or what its release leaves open. */
function kernelHeading({ traits: { kernel, evidence } }: ModelAnswer): string {
  const { low, high } = kernel.range;
  const version = isExactKernel(kernel.range)
    ? formatKernelVersion(low)
    : `${formatKernelVersion(low)} to ${formatKernelVersion(high)}, which ${escapeControls(kernel.release)} leaves open`;
  const vendor =
    kernel.backports === 'features'
      ? '; its vendor takes later changes in, so the version decides little'
      : '';
  const source = evidence === 'measured' ? '' : ' (read in source, not measured)';
  return `Linux ${version}${vendor}${source}`;
}

function peersText({ unprovenCapacity, provenCapacity }: ModelAnswer['synQueue']): string {
  const [unproven, proven] = [formatFigure(unprovenCapacity), formatFigure(provenCapacity)];
  return unproven === proven
    ? `${unproven} half-open requests`
    : `${unproven} half-open requests of unknown peers, ${proven} of peers that were here before`;
}

const WHEN_FULL = {
  cookies: 'a SYN beyond that is answered with a SYN cookie, which keeps nothing here',
  drop: 'a SYN beyond that is dropped',
} as const;

function secondsText(seconds: readonly number[]): string {
  const last = seconds.at(-1);
  if (last === undefined) return 'never';
  return seconds.length === 1 ? `after ${last} s` : `after ${seconds.slice(0, -1).join(', ')} and ${last} s`;
}

function halfOpenText({ request, synQueue, halfOpen }: ModelAnswer): string {
  const { synAckSeconds, lifetimeSeconds, pruning } = halfOpen;
  // A queue that holds no more than is kept is never pruned.
  const isPruned = pruning !== null && synQueue.provenCapacity.high > pruning.kept;
  const life = `a request that nobody completes is given up after ${lifetimeSeconds} s (SYN-ACK again ${secondsText(synAckSeconds)})`;
  const deferred = request.deferAccept
    ? '; one that is acknowledged waits as long as TCP_DEFER_ACCEPT says'
    : '';
  return !isPruned
    ? `${life}${deferred}`
    : `${life}${deferred}; while more than ${pruning.kept} wait, the older ones go after ${pruning.afterSeconds} s`;
}

function limitLines(answer: ModelAnswer, layout: Layout): readonly string[] {
  const { acceptQueue, synQueue, fastOpen, group, request } = answer;
  return [
    ...field(
      'Accept queue',
      `limit ${formatFigure(acceptQueue.limit)}, holds ${formatFigure(acceptQueue.capacity)} connections`,
      layout,
    ),
    ...field('SYN queue', `${peersText(synQueue)}; ${WHEN_FULL[synQueue.whenFull]}`, layout),
    ...field('Half-open', halfOpenText(answer), layout),
    ...(fastOpen === null
      ? []
      : field(
          'Fast Open',
          `${formatFigure(fastOpen)} connections that are not acknowledged yet; they stand in the accept queue`,
          layout,
        )),
    ...(group === null
      ? []
      : field(
          'Together',
          `${request.sockets} sockets hold ${formatFigure(group.acceptQueue)} connections and ${formatFigure(group.synQueue)} half-open requests; the kernel spreads by hash, so one may be full while others have room`,
          layout,
        )),
  ];
}

const VIEWS: readonly { readonly view: ClientView; readonly what: string }[] = [
  { view: 'connected', what: 'are connected at once' },
  {
    view: 'believing',
    what: 'believe that they are connected, and the server has no connection for them',
  },
  { view: 'deferred', what: 'are connected, and the server takes them with their first data' },
  { view: 'halfOpen', what: 'got a SYN-ACK and have not answered' },
  { view: 'reset', what: 'are reset' },
  { view: 'unanswered', what: 'get no answer, and send the SYN again after a second' },
];

function isSomething({ high }: Span): boolean {
  return high > 0;
}

function afterLines(load: Load, after: OutcomeOf<Span>, layout: Layout): readonly string[] {
  const { counters, clients } = after;
  const seen = VIEWS.filter(({ view }) => isSomething(clients[view]));
  const counted = Object.entries(counters).filter(([, count]) => isSomething(count));
  return [
    '',
    ...hanging('', layout.style.heading(`${loadText(load)}, and nobody accepts`), layout.columns),
    ...seen.flatMap(({ view, what }, index) =>
      field(index === 0 ? 'Clients' : '', `${spanText(clients[view])} ${what}`, layout),
    ),
    ...field(
      'Server',
      `${spanText(after.acceptQueue)} in the accept queue, ${spanText(after.synRecv)} in SYN-RECV; ${spanText(after.synAcks)} SYN-ACKs and ${spanText(after.resets)} resets sent`,
      layout,
    ),
    ...field(
      'Counters',
      [
        ...counted.map(([name, count]) => `${name} ${spanText(count)}`),
        `drops of the socket (ss -m) ${spanText(after.socketDrops)}`,
      ].join(', '),
      layout,
    ),
  ];
}

function loadLines(load: LoadAnswer, layout: Layout): readonly string[] {
  switch (load.kind) {
    case 'none':
      return [];
    case 'predicted':
      return afterLines(load.load, load.after, layout);
    case 'kernel-too-old':
      return ['', ...hanging('', 'What a load leaves behind is modelled from Linux 4.4 on.', layout.columns)];
  }
}

function derivationLines({ acceptQueue, synQueue, fastOpen }: ModelAnswer, columns: number) {
  const { hardLimit, unprovenCapacity, provenCapacity } = synQueue;
  const isOwn = ({ low, high }: Figure) => low !== hardLimit.low || high !== hardLimit.high;
  const figures = [
    acceptQueue.capacity,
    hardLimit,
    ...[unprovenCapacity, provenCapacity].filter(isOwn),
    ...(fastOpen === null ? [] : [fastOpen]),
  ];
  return figureTrees(figures, columns, '  ');
}

function quietText({ acceptQueue, synQueue }: ModelAnswer): string {
  return `accept queue ${formatFigure(acceptQueue.capacity)}, SYN queue ${formatFigure(synQueue.unprovenCapacity)}\n`;
}

/** The limits, what a load leaves behind, and how the limits come about; ends with a newline. */
export function renderModelText(answer: ModelAnswer, options: ModelTextOptions): string {
  if (options.verbosity === 'quiet') return quietText(answer);
  const layout = { columns: usableColumns(options.columns), style: styleFor(options.color) };
  const lines = [
    ...hanging('', layout.style.heading(kernelHeading(answer)), layout.columns),
    ...limitLines(answer, layout),
    ...loadLines(answer.load, layout),
    '',
    layout.style.heading('How the limits come about'),
    ...derivationLines(answer, layout.columns),
  ];
  return `${lines.join('\n')}\n`;
}
