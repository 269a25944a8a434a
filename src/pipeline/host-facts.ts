import type { HostFacts, Who } from '../apply/transaction.ts';
import { valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** (uid_t) -1 is nobody who logged in: a service, cron. */
const NO_LOGIN = 4_294_967_295;

/** Who asked for it, through sudo and su: /proc/self/loginuid keeps the user that logged in. */
export function readWho(reader: HostReader, uid: number, sudoUser: string | null): Who {
  const loginUid = Number.parseInt(valueOr(reader.readText('/proc/self/loginuid'), ''), 10);
  const isLogin = Number.isInteger(loginUid) && loginUid !== NO_LOGIN;
  return { uid, loginUid: isLogin ? loginUid : null, sudoUser };
}

/** machine-id(5); null where there is none, as in an image. */
export function readMachineId(reader: HostReader): string | null {
  const text = valueOr(reader.readText('/etc/machine-id'), '').trim();
  return /^[0-9a-f]{32}$/.test(text) ? text : null;
}

/** Of the kernel that runs; null where /proc does not tell. */
export function readBootId(reader: HostReader): string | null {
  const text = valueOr(reader.readText('/proc/sys/kernel/random/boot_id'), '').trim();
  return text === '' ? null : text;
}

/** Field 22 of proc_pid_stat(5), in clock ticks since the boot; null where /proc does not tell. */
export function readInitStart(reader: HostReader): number | null {
  const stat = valueOr(reader.readText('/proc/1/stat'), '');
  // The name of the program may hold blanks and parentheses.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks === undefined || !/^\d+$/.test(ticks) ? null : Number(ticks);
}

/**
 * What a transaction has to know of the host.
 * @param live false for another tree, such as an image: nothing of it has been booted
 */
export function hostFacts(reader: HostReader, { host, namespaces }: Snapshot, live: boolean): HostFacts {
  return {
    machineId: readMachineId(reader),
    bootId: live ? readBootId(reader) : null,
    initStart: live ? readInitStart(reader) : null,
    netns: live ? (namespaces[0]?.id ?? null) : null,
    kernel: host.kernel.release,
    memoryBytes: valueOr(host.memoryBytes, null),
  };
}
