import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

export function hostClock(): Clock {
  return {
    now: () => new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    sleep: (milliseconds) => sleep(milliseconds),
    monotonicMs: () => performance.now(),
  };
}
