import type { Span } from '../core/span.ts';
import type { OutcomeOf } from '../model/outcome.ts';
import type { ModelAnswer } from '../pipeline/model.ts';
import { kernelJson } from './kernel-json.ts';
import type { ModelDocument } from './model-document.ts';
import { numberJson, numbersJson } from './number-json.ts';

function afterJson({ counters, clients, ...amounts }: OutcomeOf<Span>): NonNullable<ModelDocument['after']> {
  return { ...numbersJson(amounts), counters: numbersJson(counters), clients: numbersJson(clients) };
}

export function modelDocument(answer: ModelAnswer): ModelDocument {
  const { request, traits, acceptQueue, synQueue, halfOpen, fastOpen, group, load } = answer;
  const { release, range } = traits.kernel;
  const { pruning, synAckSeconds, lifetimeSeconds } = halfOpen;
  return {
    kind: 'model',
    schemaVersion: 0,
    kernel: { ...kernelJson(release, range), evidence: traits.evidence },
    acceptQueue: {
      ...numberJson('limit', acceptQueue.limit),
      ...numberJson('capacity', acceptQueue.capacity),
    },
    synQueue: {
      ...numberJson('hardLimit', synQueue.hardLimit),
      ...numberJson('unprovenCapacity', synQueue.unprovenCapacity),
      ...numberJson('provenCapacity', synQueue.provenCapacity),
      whenFull: synQueue.whenFull,
    },
    halfOpen: { synAckSeconds: [...synAckSeconds], lifetimeSeconds, pruning: pruning && { ...pruning } },
    fastOpen: fastOpen && numberJson('limit', fastOpen),
    sockets: request.sockets ?? 1,
    group: group && {
      ...numberJson('acceptQueueCapacity', group.acceptQueue),
      ...numberJson('synQueueCapacity', group.synQueue),
    },
    load: load.kind === 'none' ? null : { ...load.load },
    after: load.kind === 'predicted' ? afterJson(load.after) : null,
  };
}
