import { readdirSync, readFileSync } from 'node:fs';
import type { Profile } from '../src/profile/profile.ts';
import { parseProfile } from '../src/profile/read.ts';

const FOLDER = 'profiles';

/** The profiles that we ship, read like anybody's: nobody vouches for a key in them. */
export function readShippedProfiles(): readonly Profile[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) =>
      parseProfile(readFileSync(`${FOLDER}/${name}`, 'utf8'), `${FOLDER}/${name}`, { trusted: false }),
    );
}

/** src/profile/shipped.generated.ts, a profile a line. A test holds that the file is this. */
export function renderShippedProfiles(): string {
  const lines = readShippedProfiles().map((profile) => `  ${JSON.stringify(profile)},\n`);
  return `// Generated from profiles/*.yaml by \`npm run profiles\`.
import type { Profile } from './profile.ts';

export const SHIPPED: readonly Profile[] = [
${lines.join('')}];
`;
}
