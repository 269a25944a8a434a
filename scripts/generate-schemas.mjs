import { mkdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

// Node 20 cannot import TypeScript, so the description is bundled in memory first.
const { outputFiles } = await build({
  entryPoints: ['scripts/schemas.ts'],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { renderSchemas } = await import(`data:text/javascript;base64,${code}`);

mkdirSync('schemas', { recursive: true });
for (const [file, content] of renderSchemas()) writeFileSync(`schemas/${file}`, content);
