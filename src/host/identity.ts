import type { Identity } from '../core/ports.ts';

export function hostIdentity(): Identity {
  return { uid: process.geteuid?.() ?? -1, pid: process.pid };
}
