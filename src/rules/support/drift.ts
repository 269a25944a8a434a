import type { BootResolution } from '../../assess/assessment.ts';
import { type SetAtBoot, textAtBoot } from '../../assess/key-value.ts';
import { type Ending, NOBODY } from '../../assess/writer-run.ts';
import type { Writers } from '../../assess/writers.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { RuleFacts, Surroundings } from '../rule.ts';

/** The kernel changes these itself, or they report instead of setting. */
export const NEVER_COMPARED =
  /^(net\.ipv4\.route\.flush|net\.ipv4\.tcp_available_congestion_control|net\.ipv4\.tcp_ehash_entries|kernel\.random\..*|kernel\.ns_last_pid|fs\.(file|inode|dentry)-(nr|state))$/;

/** What a key is now, and what the next boot makes of it. */
export type Drift = {
  readonly live: string;
  /** By the files. */
  readonly boot: SetAtBoot;
  /** By whoever comes behind them; null where they have the last word. */
  readonly ending: Ending | null;
};

type Drifting = {
  readonly resolution: Pick<BootResolution, 'bootValue' | 'keys'>;
  readonly writers: Pick<Writers, 'outcome'> | null;
  readonly sysctls: Pick<RuleFacts['sysctls'], 'raw'>;
  readonly isHostWide: Surroundings['isHostWide'];
};

/**
 * What the key is now and what it is after the next boot, where the files set it and that is something else; null
 * otherwise, and where nobody can tell.
 */
export function drift(sysctl: SysctlKey, facts: Drifting): Drift | null {
  if (NEVER_COMPARED.test(sysctl) || facts.isHostWide(sysctl)) return null;
  const live = facts.sysctls.raw(sysctl);
  const boot = facts.resolution.bootValue(sysctl);
  if (live === null || boot.kind !== 'set') return null;
  const { ending, rivals } = facts.writers?.outcome(sysctl, textAtBoot(boot)) ?? NOBODY;
  if (rivals.length > 0 || sameSetting(sysctl, live, ending?.value ?? textAtBoot(boot))) return null;
  // What changes along with a key is told with that key.
  if (boot.through !== null && !facts.resolution.keys().has(sysctl)) return null;
  return { live, boot, ending };
}
