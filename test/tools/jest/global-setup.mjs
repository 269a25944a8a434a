import { execFileSync } from 'node:child_process';
import { fingerprint } from './machine-guard.mjs';

/** Tests that start bin/ must meet today's sources, so the bundle is built once before any of them. */
export default function setUp() {
  if (!process.execArgv.includes('--experimental-vm-modules')) {
    throw new Error('jest needs --experimental-vm-modules for our ESM packages: use `npm test`.');
  }
  globalThis.machineBefore = fingerprint();
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
