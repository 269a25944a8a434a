import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import type { Exec, ExecBounds, ExecResult } from '../core/ports.ts';
import { CLEAN_ENVIRONMENT } from './environment.ts';
import { errnoOf } from './errno.ts';

export function hostExec(): Exec {
  return { run };
}

function run(argv: readonly [string, ...string[]], bounds: ExecBounds): ExecResult {
  const [program, ...rest] = argv;
  const result = spawnSync(program, rest, {
    cwd: '/',
    env: CLEAN_ENVIRONMENT,
    shell: false,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: bounds.timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: bounds.maxBytes,
    encoding: bounds.encoding ?? 'utf8',
  });
  return result.error === undefined ? exited(result) : failed(errnoOf(result.error));
}

/** Of a program that a signal ended, the status is what a shell would say: 128 and the signal's number. */
function exited(result: SpawnSyncReturns<string>): ExecResult {
  const signal = result.signal === null ? 0 : constants.signals[result.signal];
  return { kind: 'exited', status: result.status ?? 128 + signal, stdout: result.stdout };
}

function failed(code: string): ExecResult {
  switch (code) {
    case 'ETIMEDOUT':
      return { kind: 'failed', why: 'timed-out' };
    case 'ENOBUFS':
      return { kind: 'failed', why: 'too-much-output' };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'failed', why: 'denied' };
    default:
      return { kind: 'failed', why: 'absent' };
  }
}
