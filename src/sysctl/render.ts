import { escapeControls } from '../core/text.ts';
import { parseKey, type SysctlKey } from './key.ts';

export type DropInSetting = {
  readonly key: SysctlKey;
  readonly value: string;
  /** Sentences for the person who reads the file: why, by which rule or profile, for which kernel and memory. */
  readonly why: readonly string[];
};

/** No line break of a reason may start a setting, and no `\` at its end may swallow the one below (busybox). */
function comment(sentence: string): string {
  const line = escapeControls(`# ${sentence.trim().replace(/\s+/gu, ' ')}`);
  return line.endsWith('\\') ? `${line}.` : line;
}

/**
 * A setting for a sysctl file: comment lines above it, never behind the value, where the loaders would take them for
 * a part of it. Every loader reads the line back as the same key and value.
 * @throws TypeError for a key or value that no line can hold; neither comes out of a plan
 */
export function renderSetting({ key, value, why }: DropInSetting): string {
  const parsed = parseKey(key);
  if (!parsed.ok || parsed.key !== key) throw new TypeError(`cannot stand in a sysctl file: key ${key}`);
  // The kernel takes any blank between members, and a line break would end the line.
  const written = value.trim().replace(/\s+/gu, ' ');
  if (written === '' || escapeControls(written) !== written || written.endsWith('\\')) {
    throw new TypeError(`cannot stand in a sysctl file: value of ${key}`);
  }
  return [...why.map(comment), `${key} = ${written}`, ''].join('\n');
}
