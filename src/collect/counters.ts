import { type Fact, known, thenFact, unknown } from '../core/fact.ts';
import type { Clock, HostReader } from '../core/ports.ts';
import type { Sample } from '../snapshot/namespace.ts';
import type { UnseenLog } from './unseen.ts';

type Ports = { readonly reader: HostReader; readonly clock: Clock };

/** Reads the counters now, and returns what reads them again when `seconds` have passed since. */
export function startSampling({ reader, clock }: Ports, unseen: UnseenLog) {
  const startedMs = clock.monotonicMs();
  const first = readTcpExt(reader);
  if (!first.ok) unseen.add('TCP counters', first);
  return {
    async finish(seconds: number | null): Promise<Sample[]> {
      if (!first.ok) return [];
      const samples: Sample[] = [{ at: 0, counters: first.value }];
      if (seconds === null) return samples;
      await clock.sleep(Math.max(0, seconds * 1000 - (clock.monotonicMs() - startedMs)));
      const second = readTcpExt(reader);
      if (!second.ok) unseen.add('second sample of the TCP counters', second);
      if (second.ok) samples.push({ at: secondsSince(clock, startedMs), counters: second.value });
      return samples;
    },
  };
}

function secondsSince(clock: Clock, startedMs: number): number {
  return Math.round(clock.monotonicMs() - startedMs) / 1000;
}

/** The group of /proc/net/netstat that is about listeners. */
const GROUP = 'TcpExt:';

/** Two lines a group: the names, and under them the values. */
export function parseTcpExt(text: string): Fact<Record<string, number>> {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith(GROUP))
    .map((line) => line.slice(GROUP.length).trim().split(/\s+/));
  if (names === undefined || values === undefined || names.length !== values.length)
    return unknown('malformed');
  const pairs = names.map((name, index) => [name, Number(values[index])] as const);
  if (pairs.some(([, value]) => !Number.isFinite(value))) return unknown('malformed');
  return known(Object.fromEntries(pairs), '/proc/net/netstat');
}

function readTcpExt(reader: HostReader): Fact<Record<string, number>> {
  return thenFact(reader.readText('/proc/net/netstat'), parseTcpExt);
}
