import type { BootResolution } from '../assess/assessment.ts';
import { type KeyValue, textAtBoot } from '../assess/key-value.ts';
import { baseName, compareInByteOrder } from '../core/paths.ts';
import { spaced } from '../core/text.ts';
import type { ShadowReason } from '../resolve/resolution.ts';
import { sameSetting } from '../sysctl/catalogue.ts';
import { dropInPath, whyNoDropInName } from '../sysctl/own-drop-in.ts';
import type { DecisionContext } from './decision.ts';
import { type DropInLine, renderDropIn } from './drop-in.ts';
import { isOwnFile } from './ours.ts';
import type { Conflict } from './plan.ts';
import type { PlanInput } from './plan-input.ts';

const SYSCTL_CONF = '/etc/sysctl.conf';

type Lost = Omit<Conflict, 'netns' | 'key' | 'because' | 'fileName'>;

/** What a person may do about a line that is read after ours. */
function waysAround(file: string, line: number): string[] {
  const place = `${file}:${line}`;
  return file === SYSCTL_CONF
    ? [`delete ${place}, which this loader reads after every drop-in`]
    : [`delete ${place}`, `set the wanted value there instead, if somebody else maintains that file`];
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
  if (boot.kind === 'set') {
    const stands = spaced(textAtBoot(boot));
    if (sameSetting(key, stands, value)) return null;
    if (boot.from.file === dropIn && boot.through === null) return cutShort(key, value, boot.from.value);
    const { file, line } = boot.from;
    const what =
      boot.through === null ? `sets ${stands}` : `sets ${boot.through}, and with it this key to ${stands}`;
    const message = `${key} = ${value} would not last: ${file}:${line} is read after ${dropIn} and ${what}`;
    return { kind: 'shadowed', message, at: { file, line }, ways: waysAround(file, line) };
  }
  if (boot.excludedBy !== undefined) {
    const { file, line } = boot.excludedBy;
    const message = `${key} = ${value} would not last: ${file}:${line} is read after ${dropIn} and takes the key back`;
    return { kind: 'shadowed', message, at: { ...boot.excludedBy }, ways: waysAround(file, line) };
  }
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
function ofNoEffect(key: string, { shadowed }: KeyValue, dropIn: string): Lost | null {
  const reason = shadowed.find(({ file }) => file === dropIn)?.reason;
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

const NO_LOADER: Lost = {
  kind: 'no-loader',
  message: 'nothing was found here that reads sysctl files at boot, so no drop-in would count',
  ways: ['name the loader, if there is one: --loader', 'change the running kernel only: --no-persist'],
};

const LET_IT_RUN = 'let it run again: systemctl unmask systemd-sysctl.service';

function maskedLoader(mask: string): Lost {
  return {
    kind: 'no-loader',
    message: `${mask} masks systemd-sysctl.service, which applies the sysctl files at boot: no drop-in would count`,
    ways: [LET_IT_RUN, 'change the running kernel only: --no-persist'],
  };
}

/** Of lines that stand already: what keeps all of them from being applied, and what may be done about it. */
export function keptFromBoot(mask: string, dropIn: string): Pick<Lost, 'message' | 'ways'> {
  return {
    message: `nothing applies ${dropIn} at boot: ${mask} masks systemd-sysctl.service`,
    ways: [LET_IT_RUN],
  };
}

const IN_CONTAINER: Lost = {
  kind: 'no-loader',
  message: 'this is a container without a loader of its own: no sysctl file in it is ever read',
  ways: [
    "set the values in the container's definition",
    'change the running kernel only, until the container is started anew: --no-persist',
  ],
};

type Place = Pick<PlanInput, 'assessment' | 'ours'>;

/** The sysctl files with ours under this name; null where nobody knows how they are read. */
function resolved(
  lines: readonly DropInLine[],
  { assessment, ours }: Place,
  path: string,
): BootResolution | null {
  const { sysctlFiles = [], host } = assessment.snapshot;
  const text = renderDropIn(lines, { kernel: host.kernel.release, memoryBytes: null, profiles: [] });
  if (text === null) return null;
  const others = sysctlFiles.filter((file) => !isOwnFile(file, ours));
  return assessment.resolutionOf([...others, { path, kind: 'file', mode: '0644', text }]);
}

type LostKey = Lost & Pick<DropInLine, 'key' | 'because'>;

function lostUnder(
  path: string,
  lines: readonly DropInLine[],
  resolution: BootResolution,
): readonly LostKey[] {
  return lines.flatMap((line): readonly LostKey[] => {
    const lost = lostLine(line, resolution.bootValue(line.key), path);
    return lost === null ? [] : [{ ...lost, key: line.key, because: line.because }];
  });
}

/** Names that most files are read before, and one that is read right after the file that wins. */
function namesBehind(lost: readonly LostKey[]): readonly string[] {
  const winners = lost.flatMap(({ at }) => (at === undefined ? [] : [baseName(at.file)]));
  const last = [...winners].sort(compareInByteOrder).at(-1);
  const behind = last === undefined ? [] : [`${last.replace(/\.conf$/, '')}_backlogctl.conf`];
  return ['99-zz-backlogctl.conf', 'zz-backlogctl.conf', ...behind];
}

/**
 * A name under which every line of the drop-in would decide its key, found out by resolving the files with it; null
 * where there is none, as against /etc/sysctl.conf where it is read last.
 */
function winningName(lost: readonly LostKey[], lines: readonly DropInLine[], input: Place): string | null {
  if (!lost.every(({ kind }) => kind === 'shadowed')) return null;
  const taken = new Set((input.assessment.snapshot.sysctlFiles ?? []).map(({ path }) => baseName(path)));
  const wins = (name: string) => {
    const path = dropInPath(name);
    const resolution = resolved(lines, input, path);
    return resolution !== null && lostUnder(path, lines, resolution).length === 0;
  };
  const free = namesBehind(lost).filter((name) => whyNoDropInName(name) === null && !taken.has(name));
  return free.find(wins) ?? null;
}

/** The same for lines that stand; null also where none of them is beaten. */
export function nameThatWins(lines: readonly DropInLine[], place: Place): string | null {
  const { path } = place.ours.dropIn;
  const resolution = resolved(lines, place, path);
  const lost = resolution === null ? [] : lostUnder(path, lines, resolution);
  return lost.length === 0 ? null : winningName(lost, lines, place);
}

function conflictOf(
  { key, because, ways, ...lost }: LostKey,
  netns: string,
  fileName: string | null,
): Conflict {
  const common = { ...lost, netns, key, because: [...because] };
  if (lost.kind !== 'shadowed') return { ...common, ways };
  const leave = 'leave it as it is, and apply the rest: --on-conflict skip';
  if (fileName === null) return { ...common, ways: [...ways, leave] };
  const rename = `let our file be read after it, under another name: --file-name ${fileName}`;
  return { ...common, ways: [rename, ...ways, leave], fileName };
}

/**
 * Lines of the drop-in that would not decide their keys at the next boot, because another line wins or nobody reads
 * ours. Worked out by resolving the files as the plan would leave them.
 */
export function lostAtBoot(
  lines: readonly DropInLine[],
  input: PlanInput,
  { netns }: DecisionContext,
): readonly Conflict[] {
  const { path } = input.ours.dropIn;
  const { snapshot, loader, loaderMask } = input.assessment;
  const { sysctlFiles, host } = snapshot;
  if (lines.length === 0 || sysctlFiles === undefined) return [];
  const resolution = resolved(lines, input, path);
  if (resolution === null) return [{ ...NO_LOADER, netns, key: null, because: [] }];
  const lost = lostUnder(path, lines, resolution);
  if (loader?.kind === 'none' && lost.length > 0) {
    const why = host.environment === 'container' ? IN_CONTAINER : NO_LOADER;
    return [{ ...(loaderMask === null ? why : maskedLoader(loaderMask)), netns, key: null, because: [] }];
  }
  const fileName = lost.length === 0 ? null : winningName(lost, lines, input);
  return lost.map((each) => conflictOf(each, netns, fileName));
}
