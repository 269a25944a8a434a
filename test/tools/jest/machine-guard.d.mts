/** What stands at each path, in words that differ where it differs. */
export type Fingerprint = ReadonlyMap<string, string>;
export type Watched = {
  /** Looked at by mode, owner, size and time. */
  readonly trees: readonly string[];
  /** Looked at by content. */
  readonly values: readonly string[];
  /** Looked at by their names alone, hidden ones left out. */
  readonly listed: readonly string[];
};
export function fingerprint(watched?: Watched): Fingerprint;
export function changedSince(before: Fingerprint, after: Fingerprint): readonly string[];
