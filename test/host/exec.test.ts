import { describe, expect, test } from '@jest/globals';
import { hostExec } from '../../src/host/exec.ts';

const BOUNDS = { timeoutMs: 10_000, maxBytes: 1024 };

describe('hostExec', () => {
  const exec = hostExec();

  test.each([
    [
      'a status and its output',
      ['sh', '-c', 'echo out; echo err >&2; exit 3'],
      { status: 3, stdout: 'out\n' },
    ],
    ['a signal as a shell does', ['sh', '-c', 'kill -SEGV $$'], { status: 139, stdout: '' }],
    [
      'arguments without a shell',
      ['printf', '%s|', '$HOME', ';', '`id`'],
      { status: 0, stdout: '$HOME|;|`id`|' },
    ],
    ['no standard input', ['cat'], { status: 0, stdout: '' }],
    [
      'nothing of our environment',
      ['env'],
      { status: 0, stdout: 'PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n' },
    ],
  ] as const)('gives %s', (_what, argv, expected) => {
    expect(exec.run([...argv], BOUNDS)).toEqual({ kind: 'exited', ...expected });
  });

  test.each([
    ['absent', ['no-such-program-of-ours'], BOUNDS],
    ['denied', ['/etc/passwd'], BOUNDS],
    ['timed-out', ['sleep', '60'], { ...BOUNDS, timeoutMs: 50 }],
    ['timed-out', ['sh', '-c', 'trap "" TERM; while :; do :; done'], { ...BOUNDS, timeoutMs: 50 }],
    ['too-much-output', ['yes'], BOUNDS],
  ] as const)('says %s', (why, argv, bounds) => {
    expect(exec.run([...argv], bounds)).toEqual({ kind: 'failed', why });
  });

  test('decodes one character a byte when asked to', () => {
    const argv = ['printf', '\\303\\274'] as const;
    expect(exec.run(argv, BOUNDS)).toMatchObject({ stdout: 'ü' });
    expect(exec.run(argv, { ...BOUNDS, encoding: 'latin1' })).toMatchObject({ stdout: '\xc3\xbc' });
  });
});
