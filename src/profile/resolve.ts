import { didYouMean, inputError, nearest } from '../core/errors.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { Protection } from '../sysctl/requirement.ts';
import type { Profile, ResolvedProfile, Setting } from './profile.ts';

type Merged = {
  readonly lineage: readonly string[];
  /** In the order in which the keys were first named. */
  readonly settings: ReadonlyMap<SysctlKey, readonly Setting[]>;
  readonly protections: ReadonlyMap<SysctlKey, Protection>;
};

const NOTHING: Merged = { lineage: [], settings: new Map(), protections: new Map() };

/**
 * A profile with all that it has from its parents. Of two parents the later one's settings of a key replace the
 * earlier one's, and its own replace both; protections add up.
 * @param find any profile by its name, null where there is none
 * @param names of all profiles, to say which one was meant
 * @throws UserError for an unknown parent, a cycle, and a setting of a key that a parent protects
 */
export function resolveProfile(
  profile: Profile,
  find: (name: string) => Profile | null,
  names: readonly string[],
): ResolvedProfile {
  // Each parent is merged once, however many lead to it: otherwise n profiles could take 2^n merges.
  const done = new Map<string, Merged>();

  function merged(current: Profile, above: readonly Profile[]): Merged {
    const parents = current.extends.map(({ name, at }) => {
      if (name === current.name || above.some((each) => each.name === name)) {
        const loop = [...above.slice(above.findIndex((each) => each.name === name)), current];
        const chain = [...loop.map((each) => each.name), name].join(' → ');
        throw inputError('malformed-document', at, `profiles extend one another in a circle: ${chain}`);
      }
      const parent = find(name);
      if (parent === null) {
        const hint = didYouMean(nearest(name, names)) ?? '`backlogctl profiles list` names those there are';
        throw inputError('malformed-document', at, `unknown profile '${name}'`, hint);
      }
      const known = done.get(name) ?? merged(parent, [...above, current]);
      done.set(name, known);
      return known;
    });
    return [...parents, own(current)].reduce(over, NOTHING);
  }

  const { lineage, settings, protections } = merged(profile, []);
  const all = [...settings.values()].flat();
  checkProtected(all, protections);
  return {
    name: profile.name,
    summary: profile.summary,
    file: profile.file,
    lineage,
    settings: all,
    protections: [...protections.values()],
  };
}

function own({ name, settings, protections }: Profile): Merged {
  const byKey = new Map<SysctlKey, readonly Setting[]>();
  for (const setting of settings) byKey.set(setting.key, [...(byKey.get(setting.key) ?? []), setting]);
  return {
    lineage: [name],
    settings: byKey,
    protections: new Map(protections.map(({ key, because, by }) => [key, { key, because, by }])),
  };
}

function over(lower: Merged, upper: Merged): Merged {
  return {
    lineage: [...new Set([...lower.lineage, ...upper.lineage])],
    settings: new Map([...lower.settings, ...upper.settings]),
    protections: new Map([...lower.protections, ...upper.protections]),
  };
}

/** It would be skipped on every host, which nobody who writes it down means. */
function checkProtected(settings: readonly Setting[], protections: ReadonlyMap<SysctlKey, Protection>): void {
  for (const { key, at } of settings) {
    const protection = protections.get(key);
    if (protection === undefined) continue;
    const message = `${key} is protected by the profile ${protection.by}: ${protection.because}`;
    throw inputError('malformed-document', at, message);
  }
}
