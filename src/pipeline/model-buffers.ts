import { type Figure, named } from '../core/figure.ts';
import { autotuned, lockedReceiveBuffer, lockedSendBuffer, type SocketBuffer } from '../model/buffers.ts';
import {
  acceptQueueBytes,
  buffersUntilPressure,
  idleConnectionBytes,
  MEASURED_ON,
  queuedConnectionBytes,
  requestBytes,
  synQueueBytes,
} from '../model/memory.ts';
import {
  type Allowed,
  allowedInFlight,
  type Bound,
  bindingOf,
  connectionsFor,
  inFlightOf,
  pathOf,
  rateOf,
  roundTrip,
  type SendNeed,
  type Sufficiency,
  sendBufferFor,
  sufficiencyOf,
} from '../model/path.ts';
import { acceptQueueOfLimit, synQueue } from '../model/queues.ts';
import { type WindowScale, windowScaleOf } from '../model/window-scale.ts';
import { type BufferNeed, receiveBufferFor, type WindowContext, windowOf } from '../model/windows.ts';
import { type BufferChange, changesFor } from './buffer-changes.ts';
import { type BufferKey, type Setting, type SettingContext, settingOf } from './buffer-settings.ts';

export type BufferInputs = SettingContext & {
  readonly mtu: number;
  readonly soRcvbuf: number | null;
  readonly soSndbuf: number | null;
  /** With a round trip only. */
  readonly bandwidthBitsPerSecond: number | null;
  readonly roundTripMilliseconds: number | null;
  readonly connections: number | null;
};

export type PathNeed = {
  readonly bandwidth: Figure;
  readonly bdp: Figure;
  readonly receiver: BufferNeed;
  readonly sender: SendNeed;
  /** How many it takes at least; one is impossible where the BDP is more than the largest window. */
  readonly connections: Figure;
  readonly impossible: boolean;
  readonly verdict: Sufficiency;
  readonly verdicts: Readonly<Record<Bound, Sufficiency>>;
  readonly changes: readonly BufferChange[];
};

export type PathModel = {
  readonly rtt: Figure;
  readonly rates: Readonly<Record<Bound, Figure>>;
  readonly rate: Figure;
  /** Null where no rate was asked for. */
  readonly need: PathNeed | null;
};

type MemoryModel = {
  readonly measuredOn: string;
  readonly request: Figure;
  readonly queuedConnection: Figure;
  readonly idleConnection: Figure;
  readonly somaxconn: Figure;
  readonly synQueue: Figure;
  readonly acceptQueue: Figure;
  /** Null where tcp_mem is not known. */
  readonly untilPressure: null | {
    readonly pressure: Figure;
    readonly receiving: Figure;
    readonly sending: Figure;
    /** Of the buffers that a path needs; null where none has to be set. */
    readonly recommended: { readonly receiving: Figure; readonly sending: Figure } | null;
  };
};

export type BuffersModel = {
  readonly inputs: BufferInputs;
  readonly settings: ReadonlyMap<BufferKey, Setting>;
  readonly receiver: SocketBuffer;
  readonly sender: SocketBuffer;
  readonly scale: WindowScale;
  readonly allowed: Allowed;
  readonly binding: readonly Bound[];
  readonly path: PathModel | null;
  readonly memory: MemoryModel;
  /** The kernel does not look at tcp_adv_win_scale, whatever was given. */
  readonly advWinScaleIgnored: boolean;
};

const KEYS: readonly BufferKey[] = [
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
  'net.ipv4.tcp_mem',
  'net.core.rmem_max',
  'net.core.wmem_max',
  'net.ipv4.tcp_adv_win_scale',
  'net.core.somaxconn',
];

/** What buffers allow and what a path needs, from what was given and the kernel's own values for the rest. */
export function modelBuffers(inputs: BufferInputs): BuffersModel {
  const settings = new Map(
    KEYS.flatMap((key) => {
      const setting = settingOf(key, inputs);
      return setting === null ? [] : [[key, setting] as const];
    }),
  );
  const number = (key: BufferKey, member = 0) => memberOf(settings, key, member);
  const context: WindowContext = {
    traits: inputs.traits,
    advWinScale: number('net.ipv4.tcp_adv_win_scale').low,
    mtu: inputs.mtu,
  };
  const rmemLimit = number('net.ipv4.tcp_rmem', MAX);
  const [rmemMax, wmemMax] = [number('net.core.rmem_max'), number('net.core.wmem_max')];
  const receiver =
    inputs.soRcvbuf === null
      ? autotuned(number('net.ipv4.tcp_rmem', START), rmemLimit)
      : lockedReceiveBuffer(inputs.soRcvbuf, rmemMax);
  const sender =
    inputs.soSndbuf === null
      ? autotuned(number('net.ipv4.tcp_wmem', START), number('net.ipv4.tcp_wmem', MAX))
      : lockedSendBuffer(inputs.soSndbuf, wmemMax);
  const scale = windowScaleOf(receiver, { rmemLimit, rmemMax }, context);
  const allowed: Allowed = {
    receiver: windowOf(receiver, context),
    sender: inFlightOf(sender),
    'window-scale': scale.largestWindow,
  };
  const ends = { receiver, sender, rmemMax, wmemMax };
  const path = pathModel(inputs, ends, allowed, context);
  return {
    inputs,
    settings,
    receiver,
    sender,
    scale,
    allowed,
    binding: bindingOf(allowed),
    path,
    memory: memoryModel(settings, ends, path?.need ?? null, inputs),
    advWinScaleIgnored:
      inputs.sysctls['net.ipv4.tcp_adv_win_scale'] !== undefined &&
      !inputs.traits.windowShare.includes('adv-win-scale'),
  };
}

