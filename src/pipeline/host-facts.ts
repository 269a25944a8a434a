import type { HostFacts, Who } from '../apply/transaction.ts';
import { valueOr } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { readMachineId } from './ours.ts';

/** (uid_t) -1 is nobody who logged in: a service, cron. */
const NO_LOGIN = 4_294_967_295;

/** Who asked for it, through sudo and su: /proc/self/loginuid keeps the user that logged in. */
export function readWho(reader: HostReader, uid: number, sudoUser: string | null): Who {
  const loginUid = Number.parseInt(valueOr(reader.readText('/proc/self/loginuid'), ''), 10);
  const isLogin = Number.isInteger(loginUid) && loginUid !== NO_LOGIN;
  return { uid, loginUid: isLogin ? loginUid : null, sudoUser };
}

/** Of the kernel that runs; null where /proc does not tell. */
export function readBootId(reader: HostReader): string | null {
  const text = valueOr(reader.readText('/proc/sys/kernel/random/boot_id'), '').trim();
  return text === '' ? null : text;
}

/**
 * What a transaction has to know of the host.
 * @param live false for another tree, such as an image: nothing of it has been booted
 */
export function hostFacts(reader: HostReader, { host, namespaces }: Snapshot, live: boolean): HostFacts {
  return {
    machineId: readMachineId(reader),
    bootId: live ? readBootId(reader) : null,
    netns: live ? (namespaces[0]?.id ?? null) : null,
    kernel: host.kernel.release,
    memoryBytes: valueOr(host.memoryBytes, null),
  };
}
