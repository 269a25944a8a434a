import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import type { Inventory } from '../sysctl/inventory.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { decodeSysctlFile, readLines, type SysctlLine } from '../sysctl/lines.ts';
import { isGlob } from './glob.ts';
import type { LoaderTraits, Reaction } from './loader-traits.ts';
import type { LoaderMessage, Origin } from './resolution.ts';
import { pathOfKey } from './spelling.ts';

/** A line that assigns or excludes, as one loader understands it. */
export type Setting = Origin & {
  readonly kind: 'assignment' | 'exclusion';
  /** Below /proc/sys, as the loader keeps it: with it keys are compared. May be a pattern. */
  readonly path: string;
  /** The variable that a write would reach; null for a pattern, and where no write can come out of the line. */
  readonly key: SysctlKey | null;
  readonly isPattern: boolean;
  /** Empty for an exclusion. */
  readonly value: string;
  readonly ignoreFailure: boolean;
  /** Counts up over all lines in the order of reading. */
  readonly order: number;
};

/** Where a write to the path ends up as far as its own text tells, null where it fails. */
export function reachedPath(path: string, { keys }: LoaderTraits): string | null {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && (!keys.climbs || parts.pop() === undefined)) return null;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.length === 0 || path.endsWith('/') ? null : parts.join('/');
}

/** What one spelling of a key comes to. */
type Named = Pick<Setting, 'path' | 'key' | 'isPattern'>;

/** Who reads, and what stands below /proc/sys, as far as it is known. */
export type Reader = {
  readonly traits: LoaderTraits;
  readonly inventory: Inventory | null;
  /** Files repeat few keys many times. */
  nameOf(spelling: string): Named;
};

function named(spelling: string, traits: LoaderTraits, inventory: Inventory | null): Named {
  const path = pathOfKey(spelling, traits, inventory);
  const isPattern = traits.globs !== null && isGlob(path);
  const target = isPattern ? null : reachedPath(path, traits);
  return { path, isPattern, key: target === null ? null : swapSeparators(target) };
}

export function readerWith(traits: LoaderTraits, inventory: Inventory | null): Reader {
  const known = new Map<string, Named>();
  return {
    traits,
    inventory,
    nameOf(spelling) {
      const name = known.get(spelling) ?? named(spelling, traits, inventory);
      known.set(spelling, name);
      return name;
    },
  };
}

function settingOf(
  line: Extract<SysctlLine, { readonly kind: 'assignment' | 'exclusion' }>,
  file: string,
  order: number,
  reader: Reader,
): Setting {
  const { path, key, isPattern } = reader.nameOf(line.key);
  return {
    file,
    line: line.line,
    kind: line.kind,
    path,
    isPattern,
    key,
    value: line.kind === 'assignment' ? line.value : '',
    ignoreFailure: line.kind === 'assignment' && line.ignoreFailure,
    order,
  };
}

export type FileReading = {
  readonly settings: readonly Setting[];
  readonly messages: readonly LoaderMessage[];
};

function lineMessage(
  line: Extract<SysctlLine, { readonly kind: 'bad' | 'garbled' | 'too-long' }>,
  file: string,
  { name, reactions }: LoaderTraits,
): LoaderMessage {
  const at = { file, line: line.line };
  switch (line.kind) {
    case 'bad':
      return { ...at, severity: reactions['bad-line'], message: 'is no assignment and is passed over' };
    case 'garbled': {
      const message = `has no '=', and ${name} mishandles it: it writes '=' and what an earlier line left in its buffer to ${line.key}`;
      return { ...at, severity: 'warning', message };
    }
    case 'too-long':
      return { ...at, severity: 'error', message: 'is too long: the rest of the file is not read' };
  }
}

/** The lines of one file. @param order of the first of them */
export function readSettings(content: string, file: string, order: number, reader: Reader): FileReading {
  const { traits } = reader;
  const settings: Setting[] = [];
  const messages: LoaderMessage[] = [];
  for (const line of readLines(content, traits.reading)) {
    if (line.kind !== 'assignment' && line.kind !== 'exclusion') {
      messages.push(lineMessage(line, file, traits));
      continue;
    }
    const setting = settingOf(line, file, order + settings.length, reader);
    // Without exclusions `-key` is a line without an assignment.
    if (setting.kind === 'exclusion' && traits.exclusion === null) {
      messages.push(lineMessage({ kind: 'bad', line: line.line, text: line.key }, file, traits));
      continue;
    }
    settings.push(setting);
  }
  return { settings, messages };
}

/** What a loader gets when it opens a file. `unseen`: it gets something that we could not read. */
export type Opened = {
  readonly content: string;
  readonly state: 'read' | 'unseen' | 'blocks';
  readonly message: LoaderMessage | null;
};

function opened(content: string, message: LoaderMessage | null = null): Opened {
  return { content, state: 'read', message };
}

/** The bytes of a file as text; null where they were not read. */
export function storedContent(file: SysctlFile): string | null {
  if (file.text !== undefined) return file.text;
  if (file.base64 !== undefined) return decodeSysctlFile(Buffer.from(file.base64, 'base64'));
  return file.kind === 'link' && file.target === '/dev/null' ? '' : null;
}

function nothingToRead(file: string, severity: Reaction, what: string): Opened {
  return opened('', {
    file,
    severity,
    message: `${what}: nothing is read from it, and it masks files of its name`,
  });
}

export function openFile(file: SysctlFile, traits: LoaderTraits): Opened {
  switch (file.kind) {
    case 'dangling':
      return nothingToRead(file.path, traits.reactions['dangling-link'], 'is a link that leads nowhere');
    case 'loop':
      return nothingToRead(file.path, 'error', 'is a link that leads to itself');
    case 'directory':
      return nothingToRead(file.path, traits.reactions['directory-as-file'], 'is a directory');
    case 'fifo': {
      const message =
        'is a FIFO: the loader waits for somebody to write into it, and until then sets nothing at all';
      return { content: '', state: 'blocks', message: { file: file.path, severity: 'error', message } };
    }
    case 'file':
    case 'link':
    case 'unreadable': {
      const content = storedContent(file);
      if (content !== null) return opened(content);
      const message = 'was not read here, for it is too large or for root alone; the loader does read it';
      return { content: '', state: 'unseen', message: { file: file.path, severity: 'warning', message } };
    }
  }
}