const START = 1;
const MAX = 2;

function memberOf(settings: ReadonlyMap<BufferKey, Setting>, key: BufferKey, member: number): Figure {
  const figure = settings.get(key)?.members[member];
  if (figure === undefined) throw new TypeError(`no number ${member} of ${key}`);
  return figure;
}

type Ends = {
  readonly receiver: SocketBuffer;
  readonly sender: SocketBuffer;
  readonly rmemMax: Figure;
  readonly wmemMax: Figure;
};

function pathModel(
  { bandwidthBitsPerSecond, roundTripMilliseconds }: BufferInputs,
  ends: Ends,
  allowed: Allowed,
  context: WindowContext,
): PathModel | null {
  if (roundTripMilliseconds === null) return null;
  const rtt = roundTrip(roundTripMilliseconds);
  return {
    rtt,
    rates: eachBound((bound) => named(`bits per second by the ${bound}`, rateOf(allowed[bound], rtt))),
    rate: rateOf(allowedInFlight(allowed), rtt),
    need:
      bandwidthBitsPerSecond === null
        ? null
        : needOf(pathOf(bandwidthBitsPerSecond, roundTripMilliseconds), ends, allowed, context),
  };
}

function eachBound<T>(of: (bound: Bound) => T): Readonly<Record<Bound, T>> {
  return { receiver: of('receiver'), sender: of('sender'), 'window-scale': of('window-scale') };
}

function needOf(
  { bandwidth, bdp }: ReturnType<typeof pathOf>,
  ends: Ends,
  allowed: Allowed,
  context: WindowContext,
): PathNeed {
  const need = {
    receiver: receiveBufferFor(bdp, ends.receiver.kind, context),
    sender: sendBufferFor(bdp),
  };
  const verdicts = eachBound((bound) => sufficiencyOf(allowed[bound], bdp));
  const connections = connectionsFor(bdp);
  const impossible = connections.low > 1;
  const autotunedReceiver = receiveBufferFor(bdp, 'autotuned', context);
  return {
    bandwidth,
    bdp,
    ...need,
    connections,
    impossible,
    verdict: sufficiencyOf(allowedInFlight(allowed), bdp),
    verdicts,
    changes: impossible ? [] : changesFor(ends, { ...need, autotunedReceiver }, verdicts),
  };
}

function memoryModel(
  settings: ReadonlyMap<BufferKey, Setting>,
  { receiver, sender }: Ends,
  need: PathNeed | null,
  { traits }: BufferInputs,
): MemoryModel {
  const somaxconn = memberOf(settings, 'net.core.somaxconn', 0);
  const limit = { ...somaxconn, unit: 'connections' as const };
  const { hardLimit } = synQueue({ limit, maxSynBacklog: null, syncookies: 1, traits });
  const pressure = settings.get('net.ipv4.tcp_mem')?.members[1];
  const recommended =
    pressure === undefined || need === null || need.changes.length === 0
      ? null
      : {
          receiving: buffersUntilPressure(pressure, need.receiver.recommended),
          sending: buffersUntilPressure(pressure, need.sender.recommended),
        };
  return {
    measuredOn: MEASURED_ON,
    request: requestBytes(),
    queuedConnection: queuedConnectionBytes(),
    idleConnection: idleConnectionBytes(),
    somaxconn,
    synQueue: synQueueBytes(hardLimit),
    acceptQueue: acceptQueueBytes(acceptQueueOfLimit(limit).capacity),
    untilPressure:
      pressure === undefined
        ? null
        : {
            pressure,
            receiving: buffersUntilPressure(pressure, receiver.limit),
            sending: buffersUntilPressure(pressure, sender.limit),
            recommended,
          },
  };
}
