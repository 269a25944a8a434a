import { type Fact, known, thenFact, unknown } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';

const DIRECTORY = '/proc/sys/net/ipv6/neigh/default';

/**
 * Ticks of the kernel's clock a second (CONFIG_HZ), told by one time that it shows both ways: in ticks, and in
 * milliseconds (ndisc_ifinfo_sysctl_change() in net/ipv6/ndisc.c). Not known where there is no IPv6.
 */
export function ticksPerSecond(reader: HostReader): Fact<number> {
  const number = (name: string) =>
    thenFact(reader.readText(`${DIRECTORY}/${name}`), (text) => {
      const value = Number(text.trim());
      return Number.isInteger(value) && value > 0 ? known(value) : unknown('malformed');
    });
  return thenFact(number('retrans_time'), (ticks) =>
    thenFact(number('retrans_time_ms'), (milliseconds) => {
      const perSecond = (ticks * 1000) / milliseconds;
      const isLikely = Number.isInteger(perSecond) && perSecond >= 24 && perSecond <= 1024;
      return isLikely ? known(perSecond, DIRECTORY) : unknown('malformed');
    }),
  );
}
