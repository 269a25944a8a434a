import type { SysctlKey } from '../sysctl/key.ts';
import { globMatcher } from './glob.ts';
import type { LoaderTraits } from './loader-traits.ts';
import type { Outcome } from './outcome.ts';
import type { Setting } from './settings.ts';

/**
 * procps writes every line in order. Any line that names a key, an exclusion too, keeps the patterns off it; names
 * are compared as they are spelled, so `net//core/somaxconn` keeps nothing off `net/core/somaxconn`
 * (add_setting() and is_excluded() in src/sysctl.c).
 */
export function procpsOutcome(settings: readonly Setting[], traits: LoaderTraits): Outcome {
  const assignments = settings.filter(({ kind }) => kind === 'assignment');
  const last = new Map<SysctlKey | null, Setting>();
  for (const setting of assignments) last.set(setting.key, setting);
  const spelled = new Set<string>();
  for (const { path } of settings) spelled.add(path);
  const excluding = traits.exclusion?.patterns
    ? settings
        .filter(({ kind, isPattern }) => kind === 'exclusion' && isPattern)
        .map((each) => globMatcher(each.path, { crossesSlash: true }))
    : [];
  return {
    walked: assignments,
    patterns: assignments.filter(({ isPattern }) => isPattern),
    standing: (key) => last.get(key) ?? null,
    shields: (path) => spelled.has(path) || excluding.some((excludes) => excludes(path)),
  };
}
