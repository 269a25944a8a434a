import { baseName } from '../core/paths.ts';
import { shellQuote } from '../core/shell.ts';
import type { BootValue, Origin, Resolution } from '../resolve/resolution.ts';
import { aliasOf } from '../sysctl/aliases.ts';
import { sameSetting } from '../sysctl/catalogue.ts';
import { SYSCTL_CREDENTIALS } from '../sysctl/credentials.ts';
import { type SysctlKey, swapSeparators } from '../sysctl/key.ts';
import { DROP_IN_DIRECTORY } from '../sysctl/own-drop-in.ts';
import type { DropInLine } from './drop-in.ts';
import { isEtcSysctlFile } from './files.ts';
import type { Conflict } from './plan.ts';

const SYSCTL_CONF = '/etc/sysctl.conf';

export type Lost = Omit<Conflict, 'netns' | 'key' | 'because' | 'fileName' | 'takeover'>;

/** What a person may do about a line that is read after ours. */
function waysAround({ file, line }: Origin): string[] {
  const place = `${file}:${line}`;
  if (file === SYSCTL_CONF) return [`delete ${place}, which this loader reads after every drop-in`];
  if (SYSCTL_CREDENTIALS.includes(file))
    return ['leave the key out of the credential where this machine is given it'];
  if (isEtcSysctlFile(file)) {
    return [`delete ${place}`, 'set the wanted value there instead, if somebody else maintains that file'];
  }
  // What is deleted there comes back with the next version of the package.
  const copy = `${DROP_IN_DIRECTORY}/${baseName(file)}`;
  return [`hide it behind a copy without that line: sed ${line}d ${shellQuote(file)} >${shellQuote(copy)}`];
}

function shadowed(key: SysctlKey, value: string, at: Origin, dropIn: string, does: string): Lost {
  const message = `${key} = ${value} would not last: ${at.file}:${at.line} is read after ${dropIn} and ${does}`;
  return { kind: 'shadowed', message, at: { ...at }, ways: waysAround(at) };
}

/** The line that sets the same variable by its other key, after all that name this one; null where none does. */
function byOtherName(
  key: SysctlKey,
  value: string,
  { candidates, bootValue }: Resolution,
  dropIn: string,
): Lost | null {
  const alias = aliasOf(key);
  const boot = alias === null ? null : bootValue(alias);
  if (alias === null || boot?.kind !== 'set' || sameSetting(key, boot.value, value)) return null;
  const lastOf = (name: SysctlKey) => candidates.findLastIndex(({ path }) => swapSeparators(path) === name);
  if (lastOf(alias) < lastOf(key)) return null;
  return shadowed(key, value, boot.from, dropIn, `sets ${alias}, the same variable, to ${boot.value}`);
}

/** Why our line would not decide the key at the next boot, and what may be done about it; null where it would. */
export function lostLine(
  { key, value }: Pick<DropInLine, 'key' | 'value'>,
  resolution: Resolution,
  dropIn: string,
): Lost | null {
  const boot = resolution.bootValue(key);
  if (boot.kind === 'unknown') {
    const message = `what ${key} will be at the next boot cannot be told: ${boot.why}`;
    return { kind: 'unknown', message, ways: ['make that file readable, or run as root'] };
  }
  if (boot.kind === 'set') {
    if (sameSetting(key, boot.value, value)) return byOtherName(key, value, resolution, dropIn);
    if (boot.from.file === dropIn) return cutShort(key, value, boot.value);
    return shadowed(key, value, boot.from, dropIn, `sets ${boot.value}`);
  }
  if (boot.excludedBy !== undefined)
    return shadowed(key, value, boot.excludedBy, dropIn, 'takes the key back');
  return unread(key, boot, dropIn);
}

/** OpenRC's script around busybox takes the first word of a value alone. */
function cutShort(key: string, value: string, taken: string): Lost {
  return {
    kind: 'no-loader',
    message: `${key} = ${value} would not be set at boot: of the line, what applies the sysctl files here takes ${taken} alone`,
    ways: ['install procps, whose sysctl reads whole lines', 'change the running kernel only: --no-persist'],
  };
}

/** Nothing sets it although our line says so: the loader does not read our file. */
function unread(key: string, { shadowed: losers }: BootValue, dropIn: string): Lost {
  const masked = losers.find(({ file }) => file === dropIn)?.reason === 'masked-file';
  return masked
    ? {
        kind: 'shadowed',
        message: `${key} would not be set at boot: another file of the same name hides ${dropIn}`,
        ways: ['remove the other file, whose directory comes first'],
      }
    : {
        kind: 'no-loader',
        message: `${key} would not be set at boot: what applies the sysctl files here does not read ${dropIn}`,
        ways: ['change the running kernel only: --no-persist'],
      };
}
