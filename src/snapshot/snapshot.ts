import * as z from 'zod';
import { Host, Loader } from './host.ts';
import { Namespace } from './namespace.ts';
import { ModuleLoad, OtherWriter } from './other-writer.ts';
import { Service } from './service.ts';
import { GlobMatches, SysctlFile } from './sysctl-file.ts';

/** Something that collecting could not see, in words for a person. */
export const Unseen = z.object({ what: z.string(), why: z.string() });
export type Unseen = z.infer<typeof Unseen>;

export const SNAPSHOT_SCHEMA_VERSION = 0;

/**
 * The facts about a host: the only source of them for every later stage, JSON-safe, unknown fields ignored.
 * A field left out was not collected.
 */
export const Snapshot = z.object({
  kind: z.literal('snapshot'),
  schemaVersion: z.literal(SNAPSHOT_SCHEMA_VERSION),
  takenAt: z.string(),
  host: Host,
  namespaces: z.array(Namespace).min(1),
  sysctlFiles: z.exactOptional(z.array(SysctlFile)),
  globs: z.exactOptional(GlobMatches),
  loader: z.exactOptional(Loader),
  services: z.exactOptional(z.array(Service)),
  otherWriters: z.exactOptional(z.array(OtherWriter)),
  /** Whether ufw is installed and its unit enabled; left out where it has no configuration on the host. */
  ufwStarts: z.exactOptional(z.boolean()),
  /** Of the sysctl(8) that ufw or a script runs over whole files; left out where nobody does, and where it is not known. */
  procpsVersion: z.exactOptional(z.string()),
  modulesLoad: z.exactOptional(z.array(ModuleLoad)),
  /** Of the modules that keys hang on, those that are loaded now. */
  loadedModules: z.exactOptional(z.array(z.string())),
  unseen: z.exactOptional(z.array(Unseen)),
});
export type Snapshot = z.infer<typeof Snapshot>;
