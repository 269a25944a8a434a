import { PROFILE_NAME } from '../core/profile-name.ts';
import { escapeControls } from '../core/text.ts';
import { formatBytes } from '../core/units.ts';
import { loaderTraits } from '../resolve/loader-traits.ts';
import type { Attempt } from '../resolve/resolution.ts';
import { resolve } from '../resolve/resolve.ts';
import { catalogueOrder } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { DROP_IN_MARK } from '../sysctl/own-drop-in.ts';
import { renderSetting } from '../sysctl/render.ts';
import type { Reason } from './plan.ts';

export type DropInLine = {
  readonly key: SysctlKey;
  readonly value: string;
  readonly because: readonly Reason[];
  /** Above a line that stays as it stands: they say why in words, and the reasons themselves are not known any more. */
  readonly comments?: readonly string[];
};

/** For which kernel, memory and profiles the values were worked out. */
export type WorkedOutFor = {
  readonly kernel: string;
  readonly memoryBytes: number | null;
  /** Names, and absolute paths, as they are typed. */
  readonly profiles: readonly string[];
};

const HEADER = [DROP_IN_MARK, '# Lines of your own belong in another file. Undo: backlogctl rollback'];

const FOR = '# For Linux ';

const PROFILES = '# Profiles: ';

/** No character of a path can end the line, or be taken for the end of its name. */
function encoded(profile: string): string {
  return profile.split('/').map(encodeURIComponent).join('/');
}

function profilesLine({ profiles }: WorkedOutFor): readonly string[] {
  return profiles.length === 0 ? [] : [`${PROFILES}${[...new Set(profiles)].map(encoded).join(', ')}`];
}

/** null for what no profile is called: a name, or an absolute path. */
function decoded(word: string): string | null {
  if (PROFILE_NAME.test(word)) return word;
  if (!/^(?:\/[\w.!~*'()%-]+)+$/.test(word)) return null;
  try {
    const path = decodeURIComponent(word);
    return encoded(path) === word && escapeControls(path) === path ? path : null;
  } catch {
    return null;
  }
}

/**
 * The profiles that a drop-in of ours was made with. None where its header is not as we write it: whoever types the
 * names again has to be able to rely on all of them.
 */
export function profilesInForce(text: string): readonly string[] {
  const [header = ''] = text.split('\n\n');
  const [line, ...others] = header.split('\n').filter((each) => each.startsWith(PROFILES));
  if (line === undefined || others.length > 0) return [];
  const profiles = line.slice(PROFILES.length).split(', ').map(decoded);
  return profiles.every((each) => each !== null) ? profiles : [];
}

function forLine({ kernel, memoryBytes }: WorkedOutFor): string {
  if (kernel === 'unknown') return `${FOR}of a version that was not known.`;
  const memory = memoryBytes === null ? '' : ` with ${formatBytes(memoryBytes)} of memory`;
  return `${FOR}${kernel}${memory}.`;
}

function sentence({ by, name, text, source }: Reason): string {
  const from = source === undefined ? '' : ` (${source})`;
  return `${by === 'profile' ? 'profile' : 'rule'} ${name}: ${text}${from}`;
}

const COMMENT_COLUMNS = 73;

/** Comments as a person would break them, so that the file and its diff can be read in a terminal. */
function wrapped(reason: Reason): readonly string[] {
  const lines: string[] = [];
  for (const word of sentence(reason).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= COMMENT_COLUMNS)
      lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines;
}

function inCatalogueOrder(a: DropInLine, b: DropInLine): number {
  return catalogueOrder(a.key) - catalogueOrder(b.key) || (a.key < b.key ? -1 : 1);
}

/** The whole file; null where there is nothing to set, and so no file. */
export function renderDropIn(lines: readonly DropInLine[], workedOutFor: WorkedOutFor): string | null {
  if (lines.length === 0) return null;
  const settings = [...lines]
    .sort(inCatalogueOrder)
    .map(({ key, value, because, comments = [] }) =>
      renderSetting({ key, value, why: [...comments, ...because.flatMap(wrapped)] }),
    );
  return `${[...HEADER, forLine(workedOutFor), ...profilesLine(workedOutFor)].join('\n')}\n\n${settings.join('\n')}`;
}

function withoutForLine(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith(FOR))
    .join('\n');
}

/**
 * Whether two drop-ins set the same for the same reasons and profiles. For which kernel they were worked out does not
 * count: the same values after an upgrade are no change.
 */
export function saysTheSame(a: string, b: string): boolean {
  return withoutForLine(a) === withoutForLine(b);
}

/** Every loader reads what we write alike, so any one's rules do. */
function attemptsOf(text: string, path: string): readonly Attempt[] {
  return resolve([{ path, kind: 'file', text }], loaderTraits('systemd', null)).attempts;
}

/** What a drop-in of ours sets. */
export function dropInValues(text: string, path: string): ReadonlyMap<SysctlKey, string> {
  return new Map(attemptsOf(text, path).map(({ key, value }) => [key, value]));
}

function commentsAbove(lines: readonly string[], line: number): readonly string[] {
  const above = lines.slice(0, line - 1);
  const first = above.findLastIndex((each) => !each.startsWith('#')) + 1;
  return above.slice(first).map((each) => each.replace(/^#\s*/, ''));
}

/** The lines of a drop-in of ours, to be written again as they stand. */
export function standingLines(text: string, path: string): readonly DropInLine[] {
  const lines = text.split('\n');
  const standing = attemptsOf(text, path).map(({ key, value, line }): readonly [SysctlKey, DropInLine] => [
    key,
    { key, value, because: [], comments: commentsAbove(lines, line) },
  ]);
  return [...new Map(standing).values()];
}
