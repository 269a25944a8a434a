import { type KeyValue, type SetAtBoot, textAtBoot } from '../assess/key-value.ts';
import { baseName } from '../core/paths.ts';
import { shellQuote } from '../core/shell.ts';
import { spaced } from '../core/text.ts';
import type { Origin, ShadowReason } from '../resolve/resolution.ts';
import { sameSetting } from '../sysctl/catalogue.ts';
import { SYSCTL_CREDENTIALS } from '../sysctl/credentials.ts';
import type { SysctlKey } from '../sysctl/key.ts';
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

function shadowed(key: SysctlKey, value: string, { file, line }: Origin, dropIn: string, does: string): Lost {
  const at = { file, line };
  const message = `${key} = ${value} would not last: ${file}:${line} is read after ${dropIn} and ${does}`;
  return { kind: 'shadowed', message, at, ways: waysAround(at) };
}

/** Another value than ours stands at the end. */
function beaten(key: SysctlKey, value: string, boot: SetAtBoot, dropIn: string): Lost {
  const { from, through } = boot;
  if (from.file === dropIn && through === null) return cutShort(key, value, from.value);
  const stands = spaced(textAtBoot(boot));
  const does = through === null ? `sets ${stands}` : `sets ${through}, and with it this key to ${stands}`;
  return shadowed(key, value, from, dropIn, does);
}

/** Why our line would not decide the key at the next boot, and what may be done about it; null where it would. */
export function lostLine(
  { key, value }: Pick<DropInLine, 'key' | 'value'>,
  boot: KeyValue,
  dropIn: string,
): Lost | null {
  if (boot.kind === 'unknown') {
    const message = `what ${key} will be at the next boot cannot be told: ${boot.why}`;
    return { kind: 'unknown', message, ways: ['make that file readable, or run as root'] };
  }
  if (boot.kind === 'set')
    return sameSetting(key, spaced(textAtBoot(boot)), value) ? null : beaten(key, value, boot, dropIn);
  if (boot.excludedBy !== undefined)
    return shadowed(key, value, boot.excludedBy, dropIn, 'takes the key back');
  return ofNoEffect(key, boot, dropIn);
}

/** OpenRC's script around busybox takes the first word of a value alone. */
function cutShort(key: string, value: string, taken: string): Lost {
  return {
    kind: 'no-loader',
    message: `${key} = ${value} would not be set at boot: of the line, what applies the sysctl files here takes ${taken} alone`,
    ways: ['install procps, whose sysctl reads whole lines', 'change the running kernel only: --no-persist'],
  };
}

/** The loader reads our line, and yet it does nothing. */
const READ_IN_VAIN: Readonly<Partial<Record<ShadowReason, string>>> = {
  'refused-value': 'the kernel refuses the value',
  'not-reached': 'the loader ends before it comes to the line',
  'passed-over': 'the loader never sets a key of that name',
  'not-writable': 'it names nothing that can be written',
};

/** Nothing sets it although our line says so. That the key is not there, or not there yet, is said elsewhere. */
function ofNoEffect(key: string, { shadowed: losers }: KeyValue, dropIn: string): Lost | null {
  const reason = losers.find(({ file }) => file === dropIn)?.reason;
  if (reason === 'before-module' || reason === 'unknown-key') return null;
  const why = reason === undefined ? undefined : READ_IN_VAIN[reason];
  return why === undefined
    ? unread(key, reason === 'masked-file', dropIn)
    : {
        kind: 'no-loader',
        message: `${key} would not be set at boot: ${why}`,
        ways: ['change the running kernel only: --no-persist'],
      };
}

function unread(key: string, masked: boolean, dropIn: string): Lost {
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
