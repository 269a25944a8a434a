import {
  constant,
  type Figure,
  given,
  givenRange,
  lessShifted,
  max,
  named,
  over,
  overUp,
  plus,
  times,
} from '../core/figure.ts';
import { inPages, LARGEST_UNSCALED, type SocketBuffer, spaceForScale } from './buffers.ts';
import type { KernelTraits, WindowShare } from './kernel-traits.ts';
import { onThisKernel } from './queues.ts';

/** What `byKernel` figures of this file name; docs/model.md explains each. */
export const BUFFER_TRAIT = { windowShare: 'window-share', firstWindow: 'first-window' } as const;

/** The MTU at which the share of a buffer that is payload was measured. */
const MEASURED_MTU = 1500;
/** Below the least MTU of IPv6, packets take more than twice their payload in memory. */
const SMALL_MTU = 1280;

export type WindowContext = {
  readonly traits: KernelTraits;
  readonly advWinScale: number;
  /** In bytes. */
  readonly mtu: number;
};

/** The window that a buffer comes to while data flows, as the traits leave it open. */
export function windowOf({ kind, limit }: SocketBuffer, context: WindowContext): Figure {
  return named(
    'receive window',
    onShare(sharesOf(kind, context), (share) =>
      share === 'adv-win-scale'
        ? byAdvWinScale(limit, context)
        : byRatio(limit, steadyRatio(kind, share, context)),
    ),
  );
}

/** The window of a buffer before any packet was measured. */
export function startWindow(buffer: Figure, context: WindowContext): Figure {
  return named(
    'window of the start value',
    onShare(context.traits.windowShare, (share) =>
      share === 'adv-win-scale' ? byAdvWinScale(buffer, context) : byRatio(buffer, startRatio(share)),
    ),
  );
}

function onShare(shares: readonly WindowShare[], figureOf: (share: WindowShare) => Figure): Figure {
  return onThisKernel(BUFFER_TRAIT.windowShare, shares, figureOf);
}

/** What a socket starts with matters to the window of a locked buffer alone: an autotuned one outgrows it. */
function sharesOf(kind: SocketBuffer['kind'], { traits }: WindowContext): readonly WindowShare[] {
  if (kind === 'locked') return traits.windowShare;
  return [...new Set(traits.windowShare.map((share) => (share === 'adv-win-scale' ? share : 'ratio-128')))];
}

/** tcp_win_from_space() up to 6.5. */
function byAdvWinScale(buffer: Figure, { advWinScale }: WindowContext): Figure {
  if (advWinScale > 0) return lessShifted(buffer, advWinScaleOf(advWinScale));
  const parts = constant(
    2 ** -advWinScale,
    'count',
    `tcp_adv_win_scale = ${advWinScale} leaves one part in so many`,
  );
  return over(buffer, parts);
}

function advWinScaleOf(amount: number): Figure {
  return given('tcp_adv_win_scale', amount, 'count', 'the part kept for overhead, as a shift');
}

/** tcp_win_from_space() from 6.6. */
function byRatio(buffer: Figure, ratio: Figure): Figure {
  return named('window of the buffer', over(named('buffer times ratio', times(buffer, ratio)), whole()));
}

function whole(): Figure {
  return constant(256, 'count', 'scaling_ratio counts in 256ths');
}

function startRatio(share: Exclude<WindowShare, 'adv-win-scale'>): Figure {
  return share === 'ratio-65'
    ? constant(65, 'count', 'scaling_ratio of a new socket up to 6.6.32 and in 6.8.1')
    : constant(128, 'count', 'scaling_ratio of a new socket from 6.10 and 6.6.33');
}

/**
 * Payload in 256ths of the memory that packets take. A locked buffer of a kernel that starts with 65 may keep the
 * window that follows from it, because the clamp of its window was computed with it.
 */
function steadyRatio(
  kind: SocketBuffer['kind'],
  share: Exclude<WindowShare, 'adv-win-scale'>,
  { mtu }: WindowContext,
): Figure {
  const clamped = kind === 'locked' && share === 'ratio-65';
  const least = mtu < SMALL_MTU ? 64 : clamped ? 65 : 128;
  const most = mtu > MEASURED_MTU ? 255 : 158;
  const origin =
    mtu === MEASURED_MTU
      ? 'half is safe; 151 to 158 were measured at MTU 1500 on 6.18'
      : `assumed for MTU ${mtu}; only MTU 1500 was measured`;
  return givenRange('scaling_ratio', least, most, 'count', origin);
}

/** Bytes of buffer for a window: `minimum` as measured, `recommended` in any case and in whole pages. */
export type BufferNeed = { readonly minimum: Figure; readonly recommended: Figure };

export function receiveBufferFor(
  window: Figure,
  kind: SocketBuffer['kind'],
  context: WindowContext,
): BufferNeed {
  const shares = sharesOf(kind, context);
  const minimum = onShare(shares, (share) =>
    share === 'adv-win-scale'
      ? againstAdvWinScale(window, context)
      : againstRatio(window, measuredRatio(kind, share, context)),
  );
  const target = withScale(window);
  const inAnyCase = onShare(shares, (share) =>
    share === 'adv-win-scale'
      ? againstAdvWinScale(target, context)
      : againstRatio(target, leastOf(steadyRatio(kind, share, context))),
  );
  return {
    minimum: named('least receive buffer', minimum),
    recommended: named('receive buffer', inPages(inAnyCase)),
  };
}

/** A window just below a power of two may be more than the scale of a buffer of that size can tell. */
function withScale(window: Figure): Figure {
  const forScale = spaceForScale(window);
  return window.high > LARGEST_UNSCALED && forScale.high > window.low
    ? named('window that the scale can tell', max(window, forScale))
    : window;
}

function measuredRatio(
  kind: SocketBuffer['kind'],
  share: Exclude<WindowShare, 'adv-win-scale'>,
  context: WindowContext,
): Figure {
  return context.mtu === MEASURED_MTU && (kind === 'autotuned' || share === 'ratio-128')
    ? givenRange('scaling_ratio', 151, 158, 'count', 'measured at MTU 1500 on 6.18')
    : steadyRatio(kind, share, context);
}

function leastOf(ratio: Figure): Figure {
  return given(ratio.name, ratio.low, ratio.unit, 'the least that counts as safe');
}

/** The smallest buffer of which tcp_adv_win_scale leaves the window. */
function againstAdvWinScale(window: Figure, { advWinScale }: WindowContext): Figure {
  if (advWinScale <= 0) {
    const parts = constant(
      2 ** -advWinScale,
      'count',
      `tcp_adv_win_scale = ${advWinScale} leaves one part in so many`,
    );
    return times(window, parts);
  }
  const rest = constant(
    2 ** advWinScale - 1,
    'count',
    `tcp_adv_win_scale = ${advWinScale} keeps one part beside so many`,
  );
  return plus(window, named('overhead', overUp(window, rest)));
}

function againstRatio(window: Figure, ratio: Figure): Figure {
  return named('buffer of the window', overUp(named('window in 256ths', times(window, whole())), ratio));
}
