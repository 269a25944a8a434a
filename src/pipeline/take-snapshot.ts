import { collectSnapshot } from '../collect/collect.ts';
import type { Clock, Exec, HostReader, Identity } from '../core/ports.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlKey } from '../sysctl/key.ts';

export type HostPorts = {
  readonly reader: HostReader;
  /** Of the host that we run on; left out where `reader` shows it. */
  readonly running?: HostReader;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly identity: Identity;
};

export type SnapshotSource =
  /** This host, or with a reader of another root that tree. */
  | { readonly kind: 'host'; readonly live: boolean; readonly sampleSeconds: number | null }
  | { readonly kind: 'document'; readonly text: string; readonly file: string };

/**
 * @param alsoKeys whose live values are wanted besides those that every audit reads, where a host is looked at
 * @throws UserError for a document that is not a snapshot
 */
export async function takeSnapshot(
  source: SnapshotSource,
  ports: HostPorts,
  alsoKeys: readonly SysctlKey[] = [],
): Promise<Snapshot> {
  if (source.kind === 'document') {
    const { parseSnapshot } = await import('../snapshot/read.ts');
    return parseSnapshot(source.text, source.file);
  }
  return collectSnapshot(ports, { live: source.live, sampleSeconds: source.sampleSeconds, alsoKeys });
}
