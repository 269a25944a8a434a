import { type SetAtBoot, textAtBoot } from '../../assess/key-value.ts';
import { baseName } from '../../core/paths.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';

/** A copy that somebody left beside its original, and that the loader reads because it still ends in .conf. */
const COPY = /[._~-](old|orig|bak|backup|save|copy|rpmsave|rpmorig|dpkg-old|dpkg-dist)(?=[._-]|\d*\.conf$)/i;

/** Whether the name of the file says that it is a copy of another one. */
export function isCopy(file: string): boolean {
  return COPY.test(baseName(file));
}

/** What is left of a name without endings, dates and words for copies: of a copy and its original the same. */
function stem(file: string): string {
  const name = baseName(file).replace(/(?:\.conf)+$/, '');
  const original = `${name}.conf`.replace(COPY, '').replace(/(?:\.conf)+$/, '');
  return original.replace(/[._-]\d{4,}$/, '').replace(/(?:\.conf)+$/, '');
}

/** Each file whose name says that it is a copy, with the one that it was copied from. */
export function copiesAmong(
  files: readonly string[],
): readonly (readonly [copy: string, original: string])[] {
  const copies = files.filter(isCopy);
  if (copies.length === 0) return [];
  const originals = new Map(files.filter((file) => !isCopy(file)).map((file) => [stem(file), file]));
  return copies.flatMap((copy) => {
    const original = originals.get(stem(copy));
    return original === undefined ? [] : [[copy, original] as const];
  });
}

/** Lines that the loader reads and the winner beats with another value. */
export function readLosers(sysctl: SysctlKey, boot: SetAtBoot): SetAtBoot['shadowed'] {
  return boot.shadowed.filter(
    ({ reason, value: setting }) =>
      (reason === 'later-file' || reason === 'later-line') && !sameSetting(sysctl, setting, textAtBoot(boot)),
  );
}

/**
 * A line that the winner beats and that the live value agrees with, or whose backup copy the winner is. A line that
 * names the key beside a pattern for many is an exception that somebody meant, wherever it stands.
 */
export function beatenLine(sysctl: SysctlKey, live: string, boot: SetAtBoot): FileLine | null {
  const read = readLosers(sysctl, boot);
  const agreeing = read.findLast((line) => sameSetting(sysctl, line.value, live));
  const original = isCopy(boot.from.file) ? read.at(-1) : undefined;
  return agreeing ?? original ?? null;
}
