/** ufw's own configuration (ufw-framework(8)): whether it starts at boot, and which file it has sysctl(8) load then. */
const UFW_CONF = '/etc/ufw/ufw.conf';
const UFW_DEFAULTS = '/etc/default/ufw';
const UFW_SYSCTL = '/etc/ufw/sysctl.conf';

type File = { readonly path: string; readonly text?: string };

/** Both files are read by a shell: the last assignment counts, with or without quotes. */
function assigned(files: readonly File[], path: string, variable: string): string | null {
  const text = files.find((file) => file.path === path)?.text ?? '';
  const found = text.split('\n').findLast((line) => line.trimStart().startsWith(`${variable}=`));
  return (
    found
      ?.trim()
      .slice(variable.length + 1)
      .replace(/^(["'])(.*)\1$/, '$2') ?? null
  );
}

/** The file that ufw has loaded; its own where nothing else is said. */
export function ufwSysctlFile(files: readonly File[]): string {
  const named = assigned(files, UFW_DEFAULTS, 'IPT_SYSCTL');
  return named?.startsWith('/') ? named : UFW_SYSCTL;
}

/** False only where its configuration says so. */
export function isUfwEnabled(files: readonly File[]): boolean {
  return !/^no$/i.test(assigned(files, UFW_CONF, 'ENABLED') ?? 'yes');
}
