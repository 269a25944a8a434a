import { inputError, isUserError, positionText, UserError, unknownNameError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import { type Unknown, unreadableText } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Profile, ResolvedProfile } from '../profile/profile.ts';
import { resolveProfile } from '../profile/resolve.ts';
import { SHIPPED } from '../profile/shipped.generated.ts';
import { CONFIG_DIRECTORY } from './config.ts';
import { isRootsAlone, readJudged, readTrusted } from './trust.ts';

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

function unreadable(file: string, why: Unknown): UserError {
  return inputError('unreadable', { file }, `the profile cannot be read: ${unreadableText(why)}`);
}

/** A profile, and why it may be looked at and not obeyed; null where it may. */
export type JudgedProfile<P> = { readonly profile: P; readonly mistrust: UserError | null };

/** yaml and zod are loaded with the first profile that is not one of ours. */
async function parsed(text: string, file: string, trusted: boolean): Promise<Profile> {
  const { parseProfile } = await import('../profile/read.ts');
  return parseProfile(text, file, { trusted });
}

/** Of a relative path it cannot be told who may write there. */
async function profileAt(file: string, { files, uid }: ProfileSource): Promise<JudgedProfile<Profile>> {
  if (!file.startsWith('/')) {
    const text = files.readText(file, MOST_BYTES);
    if (!text.ok) throw unreadable(file, text);
    return { profile: await parsed(text.value, file, false), mistrust: null };
  }
  const judged = readJudged(files, file, uid, MOST_BYTES);
  if (!judged.ok) throw unreadable(judged.at, judged.why);
  const { text, mistrust } = judged;
  return { profile: await parsed(text, file, mistrust === null && isRootsAlone(files, file)), mistrust };
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
  const text = readTrusted(host, file, uid, MOST_BYTES, unreadable);
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
  const profile = await parsed(text, file, isRootsAlone(host, file));
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
 * @throws UserError where there is none, where one of a name cannot be trusted, and for everything that is wrong with it
 */
export async function loadJudgedProfile(
  given: string,
  source: ProfileSource,
): Promise<JudgedProfile<ResolvedProfile>> {
  if (isProfilePath(given)) {
    const { profile, mistrust } = await profileAt(given, source);
    return { profile: await withParents(profile, source), mistrust };
  }
  const profile = await namedProfile(given, source);
  if (profile !== null) return { profile: await withParents(profile, source), mistrust: null };
  throw unknownNameError('profile', given, allNames(source), 'backlogctl profiles');
}

/** The same for whoever does not carry it out. */
export async function loadProfile(given: string, source: ProfileSource): Promise<ResolvedProfile> {
  return (await loadJudgedProfile(given, source)).profile;
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
