import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** How a source file reaches another module: `type` imports are gone at run time, `dynamic` ones wait until called. */
type ImportKind = 'static' | 'type' | 'dynamic';

export type SourceImport = { readonly specifier: string; readonly kind: ImportKind };

export type SourceFile = {
  /** Relative to the package: `src/core/fact.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly SourceImport[];
};

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^'";]*?from\s*)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

export function importsOf(text: string): readonly SourceImport[] {
  const code = withoutComments(text);
  const named = [...code.matchAll(STATIC)].map(
    ([, type, specifier = '']): SourceImport => ({
      specifier,
      kind: type === undefined ? 'static' : 'type',
    }),
  );
  const dynamic = [...code.matchAll(DYNAMIC)].map(
    ([, specifier = '']): SourceImport => ({ specifier, kind: 'dynamic' }),
  );
  return [...named, ...dynamic];
}

/** Leaves strings alone as far as our own sources need it: a `//` inside quotes follows a colon. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

export function readSources(packageRoot: string): readonly SourceFile[] {
  return readdirSync(path.join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => {
      const text = readFileSync(path.join(packageRoot, 'src', name), 'utf8');
      return { path: path.posix.join('src', name), text, imports: importsOf(text) };
    });
}

/** `src/core/fact.ts` for `../core/fact.ts` in `src/host/x.ts`; null for a package. */
export function resolveImport(from: string, specifier: string): string | null {
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(from), specifier) : null;
}

/** `yaml` for `yaml/util`, `@scope/name` for `@scope/name/x`. */
export function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
