import type { ListenerAssessment } from '../assess/assessment.ts';
import { type Figure, formatFigure, named, type Operation } from '../core/figure.ts';
import { escapeControls } from '../core/text.ts';
import type { BuffersModel } from '../pipeline/model-buffers.ts';
import { hanging } from './layout.ts';

const OPERATIONS: Readonly<Record<Operation, string>> = {
  min: 'the smallest of',
  max: 'the largest of',
  plus: 'the sum of',
  minus: 'the first less the second of',
  times: 'the product of',
  over: 'the first over the second, rounded down, of',
  'over-up': 'the first over the second, rounded up, of',
  'less-shifted': 'the first less itself shifted right by the second, of',
  'shifted-left': 'the first shifted left by the second, of',
  log2: 'the binary logarithm, rounded down, of',
  'low-16-bits': 'the low 16 bits of',
  quarter: 'a quarter, rounded down, of',
  'power-of-two-above': 'the next power of two from',
};

function reason({ how }: Figure): string {
  switch (how.kind) {
    case 'given':
      return escapeControls(how.origin);
    case 'constant':
      return how.source;
    case 'formula':
      return `${OPERATIONS[how.op]}:`;
    case 'byKernel':
      return how.of.length === 1
        ? `on this kernel (${how.trait}):`
        : `this kernel leaves it open (${how.trait}):`;
  }
}

function heading(figure: Figure): string {
  const amount = formatFigure(figure);
  return figure.name === amount
    ? `${amount}  ${reason(figure)}`
    : `${figure.name} = ${amount}  ${reason(figure)}`;
}

function operandsOf({ how }: Figure): readonly Figure[] {
  return how.kind === 'formula' || how.kind === 'byKernel' ? how.of : [];
}

type TreeLine = { readonly depth: number; readonly text: string };

/** A figure that was explained further up is named again, and not explained twice. */
function treeLines(figure: Figure, depth: number, explained: Set<Figure['how']>): readonly TreeLine[] {
  const operands = operandsOf(figure);
  if (operands.length > 0 && explained.has(figure.how))
    return [{ depth, text: `${figure.name} = ${formatFigure(figure)}  as above` }];
  explained.add(figure.how);
  const below = operands.flatMap((operand) => treeLines(operand, depth + 1, explained));
  return [{ depth, text: heading(figure) }, ...below];
}

/** How figures came about, one line a step, each step's operands indented below it. */
export function figureTrees(figures: readonly Figure[], columns: number, indent = ''): readonly string[] {
  const explained = new Set<Figure['how']>();
  return figures.flatMap((figure) =>
    treeLines(figure, 0, explained).flatMap(({ depth, text }) => {
      const head = `${indent}${'  '.repeat(depth)}`;
      const [first = '', ...rest] = hanging(`${head}    `, text, columns);
      return [`${head}${first.slice(head.length + 4)}`, ...rest];
    }),
  );
}

/** The figures of a listener that say something of their own: a SYN queue's capacity mostly is its hard limit. */
export function derivations({ acceptQueue, synQueue, afterListen }: ListenerAssessment): readonly Figure[] {
  const next = afterListen();
  const queues = [
    ...(acceptQueue === null ? [] : [acceptQueue.limit]),
    ...(next === null ? [] : [named('limit after another listen()', next.limit)]),
    ...(acceptQueue === null ? [] : [acceptQueue.capacity]),
  ];
  if (synQueue === null) return queues;
  const { hardLimit, unprovenCapacity, provenCapacity } = synQueue;
  const own = [unprovenCapacity, provenCapacity].filter(
    ({ low, high }) => low !== hardLimit.low || high !== hardLimit.high,
  );
  return [...queues, hardLimit, ...own];
}

/** What a path needs first, then what the values allow, then the memory. */
export function bufferDerivations({ allowed, scale, path, memory }: BuffersModel): readonly Figure[] {
  const need = path?.need ?? null;
  return [
    ...(need === null ? [] : [need.bdp]),
    ...(need === null || need.impossible
      ? []
      : [need.receiver.minimum, need.receiver.recommended, need.sender.minimum, need.sender.recommended]),
    ...(path === null ? [allowed.receiver, allowed.sender] : [path.rates.receiver, path.rates.sender]),
    scale.largestWindow,
    scale.firstWindow,
    ...(memory.untilPressure === null ? [] : [memory.untilPressure.receiving, memory.untilPressure.sending]),
    memory.synQueue,
    memory.acceptQueue,
  ];
}
