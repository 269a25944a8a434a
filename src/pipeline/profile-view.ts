import type { Assessment } from '../assess/assessment.ts';
import { valueOr } from '../core/fact.ts';
import { spaced } from '../core/text.ts';
import { conditionText } from '../profile/condition.ts';
import type { ResolvedProfile, Setting } from '../profile/profile.ts';
import { type Outcome, outcomesOf } from '../profile/requirements.ts';
import type { Workload } from '../snapshot/workload.ts';

export type SettingView = {
  readonly setting: Setting;
  /** `kernel >=5.4` */
  readonly conditions: readonly string[];
  readonly outcome: Outcome;
  /** null where it is not known. */
  readonly live: string | null;
};

/** A profile, and what it comes to on one host. */
export type ProfileView = {
  readonly profile: ResolvedProfile;
  readonly settings: readonly SettingView[];
};

export function viewProfile(
  profile: ResolvedProfile,
  assessment: Assessment,
  workload: Workload | null,
): ProfileView {
  const [namespace] = assessment.namespaces;
  const outcomes = outcomesOf(profile, assessment, workload);
  const settings = profile.settings.flatMap((setting, index): readonly SettingView[] => {
    const outcome = outcomes[index];
    if (outcome === undefined) return [];
    const live = namespace === undefined ? null : valueOr(namespace.live(setting.key), null);
    const conditions = setting.when.map(conditionText);
    return [{ setting, conditions, outcome, live: live === null ? null : spaced(live) }];
  });
  return { profile, settings };
}
