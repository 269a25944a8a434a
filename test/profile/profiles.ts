import type { Profile, ResolvedProfile } from '../../src/profile/profile.ts';
import { parseProfile } from '../../src/profile/read.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';

export const HEAD = 'kind: profile\nschemaVersion: 0\nname: mine\nsummary: Mine.\n';
export const REASON = 'because: b, source: s';

/** A profile of that name with `settings:` as they would be written, one a line. */
export function profileText(lines: readonly string[], name = 'mine'): string {
  const head = HEAD.replace('mine', name);
  return lines.length === 0 ? head : `${head}settings:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

export function profileOf(lines: readonly string[], trusted = false): Profile {
  return parseProfile(profileText(lines), 'mine.yaml', { trusted });
}

export function resolvedOf(lines: readonly string[], trusted = false): ResolvedProfile {
  return resolveProfile(profileOf(lines, trusted), () => null, []);
}
