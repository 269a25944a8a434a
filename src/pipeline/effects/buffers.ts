import { type Figure, formatFigure, given } from '../../core/figure.ts';
import { key, type Text, text, value } from '../../core/text.ts';
import { autotuned, lockedReceiveBuffer, lockedSendBuffer, type SocketBuffer } from '../../model/buffers.ts';
import { type WindowScale, windowScaleOf } from '../../model/window-scale.ts';
import type { Effects, Here } from './here.ts';

const RMEM = 'net.ipv4.tcp_rmem';
const WMEM = 'net.ipv4.tcp_wmem';
const RMEM_MAX = 'net.core.rmem_max';
const WMEM_MAX = 'net.core.wmem_max';

const ETHERNET_MTU = 1500;
const MOST_SCALE = 14;

const NO_QUEUE = text`No accept queue and no SYN queue becomes longer.`;

type Scale = {
  readonly now: WindowScale;
  /** The larger one decides. */
  readonly by: typeof RMEM | typeof RMEM_MAX;
  /** The least of either that makes the scale larger; null where it is the largest. */
  readonly next: number | null;
};

/** Of a connection made now whose program leaves the receive buffer to the kernel; null where a number is missing. */
function scaleOf(here: Here): Scale | null {
  const [, start, most] = here.numbers(RMEM) ?? [];
  const cap = here.number(RMEM_MAX);
  if (start === undefined || most === undefined || cap === null) return null;
  const figure = (what: string, bytes: number, origin: string): Figure => given(what, bytes, 'bytes', origin);
  const rmemLimit = figure('tcp_rmem max', most, RMEM);
  const now = windowScaleOf(
    autotuned(figure('tcp_rmem default', start, RMEM), rmemLimit),
    { rmemLimit, rmemMax: figure('rmem_max', cap, RMEM_MAX) },
    {
      traits: here.traits,
      advWinScale: here.number('net.ipv4.tcp_adv_win_scale') ?? 1,
      mtu: ETHERNET_MTU,
    },
  );
  const { high } = now.wscale;
  return { now, by: most >= cap ? RMEM : RMEM_MAX, next: high < MOST_SCALE ? 2 ** (high + 16) : null };
}

function nextText({ next, now }: Scale, isDecidedHere: boolean): Text {
  if (next === null) return text`, the largest there is`;
  const verb = isDecidedHere ? 'it is' : 'this one makes it';
  return text`; from ${value(next)} on ${verb} ${value(now.wscale.high + 1)}`;
}

/** @param changed which of the two keys somebody thinks of changing */
function scaleText(changed: Scale['by'], here: Here): Text {
  if (here.number('net.ipv4.tcp_window_scaling') === 0)
    return text`${key('net.ipv4.tcp_window_scaling')} is ${value(0)}, so no connection has a window scale to raise.`;
  const scale = scaleOf(here);
  if (scale === null)
    return text`New connections take their window scale from the larger of the last number of ${key(RMEM)} and ${key(RMEM_MAX)}; those that exist keep theirs.`;
  const { now, by } = scale;
  const decides = by === changed ? 'this one' : text`${key(by)}`;
  return text`New connections have a window scale of ${value(formatFigure(now.wscale))} (windows up to ${value(formatFigure(now.largestWindow))} bytes), by ${decides}${nextText(scale, by === changed)}. Those that exist keep the one that they have.`;
}

function capText(
  option: string,
  cap: number | null,
  granted: (asked: number, most: Figure) => SocketBuffer,
): Text {
  const counted =
    cap === null || cap < 0
      ? []
      : text` No more than ${value(cap)} of what it asks for counts, and the kernel makes ${value(formatFigure(granted(cap, given(option, cap, 'bytes', 'now')).limit))} of that.`;
  return text`It reaches only a program that sets ${key(option)}, when it sets it; a socket that has done so keeps its buffer.${counted}`;
}

function readOnlyHere(sysctl: string, { namespace }: Here): readonly Text[] {
  return namespace.isHostWide(sysctl)
    ? [text`It is the host's and cannot be written from this network namespace.`]
    : [];
}

export const rmemMax: Effects = (here) => [
  capText('SO_RCVBUF', here.number(RMEM_MAX), lockedReceiveBuffer),
  scaleText(RMEM_MAX, here),
  text`Where the program leaves the receive buffer of TCP to the kernel, it grows up to the last number of ${key(RMEM)}, whatever this is.`,
  NO_QUEUE,
  ...readOnlyHere(RMEM_MAX, here),
];

export const wmemMax: Effects = (here) => [
  capText('SO_SNDBUF', here.number(WMEM_MAX), lockedSendBuffer),
  text`Where the program leaves the send buffer of TCP to the kernel, it grows up to the last number of ${key(WMEM)}, whatever this is.`,
  text`It has no part in the window scale. ${NO_QUEUE}`,
  ...readOnlyHere(WMEM_MAX, here),
];

function member(sysctl: string, index: number, here: Here): Text {
  const found = here.numbers(sysctl)?.[index];
  return found === undefined ? [] : text` (${value(found)})`;
}

function growth(here: Here): Text {
  const last = text`The last number${member(RMEM, 2, here)}`;
  return here.number('net.ipv4.tcp_moderate_rcvbuf') === 0
    ? text`${last} lets no receive buffer grow: ${key('net.ipv4.tcp_moderate_rcvbuf')} is ${value(0)}. It only counts for the window scale.`
    : text`${last} bounds how far a receive buffer grows: at once, for connections that exist too. Lowered, it takes nothing from a buffer that is larger.`;
}

/** Measured on 6.18: a connection that was accepted has the buffer that its listener was made with. */
function starts(sysctl: string, here: Here): Text {
  return text`The second${member(sysctl, 1, here)} is what a new socket starts with. A connection that is accepted starts with what its listener has: for those it takes a restart of the program, and another listen() is not enough.`;
}

function least(sysctl: string, here: Here): Text {
  return text`The first${member(sysctl, 0, here)} only counts while memory for TCP is short (${key('net.ipv4.tcp_mem')}).`;
}

export const tcpRmem: Effects = (here) => [
  growth(here),
  scaleText(RMEM, here),
  starts(RMEM, here),
  least(RMEM, here),
  text`It does nothing for a socket whose program sets ${key('SO_RCVBUF')}: that is bounded by ${key(RMEM_MAX)}. ${NO_QUEUE}`,
];

export const tcpWmem: Effects = (here) => [
  text`The last number${member(WMEM, 2, here)} bounds how far a send buffer grows: at once, for connections that exist too.`,
  starts(WMEM, here),
  least(WMEM, here),
  text`It has no part in the window scale: how much the other end takes is up to its receive buffer.`,
  text`It does nothing for a socket whose program sets ${key('SO_SNDBUF')}: that is bounded by ${key(WMEM_MAX)}. ${NO_QUEUE}`,
];
