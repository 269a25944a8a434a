import type { Figure } from '../core/figure.ts';
import { INT_MAX } from '../core/integers.ts';
import type { SocketBuffer } from '../model/buffers.ts';
import type { Bound, SendNeed, Sufficiency } from '../model/path.ts';
import type { BufferNeed } from '../model/windows.ts';

type End = Extract<Bound, 'receiver' | 'sender'>;

/** What has to be set on one end, and at least to what. */
export type BufferChange =
  | {
      readonly kind: 'sysctl';
      readonly end: End;
      readonly key: 'net.ipv4.tcp_rmem' | 'net.ipv4.tcp_wmem';
      readonly member: 'max';
      readonly atLeast: number;
    }
  /** A program locked its buffer: it asks for more, within `cap`, or no longer asks. */
  | {
      readonly kind: 'socket-option';
      readonly end: End;
      readonly option: 'SO_RCVBUF' | 'SO_SNDBUF';
      readonly atLeast: number;
      /** The sysctl that bounds the option, where it is too small. */
      readonly cap: {
        readonly key: 'net.core.rmem_max' | 'net.core.wmem_max';
        readonly atLeast: number;
      } | null;
      /** What the kernel's own sizing needs instead. */
      readonly otherwise: {
        readonly key: 'net.ipv4.tcp_rmem' | 'net.ipv4.tcp_wmem';
        readonly atLeast: number;
      };
    }
  /** No value of the key is large enough: tcp_adv_win_scale leaves too little of it. */
  | { readonly kind: 'out-of-reach'; readonly end: End; readonly key: 'net.ipv4.tcp_rmem' };

type Needs = {
  readonly receiver: BufferNeed;
  /** What it would be, did the program not set its buffer. */
  readonly autotunedReceiver: BufferNeed;
  readonly sender: SendNeed;
};

type Buffers = {
  readonly receiver: SocketBuffer;
  readonly sender: SocketBuffer;
  readonly rmemMax: Figure;
  readonly wmemMax: Figure;
};

export function changesFor(
  buffers: Buffers,
  needs: Needs,
  verdicts: Readonly<Record<Bound, Sufficiency>>,
): readonly BufferChange[] {
  const receives = verdicts.receiver !== 'enough' || verdicts['window-scale'] !== 'enough';
  return [
    ...(receives ? [receiverChange(buffers, needs)] : []),
    ...(verdicts.sender === 'enough' ? [] : [senderChange(buffers, needs)]),
  ];
}

function receiverChange({ receiver, rmemMax }: Buffers, needs: Needs): BufferChange {
  const [end, key] = ['receiver', 'net.ipv4.tcp_rmem'] as const;
  const atLeast = needs.autotunedReceiver.recommended.high;
  if (atLeast > INT_MAX) return { kind: 'out-of-reach', end, key };
  if (receiver.kind === 'autotuned') return { kind: 'sysctl', end, key, member: 'max', atLeast };
  const asked = askedFor(needs.receiver.recommended);
  const cap = rmemMax.low < asked ? { key: 'net.core.rmem_max' as const, atLeast: asked } : null;
  return {
    kind: 'socket-option',
    end,
    option: 'SO_RCVBUF',
    atLeast: asked,
    cap,
    otherwise: { key, atLeast },
  };
}

function senderChange({ sender, wmemMax }: Buffers, needs: Needs): BufferChange {
  const [end, key] = ['sender', 'net.ipv4.tcp_wmem'] as const;
  const atLeast = needs.sender.recommended.high;
  if (sender.kind === 'autotuned') return { kind: 'sysctl', end, key, member: 'max', atLeast };
  const asked = askedFor(needs.sender.recommended);
  const cap = wmemMax.low < asked ? { key: 'net.core.wmem_max' as const, atLeast: asked } : null;
  return {
    kind: 'socket-option',
    end,
    option: 'SO_SNDBUF',
    atLeast: asked,
    cap,
    otherwise: { key, atLeast },
  };
}

/** The kernel doubles what a program asks for. */
function askedFor({ high }: Figure): number {
  return Math.ceil(high / 2);
}
