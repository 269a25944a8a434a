import { didYouMean, inputError, nearest, type UserError } from '../core/errors.ts';
import { fieldError, parseYaml, type YamlDocument } from '../core/yaml-document.ts';
import { CATALOGUE, catalogueEntry } from '../sysctl/catalogue.ts';
import { parseKey, type SysctlKey } from '../sysctl/key.ts';
import { specialKey } from '../sysctl/special-keys.ts';
import { readKernelCondition, readMemoryCondition, repeats } from './condition.ts';
import {
  type Entry,
  PROFILE_FIELDS,
  PROFILE_SCHEMA_VERSION,
  ProfileDocument,
  RELATIONS,
} from './document.ts';
import type { Condition, Place, Profile, Setting } from './profile.ts';
import { readUnchecked, readValue, writtenText } from './value.ts';

type Path = readonly (string | number)[];

/** `trusted`: root wrote the file, and nobody else can. Only such a file may vouch for keys that we do not know. */
export type ReadOptions = { readonly trusted: boolean };

/**
 * Reads one profile; its parents are merged by resolveProfile().
 * @param file its name, for messages and origins
 * @throws UserError, one sentence with file:line:column, for everything that is wrong with it on every host alike
 */
export function parseProfile(text: string, file: string, options: ReadOptions): Profile {
  const document = parseYaml(text, file);
  checkKind(document);
  const parsed = ProfileDocument.safeParse(document.content);
  if (!parsed.success) throw fieldError(parsed.error, document, PROFILE_FIELDS);
  const { name, summary } = parsed.data;
  const settings = Object.entries(parsed.data.settings ?? {});
  const protections = Object.entries(parsed.data.protect ?? {});
  checkDuplicates(document, 'settings', settings);
  checkDuplicates(document, 'protect', protections);
  return {
    name,
    summary,
    file,
    extends: (parsed.data.extends ?? []).map((parent, index) => ({
      name: parent,
      at: columnOf(document, ['extends', index]),
    })),
    settings: settings.flatMap(([key, written]) => readSettings({ document, name, options }, key, written)),
    protections: protections.map(([written, because]) => ({
      key: catalogueKey(document, ['protect', written], written),
      because,
      by: name,
      at: placeOf(document, ['protect', written]),
    })),
  };
}

function checkKind(document: YamlDocument): void {
  const { content, file } = document;
  if (content === null) throw inputError('malformed-document', { file }, 'it is empty');
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw inputError('wrong-kind', document.at([]), 'not a profile: it holds no fields');
  }
  const kind = 'kind' in content ? content.kind : undefined;
  if (kind !== 'profile') {
    const what = typeof kind === 'string' ? `a document of kind '${kind.slice(0, 40)}'` : "it has no 'kind'";
    throw inputError('wrong-kind', document.at(['kind']), `not a profile: ${what}`, 'write kind: profile');
  }
  const version = 'schemaVersion' in content ? content.schemaVersion : undefined;
  if (typeof version !== 'number' || version <= PROFILE_SCHEMA_VERSION) return;
  const message = `its schema version ${version} is later than ${PROFILE_SCHEMA_VERSION}, the last that this version reads`;
  throw inputError('later-schema', document.at(['schemaVersion']), message);
}

function malformed(document: YamlDocument, path: Path, message: string, hint?: string): UserError {
  return inputError('malformed-document', document.at(path), message, hint);
}

function placeOf(document: YamlDocument, path: Path): Place {
  const { line = 1 } = document.atName(path);
  return { file: document.file, line };
}

function columnOf(document: YamlDocument, path: Path): Place & { readonly column: number } {
  const { line = 1, column = 1 } = document.at(path);
  return { file: document.file, line, column };
}

/** `net/core/somaxconn` and `net.core.somaxconn` are one key. */
function checkDuplicates(
  document: YamlDocument,
  field: string,
  entries: readonly (readonly [string, unknown])[],
): void {
  const seen = new Set<SysctlKey>();
  for (const [written] of entries) {
    const parsed = parseKey(written);
    if (!parsed.ok) continue;
    if (seen.has(parsed.key)) {
      const at = document.atName([field, written]);
      throw inputError('malformed-document', at, `the key ${parsed.key} stands here twice`);
    }
    seen.add(parsed.key);
  }
}

function sysctlKey(document: YamlDocument, path: Path, written: string): SysctlKey {
  const parsed = parseKey(written);
  if (parsed.ok) return parsed.key;
  throw inputError('malformed-document', document.atName(path), `'${written}' is no key: ${parsed.why}`);
}

