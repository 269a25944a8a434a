import { catalogueEntry } from '../sysctl/catalogue.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { type Asked, type Decision, type DecisionContext, skip } from './decision.ts';

function missingText({ key }: Asked, entry: CatalogueEntry | undefined): string {
  const from = entry?.introduced === undefined ? '' : `; it came with Linux ${entry.introduced}`;
  const gone = entry?.removed === undefined ? '' : `; Linux ${entry.removed} removed it`;
  return `${key} does not exist on this kernel${from}${gone}`;
}

/** Why this host does not take the key, whatever its value; null where it does. */
export function notTaken(asked: Asked, context: DecisionContext): Decision | null {
  const { key, requirements } = asked;
  const protection = context.protections.find((each) => each.key === key);
  if (protection !== undefined) {
    const message = `${key} is protected by profile ${protection.by}: ${protection.because}`;
    return skip(asked, context, 'protected', message);
  }
  const entry = catalogueEntry(key);
  if (entry === undefined && !requirements.every(({ unchecked }) => unchecked)) {
    const message = `${key} is not in the catalogue, so nobody can say whether a value is safe`;
    return skip(asked, context, 'not-in-catalogue', message);
  }
  const live = context.namespace.live(key);
  if (
    (entry !== undefined && context.traits.has(entry) === 'no') ||
    (context.live && !live.ok && live.why === 'absent')
  ) {
    return entry !== undefined && isHostWide(entry, context)
      ? skip(asked, context, 'read-only-here', hostWideText(key))
      : skip(asked, context, 'unsupported', missingText(asked, entry));
  }
  return entry !== undefined && isHostWide(entry, context)
    ? skip(asked, context, 'read-only-here', hostWideText(key))
    : null;
}

/** A child network namespace shows such a key not at all, or read-only. */
function isHostWide({ key, scope }: CatalogueEntry, { namespace, traits }: DecisionContext): boolean {
  if (namespace.isHostWide(key)) return true;
  return (
    namespace.environment === 'container' &&
    traits.current(scope).every((each) => each !== 'network-namespace')
  );
}

function hostWideText(key: SysctlKey): string {
  return `${key} belongs to the whole host and cannot be set in this network namespace: set it on the host`;
}
