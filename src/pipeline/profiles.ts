import { inputError, isUserError, positionText, UserError, unknownNameError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { Fact } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Profile, ResolvedProfile } from '../profile/profile.ts';
import { resolveProfile } from '../profile/resolve.ts';
import { SHIPPED } from '../profile/shipped.generated.ts';
import { CONFIG_DIRECTORY } from './config.ts';
import { checkTrust, isRootsAlone } from './trust.ts';

const OWN_DIRECTORY = `${CONFIG_DIRECTORY}/profiles`;
const ENDING = '.yaml';
/** Ten times the longest that we ship; the search for fields that stand twice takes the square of their number. */
const MOST_BYTES = 64 * 1024;

/** Where profiles come from. */
export type ProfileSource = {
  /** Of the host that is looked at, which may be another tree: its /etc/backlogctl/profiles. */
  readonly host: HostReader;
  /** Of the files that a person names. */
  readonly files: HostReader;
  readonly uid: number;
};

export type ListedProfile =
  | { readonly kind: 'shipped' | 'own'; readonly profile: Profile }
  /** It cannot be used, and `problem` says why. */
  | { readonly kind: 'unusable'; readonly file: string; readonly name: string; readonly problem: string };

const SHIPPED_NAMES: readonly string[] = SHIPPED.map(({ name }) => name);

function shippedProfile(name: string): Profile | null {
  return SHIPPED.find((profile) => profile.name === name) ?? null;
}

/** A path holds a slash or ends as profiles do; all else is a name. */
export function isProfilePath(given: string): boolean {
  return given.includes('/') || /\.ya?ml$/.test(given);
}

function unreadable(file: string): UserError {
  return inputError('unreadable', { file }, 'the profile cannot be read');
}

function textOf(file: string, text: Fact<string>): string {
  if (text.ok) return text.value;
  const why = text.detail ?? (text.why === 'absent' ? 'there is no such file' : text.why);
  throw inputError('unreadable', { file }, `the profile cannot be read: ${why}`);
}

/** yaml and zod are loaded with the first profile that is not one of ours. */
async function readProfile(file: string, reader: HostReader): Promise<Profile> {
  const text = textOf(file, reader.readText(file, MOST_BYTES));
  const { parseProfile } = await import('../profile/read.ts');
  return parseProfile(text, file, { trusted: isRootsAlone(reader, file) });
}

function ownNames({ host }: ProfileSource): readonly string[] {
  const names = host.list(OWN_DIRECTORY);
  if (!names.ok) return [];
  return names.value.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
}

/**
 * null where there is no such file, or where only root may look for one and ours has the name. A profile is an order,
 * so one that others can write is not obeyed.
 */
async function ownProfile(name: string, { host, uid }: ProfileSource): Promise<Profile | null> {
  const file = `${OWN_DIRECTORY}/${name}${ENDING}`;
  const stat = host.stat(file);
  if (!stat.ok && (stat.why === 'absent' || (stat.why === 'denied' && shippedProfile(name) !== null))) {
    return null;
  }
  for (const path of [CONFIG_DIRECTORY, OWN_DIRECTORY, file]) checkTrust(host, path, uid, unreadable);
  if (shippedProfile(name) !== null) {
    const hint = `give it another name, and write extends: [${name}] to build on ours`;
    throw new UserError({
      code: 'refused',
      status: EXIT.badInput,
      at: { file },
      message: `it would hide the profile ${name} that backlogctl ships`,
      hint,
    });
  }
  const profile = await readProfile(file, host);
  if (profile.name === name) return profile;
  const message = `its name is '${profile.name}', and its file says '${name}'`;
  throw inputError('malformed-document', { file }, message);
}

async function namedProfile(name: string, source: ProfileSource): Promise<Profile | null> {
  // Looked for first, so that one that would hide ours is refused and not passed over.
  return (await ownProfile(name, source)) ?? shippedProfile(name);
}

function allNames(source: ProfileSource): readonly string[] {
  return [...SHIPPED_NAMES, ...ownNames(source)];
}

/** Reads every parent, and theirs, before they are merged. */
async function withParents(profile: Profile, source: ProfileSource): Promise<ResolvedProfile> {
  const found = new Map<string, Profile | null>();
  const waiting = profile.extends.map(({ name }) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    const parent = await namedProfile(name, source);
    found.set(name, parent);
    waiting.push(...(parent?.extends ?? []).map((each) => each.name));
  }
  return resolveProfile(profile, (name) => found.get(name) ?? null, allNames(source));
}

/**
 * The profile of a name, or in a file, with everything that it has from its parents.
 * @param given a name such as web-frontend, or a path, which is absolute where the file is to be trusted
 * @throws UserError where there is none, where it cannot be trusted, and for everything that is wrong with it
 */
export async function loadProfile(given: string, source: ProfileSource): Promise<ResolvedProfile> {
  const profile = isProfilePath(given)
    ? await readProfile(given, source.files)
    : await namedProfile(given, source);
  if (profile !== null) return withParents(profile, source);
  throw unknownNameError('profile', given, allNames(source), 'backlogctl profiles');
}

function problemOf(thrown: unknown): string {
  if (!isUserError(thrown)) throw thrown;
  const { at, message } = thrown;
  return at?.line === undefined ? message : `${positionText(at)}: ${message}`;
}

/** Ours and those of the host, by name. One that cannot be used is listed with the reason. */
export async function listProfiles(source: ProfileSource): Promise<readonly ListedProfile[]> {
  const listed: ListedProfile[] = SHIPPED.map((profile) => ({ kind: 'shipped', profile }));
  for (const name of ownNames(source)) {
    try {
      const profile = await ownProfile(name, source);
      if (profile !== null) {
        await withParents(profile, source);
        listed.push({ kind: 'own', profile });
      }
    } catch (thrown) {
      const file = `${OWN_DIRECTORY}/${name}${ENDING}`;
      listed.push({ kind: 'unusable', file, name, problem: problemOf(thrown) });
    }
  }
  return listed;
}
