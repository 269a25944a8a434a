import { readFileSync, renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const fresh = `dist.${process.pid}`;
const old = `dist.old.${process.pid}`;

try {
  await build({
    entryPoints: { main: 'src/main.ts' },
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    define: { BACKLOGCTL_VERSION: JSON.stringify(version) },
    // CommonJS packages inside an ESM bundle still call require().
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  replace();
} finally {
  for (const directory of [fresh, old]) rmSync(directory, { recursive: true, force: true });
}

/** Two renames, so that whoever starts the program during a build meets the old bundle or the new one. */
function replace() {
  try {
    renameSync('dist', old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(fresh, 'dist');
}
