import type { SysctlFile } from '../snapshot/sysctl-file.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { decodeSysctlFile, readLines, type SysctlLine } from '../sysctl/lines.ts';
import { isGlob } from './glob.ts';
import type { LoaderTraits } from './loader-traits.ts';
import type { LoaderMessage, Origin } from './resolution.ts';

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

/** Whichever of `.` and `/` comes first separates. */
function toPath(key: string): string {
  return /[./]/.exec(key)?.[0] === '.' ? swapSeparators(key) : key;
}

function pathOf(key: string, traits: LoaderTraits): string {
  // procps takes a second dash away when it makes a path of the key.
  if (!traits.cleansKeys)
    return toPath(traits.exclusion !== null && key.startsWith('-') ? key.slice(1) : key);
  return toPath(key)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Where a write to the path ends up, null where it fails: outside /proc/sys, or a directory. */
function reached(path: string, traits: LoaderTraits): string | null {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && (traits.cleansKeys || parts.pop() === undefined)) return null;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return parts.length === 0 || path.endsWith('/') ? null : parts.join('/');
}

function settingOf(
  line: Extract<SysctlLine, { readonly kind: 'assignment' | 'exclusion' }>,
  file: string,
  order: number,
  traits: LoaderTraits,
): Setting {
  const path = pathOf(line.key, traits);
  const isPattern = traits.globs !== null && isGlob(path);
  const target = isPattern ? null : reached(path, traits);
  return {
    file,
    line: line.line,
    kind: line.kind,
    path,
    isPattern,
    key: target === null ? null : swapSeparators(target),
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
  line: Extract<SysctlLine, { readonly kind: 'bad' | 'too-long' }>,
  file: string,
  traits: LoaderTraits,
): LoaderMessage {
  return line.kind === 'bad'
    ? { file, line: line.line, severity: traits.badLine, message: 'is no assignment and is passed over' }
    : { file, line: line.line, severity: 'error', message: 'is too long: the rest of the file is not read' };
}

function unreachable(setting: Setting): LoaderMessage | null {
  if (setting.kind === 'exclusion' || setting.isPattern || setting.key !== null) return null;
  const { file, line } = setting;
  return {
    file,
    line,
    severity: 'error',
    message: 'names no variable below /proc/sys, so nothing is written',
  };
}

/** The lines of one file. @param order of the first of them */
export function readSettings(
  content: string,
  file: string,
  order: number,
  traits: LoaderTraits,
): FileReading {
  const settings: Setting[] = [];
  const messages: LoaderMessage[] = [];
  for (const line of readLines(content, traits.reading)) {
    if (line.kind === 'bad' || line.kind === 'too-long') {
      messages.push(lineMessage(line, file, traits));
      continue;
    }
    const setting = settingOf(line, file, order + settings.length, traits);
    // Without exclusions `-key` is a line without an assignment.
    if (setting.kind === 'exclusion' && traits.exclusion === null) {
      messages.push(lineMessage({ kind: 'bad', line: line.line, text: line.key }, file, traits));
      continue;
    }
    settings.push(setting);
    const message = unreachable(setting);
    if (message !== null) messages.push(message);
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

function storedContent(file: SysctlFile): string | null {
  if (file.text !== undefined) return file.text;
  if (file.base64 !== undefined) return decodeSysctlFile(Buffer.from(file.base64, 'base64'));
  return file.kind === 'link' && file.target === '/dev/null' ? '' : null;
}

function nothingToRead(file: string, reaction: 'silent' | 'error', what: string): Opened {
  const severity = reaction === 'error' ? 'error' : 'info';
  return opened('', {
    file,
    severity,
    message: `${what}: nothing is read from it, and it masks files of its name`,
  });
}

export function openFile(file: SysctlFile, traits: LoaderTraits): Opened {
  switch (file.kind) {
    case 'dangling':
      return nothingToRead(file.path, traits.danglingLink, 'is a link that leads nowhere');
    case 'loop':
      return nothingToRead(file.path, 'error', 'is a link that leads to itself');
    case 'directory':
      return nothingToRead(file.path, traits.directoryAsFile, 'is a directory');
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
      const message = 'could not be read by us; the loader, which is root, does read it';
      return { content: '', state: 'unseen', message: { file: file.path, severity: 'warning', message } };
    }
  }
}
