import { describe, expect, test } from '@jest/globals';
import type { Programs } from '../../src/core/lab-ports.ts';
import type { ExecResult } from '../../src/core/ports.ts';
import { type LabResult, predictPoint } from '../../src/lab/compare.ts';
import type { BenchAnswer, LabPoint, Measurement } from '../../src/lab/protocol.ts';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';
import { lab } from '../../src/pipeline/lab.ts';
import { memoryHost } from '../tools/memory-host.ts';

const POINT: LabPoint = {
  backlog: 8,
  somaxconn: 4096,
  maxSynBacklog: 1024,
  syncookies: 1,
  abortOnOverflow: 0,
  load: { kind: 'handshake', connections: 12, prefilled: 0 },
};

function asPredicted(point: LabPoint): Measurement {
  const prediction = predictPoint(point, kernelTraitsOf('6.18.44', null));
  if (prediction === null) throw new Error('not predicted');
  const { clients: _, counters, ...amounts } = prediction.after;
  const low = <K extends string>(spans: Readonly<Record<K, { readonly low: number }>>) =>
    Object.fromEntries(
      Object.entries<{ readonly low: number }>(spans).map(([name, { low: n }]) => [name, n]),
    );
  return { limit: prediction.limit.low, ...low(amounts), counters: low(counters) } as Measurement;
}

const WORKS = '';
const HAS_ALL = {
  'ip -V': WORKS,
  'ss -V': WORKS,
  'unshare --version': WORKS,
  'setpriv --version': WORKS,
  'taskset --version': WORKS,
  'unshare --net -- true': WORKS,
  'unshare --user --map-root-user --net -- true': WORKS,
};
const FAILS: ExecResult = { kind: 'exited', status: 1, stdout: '' };
const ABSENT: ExecResult = { kind: 'failed', why: 'absent' };

async function run(
  outputs: Readonly<Record<string, string | ExecResult>>,
  answers: readonly (BenchAnswer | null)[] = [{ kind: 'measured', measurement: asPredicted(POINT) }],
  release = '6.18.44',
) {
  const started: (readonly string[])[] = [];
  let ended = 0;
  const waiting = [...answers];
  const programs: Programs = {
    async start(argv) {
      started.push(argv);
      return {
        pid: 1,
        send: () => undefined,
        receive: async () => waiting.shift() ?? null,
        end: async () => {
          ended += 1;
          return 'why it ended';
        },
      };
    },
  };
  const request = {
    points: answers.map(() => POINT),
    traits: kernelTraitsOf(release, null),
    bench: ['node', 'bench'] as const,
  };
  const results: LabResult[] = [];
  const collecting = (async () => {
    for await (const result of lab(request, {
      exec: memoryHost({ outputs }).exec,
      programs,
      cpus: [0, 3],
      namespace: 'net:[1]',
    }))
      results.push(result);
  })();
  const failure = await collecting.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { results, started, failure, ended };
}

describe('the lab', () => {
  test('starts its bench in a network namespace, so that it dies with us, on one CPU', async () => {
    const { started, results, ended } = await run(HAS_ALL);
    expect(started).toEqual([
      [
        'unshare',
        '--net',
        '--',
        'setpriv',
        '--pdeathsig',
        'KILL',
        '--',
        'taskset',
        '-c',
        '3',
        'node',
        'bench',
        'net:[1]',
      ],
    ]);
    expect(results[0]?.compared.every(({ agrees }) => agrees)).toBe(true);
    expect(ended).toBe(1);
  });

  test('takes a user namespace where it may not make a network namespace', async () => {
    const { started } = await run({
      ...HAS_ALL,
      'unshare --net -- true': FAILS,
      'taskset --version': ABSENT,
    });
    expect(started[0]?.slice(0, 6)).toEqual([
      'unshare',
      '--user',
      '--map-root-user',
      '--net',
      '--',
      'setpriv',
    ]);
    expect(started[0]).not.toContain('taskset');
  });

  test.each([
    [
      'a program that is missing',
      { ...HAS_ALL, 'ss -V': ABSENT, 'ip -V': ABSENT },
      'the lab needs ip, ss, which this host does not have',
    ],
    [
      'no namespaces',
      { ...HAS_ALL, 'unshare --net -- true': FAILS, 'unshare --user --map-root-user --net -- true': FAILS },
      'the lab needs a network namespace of its own, and this user may not make one',
    ],
  ])('%s is refused before anything is started', async (_what, outputs, message) => {
    const { failure, started } = await run(outputs);
    expect(failure).toMatchObject({ name: 'UserError', status: 5, message });
    expect(started).toEqual([]);
  });

  test('an old kernel is refused', async () => {
    const { failure } = await run(HAS_ALL, undefined, '4.3.6');
    expect(failure).toMatchObject({
      status: 5,
      message: 'loads are modelled from Linux 4.4 on, and this kernel is older',
    });
  });

  test.each<readonly [string, readonly (BenchAnswer | null)[], string]>([
    [
      'cannot measure',
      [{ kind: 'failed', why: 'ip link: status 2' }],
      'the lab could not measure: ip link: status 2',
    ],
    ['ends', [null], "the lab's process ended: why it ended"],
  ])('a bench that %s is ended, and says why', async (_what, answers, message) => {
    const { failure, ended } = await run(HAS_ALL, answers);
    expect(failure).toMatchObject({ status: 5, message });
    expect(ended).toBeGreaterThan(0);
  });
});
