import { catalogueEntry } from '../sysctl/catalogue.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { isWritableIn } from '../sysctl/validate.ts';
import { type Asked, type Decision, type DecisionContext, skip } from './decision.ts';

/** Why a key without a kernel module is not there. */
export function missingKeyText(key: SysctlKey, entry: CatalogueEntry | undefined): string {
  const from = entry?.introduced === undefined ? '' : `; it came with Linux ${entry.introduced}`;
  const gone = entry?.removed === undefined ? '' : `; Linux ${entry.removed} removed it`;
  return `${key} does not exist on this kernel${from}${gone}`;
}

function missingText({ key }: Asked, entry: CatalogueEntry | undefined): string {
  return entry?.module === undefined
    ? missingKeyText(key, entry)
    : `${key} is there only once the kernel module ${entry.module} is loaded: modprobe ${entry.module}, and plan again`;
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
  const readOnly = entry === undefined ? null : readOnlyText(entry, context);
  if (readOnly !== null) return skip(asked, context, 'read-only-here', readOnly);
  const isMissing =
    (entry !== undefined && context.traits.has(entry) === 'no') ||
    (context.live && !live.ok && live.why === 'absent');
  return isMissing ? skip(asked, context, 'unsupported', missingText(asked, entry)) : null;
}

/** null where the key can be written in this network namespace, if it exists. */
function readOnlyText(entry: CatalogueEntry, { namespace, traits }: DecisionContext): string | null {
  const { key } = entry;
  const scopes = traits.current(entry.scope);
  if (isWritableIn(entry, scopes, false) !== 'yes') return `${key} can only be read`;
  const isChild = namespace.environment === 'container' || namespace.isHostWide(key);
  return isChild && isWritableIn(entry, scopes, true) !== 'yes'
    ? `${key} belongs to the whole host and cannot be set in this network namespace: set it on the host`
    : null;
}
