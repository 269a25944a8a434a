import type { Figure } from '../core/figure.ts';
import type { BufferKey, Setting } from '../pipeline/buffer-settings.ts';
import type { BuffersModel, PathModel, PathNeed } from '../pipeline/model-buffers.ts';
import { bufferDerivations } from './figure-tree.ts';
import { kernelJson } from './kernel-json.ts';
import type { BuffersDocument } from './model-buffers-document.ts';
import { numberJson } from './number-json.ts';

type Settings = BuffersModel['settings'];
type NeedJson = NonNullable<NonNullable<BuffersDocument['path']>['need']>;

function integerJson(settings: Settings, key: BufferKey) {
  const setting = settings.get(key);
  const [figure] = setting?.members ?? [];
  return setting === undefined || figure === undefined
    ? null
    : { ...numberJson('value', figure), from: setting.from };
}

/** Null where the kernel's own is not known. */
function tripleOf(setting: Setting | undefined) {
  const [first, second, third] = setting?.members ?? [];
  if (setting === undefined || first === undefined || second === undefined || third === undefined)
    return null;
  return { first, second, third, from: setting.from };
}

function bufferJson(settings: Settings, key: BufferKey) {
  const triple = tripleOf(settings.get(key));
  return triple === null
    ? null
    : {
        ...numberJson('min', triple.first),
        ...numberJson('default', triple.second),
        ...numberJson('max', triple.third),
        from: triple.from,
      };
}

function pagesJson(settings: Settings) {
  const triple = tripleOf(settings.get('net.ipv4.tcp_mem'));
  return triple === null
    ? null
    : {
        ...numberJson('low', triple.first),
        ...numberJson('pressure', triple.second),
        ...numberJson('high', triple.third),
        from: triple.from,
      };
}

function sysctlsJson(settings: Settings): BuffersDocument['sysctls'] {
  return {
    'net.ipv4.tcp_rmem': bufferJson(settings, 'net.ipv4.tcp_rmem'),
    'net.ipv4.tcp_wmem': bufferJson(settings, 'net.ipv4.tcp_wmem'),
    'net.ipv4.tcp_mem': pagesJson(settings),
    'net.core.rmem_max': integerJson(settings, 'net.core.rmem_max'),
    'net.core.wmem_max': integerJson(settings, 'net.core.wmem_max'),
    'net.ipv4.tcp_adv_win_scale': integerJson(settings, 'net.ipv4.tcp_adv_win_scale'),
    'net.core.somaxconn': integerJson(settings, 'net.core.somaxconn'),
  };
}

function bufferNeedJson({
  minimum,
  recommended,
}: {
  readonly minimum: Figure;
  readonly recommended: Figure;
}) {
  return { ...numberJson('minimum', minimum), ...numberJson('recommended', recommended) };
}

function needJson(need: PathNeed): NeedJson {
  const { bandwidth, bdp, receiver, sender, connections, impossible, verdict, verdicts, changes } = need;
  return {
    bandwidthBitsPerSecond: bandwidth.low,
    bdp: bdp.low,
    connections: connections.low,
    impossible,
    verdict,
    verdicts: { ...verdicts },
    receiver: bufferNeedJson(receiver),
    sender: { ...bufferNeedJson(sender), withBbr: sender.withBbr?.low ?? null },
    changes: [...changes],
  };
}

function pathJson({ rtt, rate, need }: PathModel): NonNullable<BuffersDocument['path']> {
  return {
    roundTripMilliseconds: rtt.low / 1000,
    ...numberJson('bitsPerSecond', rate),
    need: need === null ? null : needJson(need),
  };
}

function fitJson({ receiving, sending }: { readonly receiving: Figure; readonly sending: Figure }) {
  return { ...numberJson('receiving', receiving), ...numberJson('sending', sending) };
}

function memoryJson({ memory }: BuffersModel): BuffersDocument['memory'] {
  const { untilPressure } = memory;
  return {
    measuredOn: memory.measuredOn,
    requestBytes: memory.request.low,
    queuedConnectionBytes: memory.queuedConnection.low,
    idleConnectionBytes: memory.idleConnection.low,
    ...numberJson('synQueueBytes', memory.synQueue),
    ...numberJson('acceptQueueBytes', memory.acceptQueue),
    untilPressure:
      untilPressure === null
        ? null
        : {
            ...fitJson(untilPressure),
            recommended: untilPressure.recommended === null ? null : fitJson(untilPressure.recommended),
          },
  };
}

export function buffersDocument(model: BuffersModel): BuffersDocument {
  const { inputs, receiver, sender, scale, allowed, path } = model;
  const { release, range } = inputs.traits.kernel;
  return {
    kind: 'model-buffers',
    schemaVersion: 0,
    kernel: kernelJson(release, range),
    memoryBytes: inputs.memoryBytes,
    mtu: inputs.mtu,
    connections: inputs.connections,
    sysctls: sysctlsJson(model.settings),
    receiver: {
      autotuned: receiver.kind === 'autotuned',
      ...numberJson('rcvbuf', receiver.limit),
      ...numberJson('window', allowed.receiver),
      ...numberJson('firstWindow', scale.firstWindow),
      ...numberJson('wscale', scale.wscale),
      ...numberJson('largestWindow', scale.largestWindow),
    },
    sender: {
      autotuned: sender.kind === 'autotuned',
      ...numberJson('sndbuf', sender.limit),
      ...numberJson('inFlight', allowed.sender),
    },
    boundBy: [...model.binding],
    path: path === null ? null : pathJson(path),
    memory: memoryJson(model),
    derivation: [...bufferDerivations(model)],
  };
}
