import {
  constant,
  type Figure,
  given,
  max,
  min,
  named,
  overUp,
  powerOfTwoAbove,
  times,
} from '../core/figure.ts';

/** A window has 16 bits where there is no scale. */
export const LARGEST_UNSCALED = 65_535;
/** 65535 << 14: the largest window that TCP can tell its peer. */
export const LARGEST_WINDOW = LARGEST_UNSCALED * 2 ** 14;

/** No kernel has smaller pages; buffers are recommended in whole ones. */
export const BUFFER_STEP = 4096;

/**
 * One direction of a socket. `autotuned`: it starts with `start` and grows up to `limit`. `locked`: the program set
 * it by SO_RCVBUF or SO_SNDBUF, so that it stays at `limit`.
 */
export type SocketBuffer = {
  readonly kind: 'autotuned' | 'locked';
  readonly start: Figure;
  readonly limit: Figure;
};

export function autotuned(start: Figure, limit: Figure): SocketBuffer {
  return { kind: 'autotuned', start, limit };
}

/** @param most net.core.rmem_max */
export function lockedReceiveBuffer(asked: number, most: Figure): SocketBuffer {
  return locked(
    'receive buffer',
    given('SO_RCVBUF', asked, 'bytes', 'setsockopt()'),
    most,
    constant(2304, 'bytes', 'SOCK_MIN_RCVBUF on 64-bit machines'),
  );
}

/** @param most net.core.wmem_max */
export function lockedSendBuffer(asked: number, most: Figure): SocketBuffer {
  return locked(
    'send buffer',
    given('SO_SNDBUF', asked, 'bytes', 'setsockopt()'),
    most,
    constant(4608, 'bytes', 'SOCK_MIN_SNDBUF on 64-bit machines'),
  );
}

function locked(name: string, asked: Figure, most: Figure, least: Figure): SocketBuffer {
  const doubled = constant(2, 'count', 'sock_setsockopt() doubles it, for overhead');
  const fits = constant(
    2 ** 30 - 1,
    'bytes',
    'sock_setsockopt(): at most INT_MAX / 2, so that twice is a number',
  );
  const twice = named('twice what counts', times(named('what counts', min(asked, most, fits)), doubled));
  const limit = named(name, max(twice, least));
  return { kind: 'locked', start: limit, limit };
}

export function inPages(bytes: Figure): Figure {
  const page = constant(BUFFER_STEP, 'bytes', 'buffers are recommended in pages of so many');
  return times(named('pages', overUp(bytes, page)), page);
}

/** The smallest space whose window scale can tell the window. */
export function spaceForScale(window: Figure): Figure {
  const unscaled = constant(LARGEST_UNSCALED, 'bytes', 'a window without scale has 16 bits');
  const steps = powerOfTwoAbove(named('windows of 16 bits', overUp(window, unscaled)));
  const first = constant(2 ** 15, 'bytes', 'tcp_select_initial_window(): a scale of 1 begins at twice this');
  return named('space for the window scale', times(named('scale as a factor', steps), first));
}
