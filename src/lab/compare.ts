import { given } from '../core/figure.ts';
import type { Span } from '../core/span.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import { LOAD_COUNTERS } from '../model/load.ts';
import { AMOUNTS, type Outcome, type OutcomeOf } from '../model/outcome.ts';
import { predict } from '../model/predict.ts';
import { acceptQueue, asUnsigned } from '../model/queues.ts';
import type { LabPoint, Measurement } from './protocol.ts';

export type Compared = {
  /** As it is called in the model's JSON; a counter by its own name. */
  readonly name: string;
  readonly predicted: Span;
  readonly measured: number;
  readonly agrees: boolean;
};

export type LabResult = {
  readonly point: LabPoint;
  readonly compared: readonly Compared[];
  /** Every number agrees, and all with one behaviour where the kernel's version leaves several open. */
  readonly exact: boolean;
};

type Prediction = {
  readonly limit: Span;
  readonly after: OutcomeOf<Span>;
  readonly each: readonly Outcome[];
};

/** null on kernels whose loads are not modelled. */
export function predictPoint(point: LabPoint, traits: KernelTraits): Prediction | null {
  const { limit } = acceptQueue({
    backlog: given('backlog', asUnsigned(point.backlog), 'connections', 'listen()'),
    somaxconn: given('somaxconn', point.somaxconn, 'connections', 'net.core.somaxconn'),
    traits,
  });
  const prediction = predict({
    traits,
    limit: limit.low,
    maxSynBacklog: { low: point.maxSynBacklog, high: point.maxSynBacklog },
    syncookies: point.syncookies,
    abortOnOverflow: point.abortOnOverflow !== 0,
    deferAccept: false,
    fastOpenLimit: 0,
    sockets: 1,
    load: point.load,
  });
  return prediction.kind === 'predicted' ? { limit, ...prediction } : null;
}

/** Each number that the kernel shows, beside what the model says of it. */
export function compare(
  point: LabPoint,
  { limit, after, each }: Prediction,
  measurement: Measurement,
): LabResult {
  const pair = (name: string, predicted: Span, measured: number): Compared => ({
    name,
    predicted,
    measured,
    agrees: measured >= predicted.low && measured <= predicted.high,
  });
  const counters = Object.entries(after.counters).map(([name, predicted]) =>
    pair(name, predicted, measurement.counters[name as keyof Measurement['counters']]),
  );
  const compared = [
    pair('limit', limit, measurement.limit),
    ...AMOUNTS.map((name) => pair(name, after[name], measurement[name])),
    ...counters,
  ];
  const isOneBehaviour = each.some((outcome) => isOutcome(measurement, outcome));
  return { point, compared, exact: isOneBehaviour && compared.every(({ agrees }) => agrees) };
}

function isOutcome(measurement: Measurement, outcome: Outcome): boolean {
  return (
    AMOUNTS.every((name) => measurement[name] === outcome[name]) &&
    LOAD_COUNTERS.every((name) => measurement.counters[name] === outcome.counters[name])
  );
}
