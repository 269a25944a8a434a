import { type Files, withFile } from '../plan/files.ts';
import type { LiveStep, Plan } from '../plan/plan.ts';
import type { Namespace } from '../snapshot/namespace.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

function afterWrites(namespace: Namespace, steps: readonly LiveStep[]): Namespace {
  const written = steps
    .filter(({ target }) => target.netns === namespace.id)
    .map(({ target, to }) => [target.key, { ok: true as const, value: to }] as const);
  return { ...namespace, sysctls: { ...namespace.sysctls, ...Object.fromEntries(written) } };
}

function filesAfter(files: Files, steps: Plan['steps']): Files {
  return steps.reduce<Files>(
    (after, step) => (step.kind === 'file' ? withFile(after, step.target.path, step.to) : after),
    files,
  );
}

/**
 * The facts as the plan would leave them: values written, files replaced, the listeners not restarted. What
 * a write changes besides its own key is not foreseen.
 */
export function snapshotAfter(snapshot: Snapshot, { steps }: Plan): Snapshot {
  const live = steps.filter((step) => step.kind === 'live');
  const { sysctlFiles } = snapshot;
  return {
    ...snapshot,
    namespaces: snapshot.namespaces.map((namespace) => afterWrites(namespace, live)),
    ...(sysctlFiles === undefined ? {} : { sysctlFiles: filesAfter(sysctlFiles, steps) }),
  };
}
