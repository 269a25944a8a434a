import { readFileSync, renameSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const fresh = `dist.${process.pid}`;
const old = `dist.old.${process.pid}`;

/** `src/report/text/audit-text.ts` becomes `report-text-audit-text.js`. */
function bundleName(file) {
  return relative('src', file).replace(/\.ts$/, '').replaceAll('/', '-');
}

/**
 * Every module that is imported dynamically becomes a bundle of its own, with a copy of what it shares with others:
 * Node takes longer to find and link ten small files than to compile one large one (ADR 0003).
 */
function separateBundles(found) {
  return {
    name: 'separate-bundles',
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const file = resolve(resolveDir, path);
        found.add(file);
        return { path: `./${bundleName(file)}.js`, external: true };
      });
    },
  };
}

function bundle(file, found) {
  return build({
    entryPoints: { [bundleName(file)]: file },
    outdir: fresh,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    plugins: [separateBundles(found)],
    define: { BACKLOGCTL_VERSION: JSON.stringify(version) },
    // CommonJS packages inside an ESM bundle still call require().
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}

/** Two renames, so that whoever starts the program during a build meets the old bundles or the new ones. */
function replace() {
  try {
    renameSync('dist', old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(fresh, 'dist');
}

try {
  // A thread starts from a file of its own.
  const found = new Set([resolve('src/main.ts'), resolve('src/host/listening-thread.ts')]);
  // A set hands out what is added to it while it is walked.
  for (const file of found) await bundle(file, found);
  replace();
} finally {
  for (const directory of [fresh, old]) rmSync(directory, { recursive: true, force: true });
}
