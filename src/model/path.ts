import { constant, type Figure, given, givenRange, min, named, over, overUp, times } from '../core/figure.ts';
import { INT_MAX } from '../core/integers.ts';
import { inPages, LARGEST_WINDOW, type SocketBuffer } from './buffers.ts';
import type { BufferNeed } from './windows.ts';

/** What a path asks of one connection. */
export type Path = { readonly bandwidth: Figure; readonly rtt: Figure; readonly bdp: Figure };

export function roundTrip(milliseconds: number): Figure {
  return given('round trip in microseconds', Math.round(milliseconds * 1000), 'microseconds', '--rtt');
}

/** The BDP: bytes in flight that keep the path full for a round trip. */
export function pathOf(bitsPerSecond: number, milliseconds: number): Path {
  const bandwidth = given('bits per second', Math.ceil(bitsPerSecond), 'bits-per-second', '--bandwidth');
  const rtt = roundTrip(milliseconds);
  const product = { ...times(bandwidth, rtt), unit: 'bytes' as const };
  const parts = constant(8e6, 'count', '8 bits a byte, a million microseconds a second');
  return { bandwidth, rtt, bdp: named('BDP', overUp(named('bandwidth times round trip', product), parts)) };
}

/** What so many bytes in flight come to: the BDP the other way round. @param rtt a microsecond at least */
export function rateOf(inFlight: Figure, rtt: Figure): Figure {
  const parts = constant(8e6, 'count', '8 bits a byte, a million microseconds a second');
  const bits = named('bits a round trip, in millionths', times(inFlight, parts));
  return { ...over(bits, rtt), name: 'rate in bits per second', unit: 'bits-per-second' };
}

/** How many connections it takes at least: more than one where no window can tell the peer of so much. */
export function connectionsFor(bdp: Figure): Figure {
  const most = constant(LARGEST_WINDOW, 'bytes', '65535 << 14, the largest window');
  return { ...overUp(bdp, most), name: 'connections', unit: 'connections' };
}

/** The payload that a send buffer lets be in flight. */
export function inFlightOf({ limit }: SocketBuffer): Figure {
  return named('in flight', over(named('buffer times share', times(limit, sendShare())), hundred()));
}

function sendShare(): Figure {
  return givenRange('share that is in flight', 63, 85, 'count', '63 to 85 in 100 were measured on 6.18');
}

function hundred(): Figure {
  return constant(100, 'count', 'the share counts in hundredths');
}

export type SendNeed = BufferNeed & {
  /** BBR keeps three times what is in flight; null where no sysctl holds such a number. */
  readonly withBbr: Figure | null;
};

export function sendBufferFor(bdp: Figure): SendNeed {
  const twice = constant(2, 'count', 'tcp_sndbuf_expand(): twice what is in flight');
  const thrice = constant(3, 'count', 'bbr_sndbuf_expand(): three times what is in flight');
  const withBbr = inPages(named('three times the BDP', times(bdp, thrice)));
  return {
    minimum: named(
      'least send buffer',
      overUp(named('BDP in hundredths', times(bdp, hundred())), sendShare()),
    ),
    recommended: named('send buffer', inPages(named('twice the BDP', times(bdp, twice)))),
    withBbr: withBbr.high > INT_MAX ? null : named('send buffer with BBR', withBbr),
  };
}

const BOUNDS = ['receiver', 'sender', 'window-scale'] as const;
export type Bound = (typeof BOUNDS)[number];

/** In bytes in flight. */
export type Allowed = Readonly<Record<Bound, Figure>>;

export function allowedInFlight(allowed: Allowed): Figure {
  return named('in flight at most', min(allowed.receiver, allowed.sender, allowed['window-scale']));
}

/** Each bound that may be the smallest. */
export function bindingOf(allowed: Allowed): readonly Bound[] {
  const { high } = allowedInFlight(allowed);
  return BOUNDS.filter((bound) => allowed[bound].low <= high);
}

/** `open` where what is not known decides. */
export type Sufficiency = 'enough' | 'short' | 'open';

export function sufficiencyOf(allowed: Figure, needed: Figure): Sufficiency {
  if (allowed.low >= needed.high) return 'enough';
  return allowed.high < needed.low ? 'short' : 'open';
}
