import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type * as z from 'zod';
import { looksBinary } from './binary.ts';
import { didYouMean, inputError, messageOf, nearest, type Position, type UserError } from './errors.ts';

type Path = readonly (string | number)[];

/** A YAML text as data that remembers where each part of it stands. */
export type YamlDocument = {
  readonly file: string;
  /** null for a text without a document. */
  readonly content: unknown;
  /** Where a value begins; of one that is missing, what should hold it. */
  at(path: Path): Position;
  /** Where the name of a field stands; else as `at`. */
  atName(path: Path): Position;
};

/** Where the parser speaks to whoever calls it, or of maps. */
const OUR_WORDS: ReadonlyMap<string, string> = new Map([
  ['MULTIPLE_DOCS', 'it holds more than one document'],
  ['DUPLICATE_KEY', 'the field stands here a second time, and each must be unique'],
]);

/** Aliases make a short text mean a long one. */
const MOST_ALIASES = 20;

/**
 * @param file its name, for messages only
 * @throws UserError with file:line:column for what is no YAML, and for YAML that no document of ours needs: a field
 * that stands twice, unknown tags, names that are no words, aliases that multiply
 */
export function parseYaml(text: string, file: string): YamlDocument {
  if (looksBinary(text)) throw inputError('malformed-document', { file }, 'not YAML but binary data');
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const document = parsed(text, file, lines);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const message = OUR_WORDS.get(problem.code) ?? withoutPosition(problem.message);
    throw inputError('malformed-document', position(problem.pos[0]), message);
  }
  checkNames(document, position);
  return {
    file,
    content: contentOf(document, position),
    at: (path) => position(offsetOf(document, path)),
    atName: (path) => position(nameOffset(document, path) ?? offsetOf(document, path)),
  };
}

function parsed(text: string, file: string, lines: LineCounter): Document {
  const line = tooDeepLine(text);
  if (line !== null) throw inputError('malformed-document', { file, line }, 'it is nested too deeply');
  try {
    return parseDocument(text, {
      lineCounter: lines,
      schema: 'core',
      uniqueKeys: true,
      logLevel: 'error',
    });
  } catch (thrown) {
    throw unreadable({ file }, thrown);
  }
}

const DEEPEST = 100;
const WIDEST_INDENT = 200;

/**
 * The first line that is nested deeper than any document of ours, counted generously: brackets that are open, and on
 * one line dashes and blanks. The parser is recursive, and V8 may end the process when its stack runs out.
 */
function tooDeepLine(text: string): number | null {
  let open = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const indent = /^\s*/.exec(line)?.[0].length ?? 0;
    const dashes = line.match(/[-?:](?=\s|$)/g)?.length ?? 0;
    if (indent > WIDEST_INDENT || dashes > DEEPEST) return index + 1;
    for (const [bracket] of line.matchAll(/[[\]{}]/g)) {
      open = Math.max(0, open + ('[{'.includes(bracket) ? 1 : -1));
      if (open > DEEPEST) return index + 1;
    }
  }
  return null;
}

function unreadable(at: Position, thrown: unknown): UserError {
  return inputError('malformed-document', at, withoutPosition(messageOf(thrown)));
}

/** yaml says the place within the message as well; we say it in front. */
function withoutPosition(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}

/** `__proto__` as a name of data would be dropped without a word by whoever copies it. */
function checkNames(document: Document, position: (offset: number) => Position): void {
  visit(document, {
    Pair(_, { key }) {
      const at = position(offsetIn(key) ?? 0);
      if (!isScalar(key)) throw inputError('malformed-document', at, 'the name of a field must be a word');
      if (key.value === '__proto__') throw inputError('malformed-document', at, "unknown field '__proto__'");
    },
  });
}

function contentOf(document: Document, position: (offset: number) => Position): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (thrown) {
    throw unreadable(position(firstAlias(document)), thrown);
  }
}

function firstAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_, alias) {
      offset = offsetIn(alias) ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function offsetIn(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

/** An alias stands for the node that it names. */
function resolved(document: Document, node: unknown): Node | null {
  if (isAlias(node)) return node.resolve(document) ?? null;
  return isNode(node) ? node : null;
}

function nodeAt(document: Document, path: Path): Node | null {
  let node = resolved(document, document.contents);
  for (const step of path) {
    node = isCollection(node) ? resolved(document, node.get(step, true)) : null;
  }
  return node;
}

/** Where the node begins, or the nearest one around it: a missing field has no place of its own. */
function offsetOf(document: Document, path: Path): number {
  const offset = offsetIn(nodeAt(document, path));
  if (offset !== null || path.length === 0) return offset ?? 0;
  return offsetOf(document, path.slice(0, -1));
}

function nameOffset(document: Document, path: Path): number | null {
  const holder = nodeAt(document, path.slice(0, -1));
  if (!isMap(holder)) return null;
  const name = String(path.at(-1));
  const pair = holder.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name,
  );
  return offsetIn(pair?.key);
}

/**
 * What a schema has against a document, in one sentence with its place.
 * @param fields every field that there is, to say which one was meant
 */
export function fieldError(error: z.ZodError, document: YamlDocument, fields: readonly string[]): UserError {
  const first = foremost(error.issues);
  const issue = first === undefined ? null : innermost(first);
  const path = issue?.path.filter((part) => typeof part !== 'symbol') ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const [field = ''] = issue.keys;
    const hint = didYouMean(nearest(field, fields));
    const at = document.atName([...path, field]);
    return inputError('malformed-document', at, `unknown field '${field}'`, hint);
  }
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  const message = issue?.message ?? 'not what was expected';
  return inputError('malformed-document', document.at(path), `${where}${message}`);
}

type Issue = z.core.$ZodIssue;

/** A misspelt field is missing as well, and its own name says more. */
function foremost(issues: readonly Issue[]): Issue | undefined {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
}

/** Of a union, what the one alternative objects to that the value was meant to be. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const meant = issue.errors.find(([first]) => first !== undefined && !isOfAnotherType(first));
  const first = foremost(meant ?? []);
  return first === undefined ? issue : innermost({ ...first, path: [...issue.path, ...first.path] });
}

function isOfAnotherType({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_union');
}
