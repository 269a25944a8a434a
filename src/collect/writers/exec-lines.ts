import type { UnitSetting } from '../backlog/unit-files.ts';

const EXEC = /^Exec(?:Start(?:Pre|Post)?|Reload|Stop(?:Post)?)$/;

/** The lines of a service that run something; an empty one takes back those before it of the same name (systemd.service(5)). */
export function execLines(settings: readonly UnitSetting[]): readonly UnitSetting[] {
  const lines = settings.filter(({ key }) => EXEC.test(key));
  const resets = new Map(lines.flatMap(({ key, value }, index) => (value === '' ? [[key, index]] : [])));
  return lines.filter(({ key }, index) => index > (resets.get(key) ?? -1));
}
