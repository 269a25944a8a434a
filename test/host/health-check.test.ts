import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runHealthCheck } from '../../src/host/health-check.ts';
import { until } from '../tools/sandbox.ts';

const LONG_MS = 20_000;

function sh(script: string, timeoutMs = LONG_MS): Promise<string | null> {
  return runHealthCheck('/bin/sh', ['/bin/sh', '-c', script], timeoutMs);
}

async function timed<T>(act: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const startedMs = performance.now();
  return { value: await act(), ms: performance.now() - startedMs };
}

test('a program gets the name by which it was typed, and is spoken of by it', async () => {
  expect(await runHealthCheck('/bin/sh', ['/opt/healthy', '-c', 'echo "$0"; exit 3'], LONG_MS)).toBe(
    '/opt/healthy ended with 3: /opt/healthy',
  );
});

test.each([
  ['exit 0', null],
  ['echo no >&2; exit 7', '/bin/sh ended with 7: no'],
  ['seq 100000; exit 1', '/bin/sh ended with 1: 100000'],
  ['kill -TERM $$', '/bin/sh was ended by SIGTERM'],
])('%s', async (script, complaint) => {
  expect(await sh(script)).toBe(complaint);
});

test('what cannot be run is no good', async () => {
  const file = '/nonexistent/healthy';
  expect(await runHealthCheck(file, [file], LONG_MS)).toMatch(
    /^\/nonexistent\/healthy could not be run .*ENOENT/,
  );
});

describe('what a check leaves behind', () => {
  let directory: string;
  let pidFile: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-check-'));
    pidFile = path.join(directory, 'pid');
  });
  afterEach(() => {
    // What a failing test did not end.
    try {
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    } catch {
      // It is gone, as it should be.
    }
    rmSync(directory, { recursive: true });
  });

  /** Whether it still runs: one that nobody has waited for yet does not. */
  function runs(): boolean {
    try {
      const stat = readFileSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/stat`, 'utf8');
      return !/\) [ZX] /.test(stat);
    } catch {
      return false;
    }
  }

  test('keeps nobody waiting, and is ended', async () => {
    const { value, ms } = await timed(() => sh(`sleep 100 & echo $! >${pidFile}; echo bad; exit 1`));
    expect(value).toBe('/bin/sh ended with 1: bad');
    expect(ms).toBeLessThan(10_000);
    await until(async () => !runs(), 'the end of what it left');
  });

  test('keeps nobody waiting where it has left the group', async () => {
    const script = `setsid sleep 100 & echo $! >${pidFile}; exit 0`;
    const { value, ms } = await timed(() => sh(script));
    expect(value).toBeNull();
    expect(ms).toBeLessThan(10_000);
  });

  test('is ended with a check that is not done in time', async () => {
    const { value, ms } = await timed(() => sh(`trap '' TERM; sleep 100 & echo $! >${pidFile}; wait`, 1_000));
    expect(value).toBe('/bin/sh was not done in time');
    expect(ms).toBeLessThan(10_000);
    await until(async () => !runs(), 'the end of what it left');
  });
});
