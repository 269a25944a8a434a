import type { KeyValue } from '../assess/key-value.ts';

/** The exclusion that keeps the key from being set; null where there is none. */
export function exclusionOf(resolved: KeyValue): { readonly file: string; readonly line: number } | null {
  if (resolved.kind === 'unknown') return null;
  const by = (resolved.kind === 'unset' ? resolved.excludedBy : undefined) ?? resolved.keptOffBy;
  return by === undefined ? null : { file: by.file, line: by.line };
}
