import { expect, test } from '@jest/globals';
import type { KernelState } from '../../src/resolve/kernel.ts';
import { loaderTraits } from '../../src/resolve/loader-traits.ts';
import { opener } from '../../src/resolve/open-variable.ts';
import { inventoryOf } from '../../src/sysctl/inventory.ts';
import { traitsAt } from '../tools/sysctl-sources.ts';

const KERNEL = traitsAt('6.18');
const STATE: KernelState = {
  inventory: inventoryOf([['net/core/somaxconn', { kind: 'file', mode: 0o644 }]]),
  initial: () => null,
  isPinned: () => false,
  rules: { rangesOf: (entry) => KERNEL.current(entry.range), ticksPerSecond: null },
};

const LONG = 's'.repeat(256);
const LONGEST = 's'.repeat(255);

// What the real loaders said to each, by their messages and exit status.
test.each([
  ['systemd', '247', '', 'directory'],
  ['systemd', '252', '', 'directory'],
  ['procps', '4.0.2', '/', 'outside-proc-sys'],
  ['procps', '4.0.2', '/.', 'outside-proc-sys'],
  ['procps', '4.0.7', '/', 'outside-proc-sys'],
  ['procps', '4.0.7', 'net/..', 'outside-proc-sys'],
  ['procps', '4.0.7', 'net', 'directory'],
  ['systemd', '247', 'net/..', 'directory'],
  ['systemd', '252', 'net/..', 'outside-proc-sys'],
  ['systemd', '247', `net/core/${LONG}`, 'unknown-key'],
  ['systemd', '252', `net/core/${LONG}`, 'outside-proc-sys'],
  ['systemd', '252', `${LONG}/core`, 'outside-proc-sys'],
  ['systemd', '252', `net/core/${LONGEST}`, 'unknown-key'],
  ['procps', '4.0.7', `net/core/${LONG}`, 'unknown-key'],
  ['systemd', '247', `net/core/somaxconn/${LONG}`, 'outside-proc-sys'],
] as const)('%s %s opens %p: %s', (kind, version, path, failure) => {
  const open = opener(loaderTraits(kind, version), STATE);
  expect(open(path)).toMatchObject({ failure });
});
