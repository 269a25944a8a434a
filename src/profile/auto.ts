import type { NamespaceAssessment } from '../assess/assessment.ts';
import { BUFFER_STEP, LARGEST_WINDOW } from '../model/buffers.ts';
import { pathOf, sendBufferFor } from '../model/path.ts';
import type { Workload } from '../snapshot/workload.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { Amount } from './profile.ts';

export type AutoValue =
  | {
      readonly ok: true;
      readonly amounts: readonly Amount[];
      /** From which facts, in words. */
      readonly how: string;
    }
  | { readonly ok: false; readonly why: string };

type AutoRule = (namespace: NamespaceAssessment, workload: Workload | null) => AutoValue;

const KEEP: Amount = { kind: 'keep' };

/** Connections that arrive while the program accepts nothing, and have to find room; null where the load is not known. */
export function arrivingInStall(workload: Workload | null): number | null {
  const { connectionsPerSecond, longestStallMilliseconds } = workload ?? {};
  if (connectionsPerSecond === undefined || longestStallMilliseconds === undefined) return null;
  return Math.ceil((connectionsPerSecond * longestStallMilliseconds) / 1000);
}

function roomForStall(workload: Workload | null): AutoValue | null {
  const number = arrivingInStall(workload);
  if (number === null) return null;
  const how = `${workload?.connectionsPerSecond} connections a second for ${workload?.longestStallMilliseconds} ms`;
  return { ok: true, amounts: [{ kind: 'number', number }], how };
}

/** The largest backlog that a program asks for, so that somaxconn cuts none of them; more where the load says so. */
function largestBacklog({ listeners }: NamespaceAssessment, workload: Workload | null): AutoValue {
  const arriving = roomForStall(workload);
  const largest = largestRequest(listeners);
  if (arriving === null || !arriving.ok) return largest;
  return largest.ok && numberOf(largest) >= numberOf(arriving) ? largest : arriving;
}

function numberOf({ amounts: [first] }: Extract<AutoValue, { ok: true }>): number {
  return first?.kind === 'number' ? first.number : 0;
}

function largestRequest(listeners: NamespaceAssessment['listeners']): AutoValue {
  const asking = listeners.flatMap(({ backlog, label, who }) =>
    backlog.requested === null || backlog.followsSomaxconn
      ? []
      : [{ requested: backlog.requested, label, who }],
  );
  const [first, ...rest] = asking;
  if (first === undefined) return { ok: false, why: 'no listener asks for a backlog that is known' };
  const most = rest.reduce((a, b) => (b.requested > a.requested ? b : a), first);
  return {
    ok: true,
    amounts: [{ kind: 'number', number: most.requested }],
    how: `the largest backlog that a listener asks for, ${most.who} on ${most.label}`,
  };
}

/** Twice the largest window: more than that no connection can use. */
const LARGEST_BUFFER = 2 * LARGEST_WINDOW;

function unknownPath(bandwidth: number | undefined, roundTrip: number | undefined): string {
  if (bandwidth === undefined && roundTrip === undefined) {
    return 'the bandwidth and the round-trip time of the path are not known (--bandwidth, --rtt)';
  }
  return bandwidth === undefined
    ? 'the bandwidth of the path is not known (--bandwidth)'
    : 'the round-trip time of the path is not known (--rtt)';
}

/** Twice what is in flight on the path: what src/model/path.ts recommends to senders, and enough for most receivers. */
function twiceBdp(_: NamespaceAssessment, workload: Workload | null): AutoValue {
  const { bandwidthBitsPerSecond, roundTripMilliseconds } = workload ?? {};
  if (bandwidthBitsPerSecond === undefined || roundTripMilliseconds === undefined) {
    return { ok: false, why: unknownPath(bandwidthBitsPerSecond, roundTripMilliseconds) };
  }
  const { bdp } = pathOf(bandwidthBitsPerSecond, roundTripMilliseconds);
  const number = Math.min(LARGEST_BUFFER, Math.max(BUFFER_STEP, sendBufferFor(bdp).recommended.low));
  const how = `twice the BDP of ${bandwidthBitsPerSecond} bit/s and ${roundTripMilliseconds} ms`;
  return { ok: true, amounts: [KEEP, KEEP, { kind: 'number', number }], how };
}

/**
 * What `auto` means, key by key: a value that follows from facts of the host or of its load alone. A key without a
 * rule has no `auto`.
 */
const AUTO_RULES: ReadonlyMap<SysctlKey, AutoRule> = new Map([
  ['net.core.somaxconn', largestBacklog],
  ['net.ipv4.tcp_rmem', twiceBdp],
  ['net.ipv4.tcp_wmem', twiceBdp],
]);

export function hasAutoRule(key: SysctlKey): boolean {
  return AUTO_RULES.has(key);
}

export function autoValue(
  key: SysctlKey,
  namespace: NamespaceAssessment,
  workload: Workload | null,
): AutoValue {
  return AUTO_RULES.get(key)?.(namespace, workload) ?? { ok: false, why: `${key} has no rule for 'auto'` };
}
