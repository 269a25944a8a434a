import {
  constant,
  type Figure,
  given,
  log2,
  max,
  min,
  minus,
  named,
  over,
  shiftedLeft,
  times,
} from '../core/figure.ts';
import { LARGEST_UNSCALED, LARGEST_WINDOW, type SocketBuffer } from './buffers.ts';
import { onThisKernel } from './queues.ts';
import { BUFFER_TRAIT, startWindow, type WindowContext } from './windows.ts';

/** IPv4 and TCP without options. */
const HEADER_BYTES = 40;

export type WindowScale = {
  readonly wscale: Figure;
  /** The largest window that it can tell. */
  readonly largestWindow: Figure;
  /** The window in the SYN. */
  readonly firstWindow: Figure;
};

/** What tcp_select_initial_window() settles when a connection is made, for good. */
export function windowScaleOf(
  buffer: SocketBuffer,
  { rmemLimit, rmemMax }: { readonly rmemLimit: Figure; readonly rmemMax: Figure },
  context: WindowContext,
): WindowScale {
  const full = startWindow(buffer.start, context);
  const most = constant(LARGEST_WINDOW, 'bytes', '65535 << 14, the largest window');
  const clamp = buffer.kind === 'locked' ? named('window clamp', min(full, most)) : most;
  const segment = named(
    'segment',
    minus(
      given('MTU', context.mtu, 'bytes', 'of the path'),
      constant(HEADER_BYTES, 'bytes', 'IPv4 and TCP without options'),
    ),
  );
  const space = named('space', inSegments(named('space at the start', min(full, clamp)), segment));
  const scaled = named(
    'largest possible space',
    min(clamp, named('largest of what may be', max(space, rmemLimit, rmemMax))),
  );
  const fifteen = constant(15, 'count', 'tcp_select_initial_window()');
  const beyond = named('powers beyond 16 bits', minus(named('bits', log2(scaled)), fifteen));
  const wscale = named(
    'window scale',
    min(
      named('not below 0', max(beyond, constant(0, 'count', 'the least scale'))),
      constant(14, 'count', 'TCP_MAX_WSCALE'),
    ),
  );
  const unscaled = constant(LARGEST_UNSCALED, 'bytes', 'a window without scale has 16 bits');
  return {
    wscale,
    largestWindow: named('largest window', shiftedLeft(unscaled, wscale)),
    firstWindow: firstWindowOf(space, segment, context),
  };
}

/** Rounded down to whole segments, unless there is not even one. */
function inSegments(space: Figure, segment: Figure): Figure {
  const whole = times(named('number of segments', over(space, segment)), segment);
  return max(named('less than one segment', min(space, segment)), named('whole segments', whole));
}

function firstWindowOf(space: Figure, segment: Figure, { traits }: WindowContext): Figure {
  const unscaled = constant(LARGEST_UNSCALED, 'bytes', 'the window of a SYN is not scaled');
  const offered = named('offered at once', min(space, unscaled));
  const few = Math.max(2, Math.floor((20 * 1460) / Math.max(1460, segment.low)));
  const segments = constant(few, 'count', 'tcp_default_init_rwnd(): twice the initial congestion window');
  const figure = traits.firstWindowIsWhole.includes(false)
    ? onThisKernel(BUFFER_TRAIT.firstWindow, traits.firstWindowIsWhole, (whole) =>
        whole ? offered : min(offered, named('few segments', times(segment, segments))),
      )
    : offered;
  return named('first window', figure);
}
