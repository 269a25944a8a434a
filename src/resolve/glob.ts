/**
 * Patterns of glob(3) and fnmatch(3) in the C locale. A matcher of our own and no regular expression: the patterns
 * come from the host, and none of them may fail to compile or take exponential time.
 */
export type GlobRules = {
  /** Whether `{a,b}` stands for either. */
  readonly braces?: boolean;
  /** fnmatch(3) without flags: `*` crosses a slash, and a leading dot is a character like any other. */
  readonly crossesSlash?: boolean;
};

type Token =
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly negated: boolean; includes(character: string): boolean };

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[0-9A-Za-z]/],
  ['alpha', /[A-Za-z]/],
  ['blank', /[ \t]/],
  ['cntrl', /[^ -~\u0080-\uffff]/],
  ['digit', /[0-9]/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['space', /[ \t-\r]/],
  ['upper', /[A-Z]/],
  ['xdigit', /[0-9A-Fa-f]/],
]);

export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

type Member = (character: string) => boolean;

/** One member of a bracket expression that begins at `at`; a range that runs backwards holds nothing. */
function member(pattern: readonly string[], at: number): { readonly has: Member; readonly next: number } {
  const classEnd = pattern[at + 1] === ':' ? pattern.indexOf(':', at + 2) : -1;
  if (pattern[at] === '[' && classEnd !== -1 && pattern[classEnd + 1] === ']') {
    const listed = CLASSES.get(pattern.slice(at + 2, classEnd).join(''));
    return { has: (character) => listed?.test(character) ?? false, next: classEnd + 2 };
  }
  const first = pattern[at] === '\\' && at + 1 < pattern.length ? at + 1 : at;
  const low = pattern[first] ?? '';
  const high = pattern[first + 2];
  if (pattern[first + 1] !== '-' || high === undefined || high === ']') {
    return { has: (character) => character === low, next: first + 1 };
  }
  return { has: (character) => low <= character && character <= high, next: first + 3 };
}

/** A bracket expression, null where `[` at `at` begins none and stands for itself. */
function bracket(
  pattern: readonly string[],
  at: number,
): { readonly token: Token; readonly next: number } | null {
  const negated = pattern[at + 1] === '!' || pattern[at + 1] === '^';
  const begin = at + (negated ? 2 : 1);
  // Without this a row of brackets that nothing closes would be read to the end for each of them.
  if (pattern.lastIndexOf(']') <= begin) return null;
  const members: Member[] = [];
  let next = begin;
  while (next < pattern.length && (pattern[next] !== ']' || next === begin)) {
    const read = member(pattern, next);
    members.push(read.has);
    next = read.next;
  }
  if (next >= pattern.length) return null;
  const includes = (character: string) => members.some((has) => has(character));
  return { token: { kind: 'set', negated, includes }, next: next + 1 };
}

function tokensOf(text: string): readonly Token[] {
  const pattern = Array.from(text);
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    const set = character === '[' ? bracket(pattern, at) : null;
    if (set !== null) {
      tokens.push(set.token);
      at = set.next - 1;
    } else if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '\\' && at + 1 < pattern.length) {
      at += 1;
      tokens.push({ kind: 'character', character: pattern[at] ?? '' });
    } else tokens.push({ kind: 'character', character });
  }
  return tokens;
}

function takes(token: Token | undefined, character: string): boolean {
  switch (token?.kind) {
    case 'any':
      return true;
    case 'character':
      return token.character === character;
    case 'set':
      return token.includes(character) !== token.negated;
    default:
      return false;
  }
}

/** Goes back to the last star only, which is enough: at most tokens times characters steps. */
function matchesTokens(tokens: readonly Token[], text: string): boolean {
  const characters = Array.from(text);
  let token = 0;
  let at = 0;
  let star = -1;
  let resume = 0;
  while (at < characters.length) {
    if (tokens[token]?.kind === 'star') {
      star = token;
      resume = at;
      token += 1;
    } else if (takes(tokens[token], characters[at] ?? '')) {
      token += 1;
      at += 1;
    } else if (star !== -1) {
      resume += 1;
      at = resume;
      token = star + 1;
    } else return false;
  }
  return tokens.slice(token).every(({ kind }) => kind === 'star');
}

type Matcher = (text: string) => boolean;

function nameMatcher(pattern: string): Matcher {
  const tokens = tokensOf(pattern);
  const takesHidden = pattern.startsWith('.') || pattern.startsWith('\\.');
  return (name) => (takesHidden || !name.startsWith('.')) && matchesTokens(tokens, name);
}

function pathMatcher(pattern: string): Matcher {
  const matchers = pattern.split('/').map(nameMatcher);
  return (path) => {
    const names = path.split('/');
    return names.length === matchers.length && matchers.every((takes, index) => takes(names[index] ?? ''));
  };
}

function textMatcher(pattern: string): Matcher {
  const tokens = tokensOf(pattern);
  return (text) => matchesTokens(tokens, text);
}

/** No more patterns than this from one: braces multiply. */
const MAX_EXPANSIONS = 1000;

/** Ends of the alternatives of the brace at `open`, null where it is not closed. */
function alternatives(
  pattern: string,
  open: number,
): { readonly parts: readonly string[]; readonly end: number } | null {
  const parts: string[] = [];
  let depth = 0;
  let begin = open + 1;
  for (let at = open; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (depth === 0 || (depth === 1 && character === ',')) {
      parts.push(pattern.slice(begin, at));
      begin = at + 1;
    }
    if (depth === 0) return { parts, end: at };
  }
  return null;
}

/** GLOB_BRACE: `{}` alone stands for itself, and so does a brace that is not closed. */
export function expandBraces(pattern: string): readonly string[] {
  const done: string[] = [];
  const open: string[] = [pattern];
  while (open.length > 0 && done.length + open.length <= MAX_EXPANSIONS) {
    const each = open.shift() ?? '';
    const at = each === '{}' ? -1 : (/(?<!\\)\{/.exec(each)?.index ?? -1);
    const found = at === -1 ? null : alternatives(each, at);
    if (found === null) done.push(each);
    else open.unshift(...found.parts.map((part) => each.slice(0, at) + part + each.slice(found.end + 1)));
  }
  return [...done, ...open];
}

/** PATH_MAX in include/uapi/linux/limits.h: no path is longer, and what is longer is not followed. */
const LONGEST_PATTERN = 4096;

/** Tells whether a pattern matches a path below /proc/sys, or a file name. Compiled once, for it is asked for many. */
export function globMatcher(pattern: string, rules: GlobRules = {}): (text: string) => boolean {
  if (pattern.length > LONGEST_PATTERN) return () => false;
  const patterns = rules.braces === true ? expandBraces(pattern) : [pattern];
  const matchers = patterns.map(rules.crossesSlash === true ? textMatcher : pathMatcher);
  return (text) => matchers.some((matches) => matches(text));
}
