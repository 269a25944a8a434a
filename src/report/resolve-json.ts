import type { KeyValue } from '../assess/key-value.ts';
import type { Comparison, SysctlResolution } from '../pipeline/sysctl-resolve.ts';
import type { LoaderMessage } from '../resolve/resolution.ts';
import type { Unseen } from '../snapshot/snapshot.ts';
import { exclusionOf } from './exclusion.ts';
import type { ComparisonDocument, ResolutionDocument } from './resolve-document.ts';

type ValueJson = ResolutionDocument['values'][string];

function sideJson({
  value,
  kind,
  from,
  through,
}: KeyValue): ComparisonDocument['disagreements'][number]['boot'] {
  return { value, kind, from, through };
}

function valueJson(
  resolved: KeyValue,
  { live, others }: Pick<SysctlResolution, 'live' | 'others'>,
): ValueJson {
  const { shadowed, why } = resolved;
  const { writers, ending } = others(resolved);
  return {
    ...sideJson(resolved),
    whenAdded: resolved.kind !== 'unknown' && resolved.whenAdded === true,
    excludedBy: exclusionOf(resolved),
    shadowed: [...shadowed],
    why,
    live: live(resolved)?.value ?? null,
    writers: [...writers],
    ending,
  };
}

function messageJson({
  severity,
  file,
  line,
  message,
}: LoaderMessage): ResolutionDocument['messages'][number] {
  return { severity, file: file ?? null, line: line ?? null, message };
}

export function resolutionDocument(
  { loader, files, attempts, values, exitStatus, messages, live, others, blocking, keysOf }: SysctlResolution,
  unseen: readonly Unseen[],
): ResolutionDocument {
  return {
    kind: 'sysctl-resolution',
    schemaVersion: 0,
    loader,
    files: [...files],
    blocking,
    keysOf,
    attempts: attempts.map(({ key, value, file, line, ignoreFailure }) => ({
      key,
      value,
      file,
      line,
      ignoreFailure,
    })),
    values: Object.fromEntries(values.map((each) => [each.key, valueJson(each, { live, others })])),
    exitStatus,
    messages: messages.map(messageJson),
    unseen: unseen.map((each) => ({ ...each })),
  };
}

export function comparisonDocument({
  boot,
  byHand,
  disagreements,
  exitStatus,
}: Comparison): ComparisonDocument {
  return {
    kind: 'sysctl-comparison',
    schemaVersion: 0,
    boot: { loader: boot, exitStatus: exitStatus.boot },
    byHand: { loader: byHand, exitStatus: exitStatus.byHand },
    disagreements: disagreements.map((each) => ({
      key: each.key,
      boot: sideJson(each.boot),
      later: each.later?.value ?? null,
      byHand: sideJson(each.byHand),
    })),
  };
}
