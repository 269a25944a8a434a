import { refusedError } from '../core/errors.ts';
import { valueOr } from '../core/fact.ts';
import { type HostReader, isHost } from '../core/ports.ts';
import { shellQuote } from '../core/shell.ts';
import type { Obstacle } from '../plan/ours.ts';
import type { Step } from '../plan/plan.ts';
import { DROP_IN_DIRECTORY } from '../sysctl/own-drop-in.ts';
import { openToOthers } from './trust.ts';

const NOT_NOW = 'change the running kernel only: --no-persist';

/** What makes /etc anew from a configuration of its own, by what it leaves there; and where that sets sysctls. */
const DECLARATIVE: readonly { readonly sign: string; readonly name: string; readonly where: string }[] = [
  { sign: '/etc/NIXOS', name: 'NixOS', where: 'boot.kernel.sysctl' },
  { sign: '/run/current-system/profile', name: 'Guix System', where: 'sysctl-service-type' },
];

type Mount = { readonly point: string; readonly readOnly: boolean };

/** proc_pid_mountinfo(5) writes blanks and backslashes in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** `36 35 8:1 / /etc rw,relatime shared:1 - ext4 /dev/sda1 ro,data=ordered`: the mount's own options, and the file system's. */
function mountOf(line: string): readonly Mount[] {
  const match = /^\d+ \d+ \S+ \S+ (\S+) (\S+) .*?- \S+ \S+ (\S+)$/.exec(line);
  if (match === null) return [];
  const [, point = '', own = '', whole = ''] = match;
  const readOnly = [own, whole].some((options) => options.split(',').includes('ro'));
  return [{ point: unescaped(point), readOnly }];
}

/** Of mounts at the same place the last hides the others. */
function mountAt(mountInfo: string, path: string): Mount | undefined {
  return mountInfo
    .split('\n')
    .flatMap(mountOf)
    .filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`))
    .reduce<Mount | undefined>(
      (best, each) => (best === undefined || each.point.length >= best.point.length ? each : best),
      undefined,
    );
}

/** Where the path lies on a mount that nobody can write to: its mount point; null where it does not, or nothing tells. */
export function readOnlyMount(reader: HostReader, path: string): string | null {
  // What is mounted here says nothing of where another tree is written to.
  if (!isHost(reader)) return null;
  const mount = mountAt(valueOr(reader.readText('/proc/self/mountinfo'), ''), path);
  return mount?.readOnly ? mount.point : null;
}

/** Whoever may write to the directory decides what stands in it, and where it leads. */
function untrusted(reader: HostReader): Obstacle | null {
  const found = openToOthers(reader, DROP_IN_DIRECTORY);
  if (found === null) return null;
  const place = reader.typed.path(found);
  const typed = shellQuote(place);
  return {
    message: `others than root may write to ${place}, so whatever is kept in ${DROP_IN_DIRECTORY} they could change`,
    ways: [`make it root's alone: chown root: ${typed} && chmod go-w ${typed}`],
  };
}

/** @returns with the ways that let a drop-in be kept, or its values be set elsewhere */
function hindranceOn(reader: HostReader): Obstacle | null {
  const open = untrusted(reader);
  if (open !== null) return open;
  const declarative = DECLARATIVE.find(({ sign }) => reader.lstat(sign).ok);
  if (declarative !== undefined) {
    const { name, where } = declarative;
    return {
      message: `${name} makes /etc anew from its own configuration, so no drop-in would last there`,
      ways: [`set the values in that configuration: ${where}`],
    };
  }
  const readOnly = readOnlyMount(reader, DROP_IN_DIRECTORY);
  return readOnly === null
    ? null
    : {
        message: `${DROP_IN_DIRECTORY} is read-only here (mounted at ${readOnly}), so no drop-in can be written`,
        ways: [
          'set the values where that file system is made, in its image or configuration',
          `make it writable first: mount -o remount,rw ${readOnly}`,
        ],
      };
}

/** Why no drop-in can be kept on this host, whatever stands in it; null where one can, as far as looking tells. */
export function obstacleOf(reader: HostReader): Obstacle | null {
  const found = hindranceOn(reader);
  // In an image no kernel runs.
  const otherwise = isHost(reader) ? [NOT_NOW] : [];
  return found === null ? null : { ...found, ways: [...found.ways, ...otherwise] };
}

/** Why the steps, as far as they write files, cannot be kept: asked again, for others may have opened the directory since. */
export function hindranceOf(steps: readonly Step[], reader: HostReader): Obstacle | null {
  return steps.some(({ kind }) => kind === 'file') ? hindranceOn(reader) : null;
}

/**
 * Asked again right before files are written: the plan may have been made before, or elsewhere.
 * @param otherwise what else a person may do, if anything
 * @throws UserError where the steps write files, and none can be kept on this host
 */
export function checkNoObstacle(steps: readonly Step[], reader: HostReader, otherwise: string | null): void {
  const found = hindranceOf(steps, reader);
  if (found === null) return;
  throw refusedError(
    found.message,
    [...found.ways, ...(otherwise === null ? [] : [otherwise])].join(', or '),
  );
}
