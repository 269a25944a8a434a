import { type Figure, formatFigure } from '../../core/figure.ts';
import { formatBytes } from '../../core/units.ts';
import type { BuffersModel } from '../../pipeline/model-buffers.ts';
import { hanging } from '../layout.ts';
import type { Style } from '../style.ts';
import { spanText } from './span-text.ts';

type Layout = { readonly columns: number; readonly style: Style };

function fitText({ receiving, sending }: { readonly receiving: Figure; readonly sending: Figure }): string {
  const [received, sent] = [formatFigure(receiving), formatFigure(sending)];
  return received === sent
    ? `${received} buffers of either kind`
    : `${received} receive buffers or ${sent} send buffers`;
}

function pressureTexts({ memory, inputs }: BuffersModel): readonly string[] {
  const { untilPressure } = memory;
  if (untilPressure === null) {
    return [
      'How many full buffers the host bears is not known: --memory 8GiB, or the value of tcp_mem with --tcp-mem, would tell.',
    ];
  }
  const { pressure, recommended, ...now } = untilPressure;
  return [
    `Memory pressure begins at ${formatFigure(pressure)} pages (tcp_mem): ${fitText(now)}, if all are full.`,
    ...(recommended === null ? [] : [neededText(recommended)]),
    ...(inputs.connections === null ? [] : [connectionsText(inputs.connections, recommended ?? now)]),
  ];
}

function neededText(recommended: { readonly receiving: Figure; readonly sending: Figure }): string {
  const { receiving, sending } = recommended;
  return receiving.low < 1 || sending.low < 1
    ? 'One buffer of the size that the path needs can bring it about alone: this host has too little memory for it.'
    : `Of the size that the path needs: ${fitText(recommended)}.`;
}

function connectionsText(
  connections: number,
  { receiving, sending }: { readonly receiving: Figure; readonly sending: Figure },
): string {
  const [low, high] = [Math.min(receiving.low, sending.low), Math.min(receiving.high, sending.high)];
  if (connections <= low) return `${connections} connections stay below that, even with full buffers.`;
  const often = connections > high ? 'would' : 'may';
  return `${connections} connections ${often} exceed that if all were full; idle ones take little.`;
}

export function memoryLines(model: BuffersModel, { columns, style }: Layout): readonly string[] {
  const { receiver, sender, memory } = model;
  const buffers = `${spanText(receiver.limit, formatBytes)} to receive and ${spanText(sender.limit, formatBytes)} to send`;
  const texts = [
    `A connection may take ${buffers}; without data it takes ${memory.idleConnection.low} bytes besides its file.`,
    ...pressureTexts(model),
    `With somaxconn ${formatFigure(memory.somaxconn)} a full SYN queue takes ${spanText(memory.synQueue, formatBytes)}, and a full accept queue ${spanText(memory.acceptQueue, formatBytes)} besides the data that clients have sent.`,
    `An entry takes ${memory.request.low} and ${memory.queuedConnection.low} bytes, measured on ${memory.measuredOn}; other kernels differ (/proc/slabinfo).`,
  ];
  return [style.heading('Memory'), ...texts.flatMap((each) => hanging('  ', each, columns))];
}
