import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import type { Outcome } from './outcome.ts';
import type { Setting } from './settings.ts';

function saysTheSame(a: Setting, b: Setting): boolean {
  return a.kind === b.kind && a.value === b.value;
}

/**
 * systemd-sysctl keeps one entry a key and writes them in order. An entry whose value changes moves to the end; one
 * that is said again stays where it is, and one `-` in front of any of its lines counts for it. `-key` replaces an
 * assignment as another value would (parse_line() in src/sysctl/sysctl.c).
 */
export function systemdOutcome(settings: readonly Setting[]): Outcome {
  const entries = new Map<string, Setting>();
  for (const setting of settings) {
    const standing = entries.get(setting.path);
    if (standing !== undefined && saysTheSame(standing, setting)) {
      const ignoreFailure = standing.ignoreFailure || setting.ignoreFailure;
      entries.set(setting.path, { ...standing, ignoreFailure });
      continue;
    }
    entries.delete(setting.path);
    entries.set(setting.path, setting);
  }
  const assignments = [...entries.values()].filter(({ kind }) => kind === 'assignment');
  return {
    walked: assignments,
    patterns: assignments.filter(({ isPattern }) => isPattern),
    standing: (key: SysctlKey) => entries.get(swapSeparators(key)) ?? null,
    shields: (path) => entries.has(path),
  };
}
