import { readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** What starts ourselves again: this Node and this script, links followed. */
export function ownProgram(): readonly [string, string] {
  return [realpathSync(process.execPath), realpathSync(process.argv[1] ?? '')];
}

/** Where a path leads to, links followed; itself where it leads nowhere. */
export function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** Every file of which root would run a part: Node, the script, and the bundle. */
export function ownCode(): readonly string[] {
  const bundle = realpathSync(import.meta.dirname);
  const parts = readdirSync(bundle).filter((name) => name.endsWith('.js'));
  return [...ownProgram(), ...parts.map((name) => path.join(bundle, name))];
}
