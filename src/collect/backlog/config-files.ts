import { type Fact, known, type Unknown, unknown } from '../../core/fact.ts';
import type { HostReader } from '../../core/ports.ts';
import { expandGlob, hasWildcard } from './glob.ts';

/** How much of other programs' configuration one run reads at most. */
export type ConfigBounds = {
  readonly files: number;
  readonly bytesPerFile: number;
  readonly bytes: number;
  readonly directories: number;
};

const CONFIG_BOUNDS: ConfigBounds = {
  files: 5000,
  bytesPerFile: 1024 * 1024,
  bytes: 16 * 1024 * 1024,
  directories: 2000,
};

const TOO_MUCH: Unknown = unknown('not-collected', 'the configuration is larger than what is read of it');

/** Configuration files, each read once in a run and all of them together bounded. */
export type ConfigFiles = {
  text(path: string): Fact<string>;
  list(path: string): Fact<readonly string[]>;
  /** The paths that a pattern of glob(7) stands for, in byte order; a path without wildcard is its own answer. */
  expand(pattern: string): Fact<readonly string[]>;
};

function remembered<T>(read: (path: string) => T): (path: string) => T {
  const answers = new Map<string, T>();
  return (path) => {
    const before = answers.get(path);
    if (before !== undefined) return before;
    const answer = read(path);
    answers.set(path, answer);
    return answer;
  };
}

export function configFiles(reader: HostReader, bounds: ConfigBounds = CONFIG_BOUNDS): ConfigFiles {
  let files = bounds.files;
  let bytes = bounds.bytes;
  let directories = bounds.directories;
  const text = remembered((path): Fact<string> => {
    if (files === 0 || bytes <= 0) return TOO_MUCH;
    files -= 1;
    const content = reader.readText(path, Math.min(bounds.bytesPerFile, bytes));
    if (content.ok) bytes -= content.value.length;
    return content;
  });
  const list = remembered((path): Fact<readonly string[]> => {
    if (directories === 0) return TOO_MUCH;
    directories -= 1;
    return reader.list(path);
  });
  const expand = (pattern: string): Fact<readonly string[]> =>
    hasWildcard(pattern) ? expandGlob(list, pattern, bounds.files) : known([pattern]);
  return { text, list, expand };
}
