import * as z from 'zod';
import { factOf } from './fact.ts';

/**
 * `release` is `uname -r`. `version` is the upstream version where it can be known (Debian's `6.1.0-40-amd64` is
 * 6.1.153, says `uname -v`); unknown leaves the range that the release allows.
 */
export const Kernel = z.object({
  release: z.string(),
  version: z.exactOptional(factOf(z.string())),
  build: z.exactOptional(factOf(z.string())),
});
export type Kernel = z.infer<typeof Kernel>;

export const Environment = z.enum(['host', 'container']);
export type Environment = z.infer<typeof Environment>;

export const Host = z.object({
  kernel: Kernel,
  memoryBytes: z.exactOptional(factOf(z.number().nonnegative())),
  pageBytes: z.exactOptional(factOf(z.number().positive())),
  /** Of the kernel's clock (CONFIG_HZ), in which it keeps some times. */
  ticksPerSecond: z.exactOptional(factOf(z.int().positive())),
  cpus: z.exactOptional(factOf(z.int().positive())),
  environment: z.exactOptional(Environment),
  operatingSystem: z.exactOptional(
    factOf(z.object({ id: z.string(), versionId: z.string(), name: z.string() })),
  ),
});
export type Host = z.infer<typeof Host>;

export const LoaderKind = z.enum(['systemd', 'procps', 'busybox', 'openrc', 'openrc-busybox', 'none']);
export type LoaderKind = z.infer<typeof LoaderKind>;

/** What applies the sysctl files at boot. */
export const Loader = z.object({
  kind: factOf(LoaderKind),
  version: z.exactOptional(factOf(z.string())),
  /**
   * What masks systemd-sysctl.service, which then does not run; below /run, until the next boot. udev runs the same
   * program for interfaces all the same.
   */
  maskedBy: z.exactOptional(z.string()),
});
export type Loader = z.infer<typeof Loader>;
