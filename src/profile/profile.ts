import type { SysctlKey } from '../sysctl/key.ts';
import type { Protection, Requirement } from '../sysctl/requirement.ts';

export type Relation = Requirement['relation'];

/** One number of a setting. `bytes` stands in for pages until the size of a page is known. */
export type Amount =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'keep' };

export type SettingValue =
  /** As many as the key holds, in its own unit. */
  | { readonly kind: 'amounts'; readonly amounts: readonly Amount[] }
  /** Computed from the host by the rule of src/profile/auto.ts. */
  | { readonly kind: 'auto' }
  /** A name, or the value of a key that nobody checks. */
  | { readonly kind: 'text'; readonly text: string };

export type Bound = '>=' | '<';

/** Every one has to hold, certainly. */
export type Condition =
  | { readonly kind: 'kernel'; readonly bound: Bound; readonly version: string }
  | {
      readonly kind: 'memory';
      readonly bound: Bound;
      readonly bytes: number;
      /** As it is written: `2GiB`. */
      readonly written: string;
    };

export type Place = { readonly file: string; readonly line: number };

export type Setting = {
  readonly key: SysctlKey;
  readonly relation: Relation;
  readonly value: SettingValue;
  /** As a person wrote it, on one line. */
  readonly written: string;
  readonly because: string;
  readonly source: string;
  readonly when: readonly Condition[];
  /** The catalogue does not know the key; the profile vouches for it. */
  readonly unchecked: boolean;
  /** Name of the profile that says so, which may be a parent of the one that was asked for. */
  readonly profile: string;
  readonly at: Place;
};

/** One document, before its parents are merged into it. */
export type Profile = {
  readonly name: string;
  readonly summary: string;
  readonly extends: readonly {
    readonly name: string;
    readonly at: Place & { readonly column: number };
  }[];
  readonly settings: readonly Setting[];
  readonly protections: readonly (Protection & { readonly at: Place })[];
  readonly file: string;
};

/** With everything that it has from its parents. */
export type ResolvedProfile = {
  readonly name: string;
  readonly summary: string;
  readonly file: string;
  /** Names of all profiles that went into it, parents first, itself last. */
  readonly lineage: readonly string[];
  readonly settings: readonly Setting[];
  readonly protections: readonly Protection[];
};
