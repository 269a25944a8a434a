/** ufw's own configuration (ufw-framework(8)): whether it starts at boot, and which file it has sysctl(8) load then. */
export const UFW_CONF = '/etc/ufw/ufw.conf';
export const UFW_DEFAULTS = '/etc/default/ufw';
const UFW_SYSCTL = '/etc/ufw/sysctl.conf';

type File = { readonly path: string; readonly text?: string };
type Service = { readonly name: string; readonly state?: string };

/** What a shell makes of the word behind `=`. */
function unquoted(word: string): string {
  return /^(["'])(.*?)\1/.exec(word)?.[2] ?? word.replace(/\s.*$/s, '');
}

/** Both files are read by a shell: the last assignment counts. null where there is none. */
function assigned({ text = '' }: File, variable: string): string | null {
  const found = text.split('\n').findLast((line) => line.trimStart().startsWith(`${variable}=`));
  return found === undefined ? null : unquoted(found.trim().slice(variable.length + 1));
}

function fileAt(files: readonly File[], path: string): File | undefined {
  return files.find((file) => file.path === path);
}

/** The file that ufw has loaded; its own where its defaults are not known, null where they name none. */
export function ufwSysctlFile(files: readonly File[]): string | null {
  const defaults = fileAt(files, UFW_DEFAULTS);
  if (defaults === undefined) return UFW_SYSCTL;
  const named = assigned(defaults, 'IPT_SYSCTL');
  return named?.startsWith('/') ? named : null;
}

export function isUfwService({ name }: Service): boolean {
  return name === 'ufw' || name === 'ufw.service';
}

/** Whether it is turned on: only `yes` and `YES` do that. Without its configuration, what is said of its service tells. */
export function isUfwEnabled(files: readonly File[], services: readonly Service[] = []): boolean {
  const conf = fileAt(files, UFW_CONF);
  return conf === undefined
    ? services.some((each) => isUfwService(each) && each.state === 'active')
    : ['yes', 'YES'].includes(assigned(conf, 'ENABLED') ?? '');
}
