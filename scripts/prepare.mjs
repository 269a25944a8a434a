// `npm ci --omit=dev` runs prepare without esbuild: the packed dist/ is used then.
try {
  await import('esbuild');
} catch {
  process.exit(0);
}
await import('./build.mjs');
