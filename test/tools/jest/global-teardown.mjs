import { changedSince, fingerprint } from './machine-guard.mjs';

/** The tests work in namespaces, virtual machines and directories of their own. */
export default function tearDown() {
  const changed = changedSince(globalThis.machineBefore, fingerprint());
  if (changed.length > 0)
    throw new Error(`the tests changed this machine: ${changed.slice(0, 20).join(', ')}`);
}
