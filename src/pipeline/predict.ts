import type { LiveStep, Plan } from '../plan/plan.ts';
import type { Namespace } from '../snapshot/namespace.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { SysctlFile } from '../snapshot/sysctl-file.ts';

function afterWrites(namespace: Namespace, steps: readonly LiveStep[]): Namespace {
  const written = steps
    .filter(({ target }) => target.netns === namespace.id)
    .map(({ target, to }) => [target.key, { ok: true as const, value: to }] as const);
  return { ...namespace, sysctls: { ...namespace.sysctls, ...Object.fromEntries(written) } };
}

/**
 * The facts as the plan would leave them: values written, the drop-in replaced, the listeners not restarted. What
 * a write changes besides its own key is not foreseen.
 */
export function snapshotAfter(snapshot: Snapshot, { steps }: Plan): Snapshot {
  const live = steps.filter((step) => step.kind === 'live');
  const files = steps.filter((step) => step.kind === 'file');
  const changed = new Set(files.map(({ target }) => target.path));
  const written = files.flatMap(({ target: { path }, to }): readonly SysctlFile[] =>
    to === null
      ? []
      : [
          {
            path,
            kind: 'file',
            mode: to.mode,
            ...(to.text === undefined ? {} : { text: to.text }),
            ...(to.base64 === undefined ? {} : { base64: to.base64 }),
          },
        ],
  );
  return {
    ...snapshot,
    namespaces: snapshot.namespaces.map((namespace) => afterWrites(namespace, live)),
    ...(snapshot.sysctlFiles === undefined
      ? {}
      : { sysctlFiles: [...snapshot.sysctlFiles.filter(({ path }) => !changed.has(path)), ...written] }),
  };
}