const KEYS: readonly SysctlKey[] = CATALOGUE.map(({ key }) => key);

function unknownKey(document: YamlDocument, path: Path, key: SysctlKey, otherwise: string): UserError {
  const hint = didYouMean(nearest(key, KEYS)) ?? otherwise;
  return inputError('malformed-document', document.atName(path), `unknown sysctl key '${key}'`, hint);
}

function catalogueKey(document: YamlDocument, path: Path, written: string): SysctlKey {
  const key = sysctlKey(document, path, written);
  if (catalogueEntry(key) !== undefined) return key;
  throw unknownKey(
    document,
    path,
    key,
    'only keys of the catalogue are ever written, so it needs no protection',
  );
}

type Context = { readonly document: YamlDocument; readonly name: string; readonly options: ReadOptions };

function readSettings(
  context: Context,
  written: string,
  entries: Entry | readonly Entry[],
): readonly Setting[] {
  const { document } = context;
  const path = ['settings', written];
  const key = sysctlKey(document, path, written);
  if (!isList(entries)) return [readSetting(context, key, path, entries)];
  const settings = entries.map((entry, index) => readSetting(context, key, [...path, index], entry));
  for (const [index, setting] of settings.entries()) {
    if (settings.slice(0, index).some((earlier) => repeats(earlier, setting))) {
      throw malformed(document, [...path, index], `${key} has another setting with the same conditions`);
    }
  }
  return settings;
}

function isList(entries: Entry | readonly Entry[]): entries is readonly Entry[] {
  return Array.isArray(entries);
}

function readSetting(
  { document, name, options }: Context,
  key: SysctlKey,
  path: Path,
  entry: Entry,
): Setting {
  const relation = relationOf(document, path, entry);
  const written = entry[relation] ?? '';
  const known = catalogueEntry(key);
  if (known === undefined) checkVouched(document, path, key, entry, options);
  const read = known === undefined ? readUnchecked(written) : readValue(known, relation, written);
  if (!read.ok) {
    const member = read.member === undefined ? [] : [read.member];
    throw malformed(document, [...path, relation, ...member], read.why, read.hint);
  }
  return {
    key,
    relation,
    value: read.value,
    written: writtenText(written),
    because: onOneLine(entry.because),
    source: onOneLine(entry.source),
    when: readConditions(document, path, entry),
    unchecked: known === undefined,
    profile: name,
    at: placeOf(document, [...path, relation]),
  };
}

function onOneLine(text: string): string {
  return text.trim().replace(/\s+/gu, ' ');
}

function relationOf(document: YamlDocument, path: Path, entry: Entry): Setting['relation'] {
  const [relation, another] = RELATIONS.filter((each) => entry[each] !== undefined);
  if (relation === undefined) throw malformed(document, path, 'expected at-least, at-most or exactly');
  if (another === undefined) return relation;
  const at = document.atName([...path, another]);
  throw inputError('malformed-document', at, `${relation} and ${another} exclude each other`);
}

function checkVouched(
  document: YamlDocument,
  path: Path,
  key: SysctlKey,
  { unchecked }: Entry,
  { trusted }: ReadOptions,
): void {
  const special = specialKey(key);
  if (special !== null && special.kind !== 'one-way') {
    const at = document.atName(path);
    throw inputError('malformed-document', at, `${key} is never written: ${special.why}`);
  }
  if (unchecked !== true) {
    throw unknownKey(document, path, key, 'with `unchecked: true` a profile of root sets it nevertheless');
  }
  if (trusted) return;
  const at = document.atName([...path, 'unchecked']);
  const hint = 'it must belong to root, and neither it nor a directory above it be writable by others';
  throw inputError('malformed-document', at, `nobody vouches for ${key}: the file is not root's alone`, hint);
}

function readConditions(document: YamlDocument, path: Path, { when = {} }: Entry): readonly Condition[] {
  const kernel = when.kernel === undefined ? null : readKernelCondition(when.kernel);
  const memory = when.memory === undefined ? null : readMemoryCondition(when.memory);
  if (kernel?.ok === false) throw malformed(document, [...path, 'when', 'kernel'], kernel.why);
  if (memory?.ok === false) throw malformed(document, [...path, 'when', 'memory'], memory.why);
  return [...(kernel?.conditions ?? []), ...(memory?.conditions ?? [])];
}
