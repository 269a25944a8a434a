import { expect, test } from '@jest/globals';
import { timerOptions } from '../../src/host/systemd-reverter.ts';

test('a timer counts the time that the host sleeps by the calendar, and else by no clock that can be set', () => {
  expect(timerOptions(300_000, Date.UTC(2026, 10, 20, 23, 57, 0, 1))).toEqual([
    '--on-active=300000ms',
    '--on-calendar=2026-11-21 00:02:01 UTC',
    '--timer-property=AccuracySec=1s',
  ]);
});
