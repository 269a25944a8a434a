import type { FileState } from './plan.ts';

/** A file that is not ours, as it stands on the host. */
export type OtherFile =
  | {
      readonly ok: true;
      readonly state: FileState;
      /** Who keeps it, and what that means for whoever edits it, as sentences. Costs a look at the package manager's files. */
      readonly keepers: () => readonly string[];
    }
  /** Why it is not edited, for behind `for`: `it holds a secret`. */
  | { readonly ok: false; readonly why: string };

export type OtherFiles = (path: string) => OtherFile;
