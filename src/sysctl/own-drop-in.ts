import { baseName, compareInByteOrder } from '../core/paths.ts';

export const DROP_IN_DIRECTORY = '/etc/sysctl.d';

/** What our drop-in is called until somebody gives it another name. */
export const DROP_IN_NAME = '90-backlogctl.conf';

/** Its first line: without the journal it tells ours from other files, whatever the name. */
export const DROP_IN_MARK = '# Written by backlogctl, which replaces this file as a whole.';

/** NAME_MAX, less what the name of the new one has around it while it is written: `.NAME.000001.new`. */
export const LONGEST_NAME = 255 - '..000001.new'.length;

/**
 * Why a file of that name would not do as our drop-in; null where it does. procps opens files through glob(3), systemd
 * passes over names with a dot in front, and a name that nobody has to quote is typed without a slip.
 */
export function whyNoDropInName(name: string): string | null {
  if (name.includes('/')) return `it is a path; the file stands in ${DROP_IN_DIRECTORY}`;
  if (name.startsWith('.')) return 'it begins with a dot, and systemd-sysctl passes over such files';
  if (!name.endsWith('.conf')) return 'it does not end in .conf, and no loader reads such files';
  if (!/^\w[\w.-]*$/.test(name))
    return 'it may hold only letters, digits, dots, - and _, and not begin with a -';
  return name.length > LONGEST_NAME ? `it has more than ${LONGEST_NAME} characters` : null;
}

export function dropInPath(name: string): string {
  return `${DROP_IN_DIRECTORY}/${name}`;
}

/** Whether we wrote it, as it says itself. */
export function isMarked(text: string | null | undefined): boolean {
  return text?.startsWith(`${DROP_IN_MARK}\n`) ?? false;
}

type Entry = { readonly path: string; readonly kind: string; readonly text?: string };

function isOwn({ path, kind, text }: Entry): boolean {
  const name = baseName(path);
  return path === dropInPath(name) && kind === 'file' && whyNoDropInName(name) === null && isMarked(text);
}

/**
 * Where the file stands that says that it is ours; null where none does. Of several, which are copies that somebody
 * made, the one of the usual name, else the one that is read last.
 */
export function markedDropIn(files: readonly Entry[]): string | null {
  const paths = files.filter(isOwn).map(({ path }) => path);
  const usual = dropInPath(DROP_IN_NAME);
  return paths.includes(usual) ? usual : ([...paths].sort(compareInByteOrder).at(-1) ?? null);
}

/** Where our drop-in stands, or would, as far as the files tell: a file of the usual name counts as ours by its name. */
export function ownDropIn(files: readonly Entry[]): string {
  return markedDropIn(files) ?? dropInPath(DROP_IN_NAME);
}
