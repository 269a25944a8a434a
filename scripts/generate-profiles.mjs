import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Node 20 cannot import TypeScript, so what reads the profiles is bundled in memory first.
const { outputFiles } = await build({
  entryPoints: ['scripts/profiles.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // yaml is CommonJS, and its require() needs a place to look from.
  banner: {
    js: `import { createRequire } from 'node:module'; const require = createRequire('${pathToFileURL('package.json')}');`,
  },
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { renderShippedProfiles } = await import(`data:text/javascript;base64,${code}`);

writeFileSync('src/profile/shipped.generated.ts', renderShippedProfiles());
