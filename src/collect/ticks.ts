import { known, thenFact, unknown, valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';

const DIRECTORY = '/proc/sys/net/ipv6/neigh/default';

/**
 * Ticks of the kernel's clock a second (CONFIG_HZ), told by one time that it shows both ways: in ticks, and in
 * milliseconds (ndisc_ifinfo_sysctl_change() in net/ipv6/ndisc.c). null where there is no IPv6.
 */
export function ticksPerSecond(reader: HostReader): number | null {
  const number = (name: string) =>
    thenFact(reader.readText(`${DIRECTORY}/${name}`), (text) => {
      const value = Number(text.trim());
      return Number.isInteger(value) && value > 0 ? known(value) : unknown('malformed');
    });
  const ticks = valueOr(number('retrans_time'), null);
  const milliseconds = valueOr(number('retrans_time_ms'), null);
  if (ticks === null || milliseconds === null) return null;
  const perSecond = (ticks * 1000) / milliseconds;
  return Number.isInteger(perSecond) && perSecond >= 24 && perSecond <= 1024 ? perSecond : null;
}
