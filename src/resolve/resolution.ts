import type { SysctlKey } from '../sysctl/key.ts';
import type { Candidate } from './expand.ts';
import type { Reaction } from './loader-traits.ts';

export type Origin = { readonly file: string; readonly line: number };

/** A write that the loader tries at boot, in its own order. */
export type Attempt = {
  readonly key: SysctlKey;
  readonly value: string;
  readonly file: string;
  readonly line: number;
  /** The line began with `-`: a refused write is not an error of the loader's. */
  readonly ignoreFailure: boolean;
};

/** Why a line does not decide the value at boot. */
export type ShadowReason =
  | 'masked-file'
  | 'file-not-read'
  /** The file lies below /run, which is empty when the host comes up. */
  | 'volatile-file'
  | 'later-file'
  | 'later-line'
  /** It says once more what an earlier line says, and so does not count by itself. */
  | 'repeated'
  | 'glob-beaten-by-key'
  /** An exclusion keeps the pattern off the key. */
  | 'pattern-kept-off'
  | 'excluded'
  | 'unknown-key'
  /** The key is not there yet: nothing loads its kernel module before the loader runs. */
  | 'before-module'
  | 'refused-value'
  /** The key is a directory, cannot be written, or lies outside /proc/sys. */
  | 'not-writable'
  /** The loader never sets a key of that name. */
  | 'passed-over'
  /** The loader ended before it came to the line. */
  | 'not-reached'
  /** A later write to another key changes this one along with its own. */
  | 'side-effect';

export type Shadowed = Origin & { readonly value: string; readonly reason: ShadowReason };

/** What a key will be after the next boot, as far as the sysctl files decide it. */
export type LastWord =
  | {
      readonly kind: 'set';
      readonly value: string;
      readonly from: Origin;
      readonly shadowed: readonly Shadowed[];
    }
  /** No line that the loader reads sets it, or an exclusion takes it back: the kernel's own default stands. */
  | {
      readonly kind: 'unset';
      readonly excludedBy?: Origin;
      /** An exclusion that keeps patterns off the key, and would keep no line that names it. */
      readonly keptOffBy?: Origin;
      readonly shadowed: readonly Shadowed[];
    }
  | { readonly kind: 'unknown'; readonly why: string; readonly shadowed: readonly Shadowed[] };

/** Something the loader chokes on. `severity`: what the loader itself makes of it. */
export type LoaderMessage = Partial<Origin> & { readonly message: string; readonly severity: Reaction };

/** A line of a file that the loader reads, as it understands it. */
export type ReadLine = Origin & {
  readonly kind: 'assignment' | 'exclusion';
  /** Below /proc/sys; may be a pattern. */
  readonly path: string;
  /** null for a pattern, and where no write can come out of the line. */
  readonly key: SysctlKey | null;
  /** Empty for an exclusion. */
  readonly value: string;
  readonly ignoreFailure: boolean;
};

/** A file where sysctl files lie; another of its name in a directory of higher priority may mask it. */
export type FileUse = { readonly path: string; readonly use: 'read' | 'masked' | 'not-read' };

export type Resolution = {
  /** What was resolved with, such as `systemd-sysctl 252`. */
  readonly loader: string;
  /** What the loader would write, as far as its files tell. */
  readonly attempts: readonly Attempt[];
  /** The same, as the loader has it before it looks for the variables. */
  readonly candidates: Iterable<Candidate>;
  /** What the same loader writes with `--prefix`, as udev runs it for a new network interface: net/ipv4/conf/eth0. */
  candidatesBelow(prefix: string): readonly Candidate[];
  lastWord(key: SysctlKey): LastWord;
  /** Every line in any file, read or not, that names the key, in the order in which the loader meets the files. */
  linesOf(key: SysctlKey): readonly (Origin & { readonly value: string })[];
  /** A FIFO that the loader waits at without end: it sets nothing before somebody writes into it. */
  readonly blocking: string | null;
  /** Every key that a line in any file names, and every one that a pattern is known to stand for. */
  keys(): ReadonlySet<SysctlKey>;
  /** Every line that the loader reads, in its order. */
  readonly lines: readonly ReadLine[];
  /** Every file that was found, once; first those that the loader opens, in its order. */
  readonly files: readonly FileUse[];
  readonly messages: readonly LoaderMessage[];
};
