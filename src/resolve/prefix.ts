import { type Expansion, matchOf } from './expand.ts';
import { globMatcher, isGlob } from './glob.ts';

/** Whether a path is the prefix or lies below it. */
export function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** The pattern with its first parts replaced by those of the prefix, where they match them; null where they do not. */
function below(pattern: string, prefix: string): string | null {
  const [parts, given] = [pattern.split('/'), prefix.split('/')];
  const begins = given.every((part, index) => globMatcher(parts[index] ?? '')(part));
  return begins ? [...given, ...parts.slice(given.length)].join('/') : null;
}

/**
 * Expands a pattern to what it stands for below a prefix only: the key is made of the prefix, whether or not the kernel
 * has it (`systemd-sysctl --prefix`, as udev runs it for a new network interface).
 */
export function expansionBelow(prefix: string, expand: Expansion): Expansion {
  return (pattern) => {
    const path = below(pattern, prefix);
    if (path === null) return [];
    return isGlob(path) ? expand(path) : [matchOf(path)];
  };
}
