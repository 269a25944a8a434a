import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith, SANDBOX_PROGRAMS } from '../tools/requirements.ts';
import { openSandbox, type Sandbox } from '../tools/sandbox.ts';

const RUNS = 40;
const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';

/** Each run wants values of its own: who wins is told by any of them. */
const valuesOf = (run: number) => ({
  'net.core.somaxconn': 5000 + run,
  'net.ipv4.tcp_max_syn_backlog': 6000 + run,
  'net.ipv4.tcp_keepalive_time': 7300 + run,
});
const KEYS = Object.keys(valuesOf(0));

function profileOf(run: number): string {
  const settings = Object.entries(valuesOf(run)).map(
    ([key, value]) => `  ${key}: { exactly: ${value}, because: it is number ${run}, source: this test }\n`,
  );
  const head = `kind: profile\nschemaVersion: 0\nname: number-${run}\nsummary: Of run ${run}.\nsettings:\n`;
  return head + settings.join('');
}

/** 0: applied whole. 5: refused. 75: another run was at it. */
const ANSWERS = ['0', '5', '75'];

type History = {
  readonly transactions: readonly { readonly id: string; readonly state: string }[];
};

describeWith(SANDBOX_PROGRAMS, `${RUNS} runs at once`, () => {
  let sandbox: Sandbox;
  const sh = (script: string) => sandbox.output(['sh', '-euc', script], { timeoutMs: 240_000 });
  beforeAll(async () => {
    sandbox = await openSandbox();
    await sh('mkdir /run/p');
    for (let run = 1; run <= RUNS; run += 1) await sandbox.writeFile(`/run/p/${run}.yaml`, profileOf(run));
  });
  afterAll(async () => sandbox?.close());

  test('each is carried out whole or not at all, and what stands is of one of them', async () => {
    // In four waves, so that the lock changes hands.
    const apply =
      'sleep $(($1 % 4 * 3)); node /run/product/bin/backlogctl.js apply --profile /run/p/$1.yaml --allow-lower --yes >/run/p/$1.out 2>&1';
    const answers = await sh(`seq ${RUNS} | xargs -P ${RUNS} -I{} sh -c '${apply}; echo "$1 $?"' sh {}`);
    const statusOf = new Map(
      answers
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
    expect(statusOf.size).toBe(RUNS);
    expect([...statusOf.values()].filter((status) => !ANSWERS.includes(status))).toEqual([]);
    const applied = [...statusOf].filter(([, status]) => status === '0').map(([run]) => Number(run));
    expect(applied.length).toBeGreaterThan(0);

    const values = (await sh(`sysctl -n ${KEYS.join(' ')}`)).trim().split('\n').map(Number);
    const winner = (values[0] ?? 0) - 5000;
    expect(applied).toContain(winner);
    expect(values).toEqual(Object.values(valuesOf(winner)));
    const lines = (await sh(`grep -v '^#' ${DROP_IN}`))
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    expect(lines.sort()).toEqual(
      Object.entries(valuesOf(winner))
        .map(([key, value]) => `${key} = ${value}`)
        .sort(),
    );
    expect(await sh('ls -A /etc/sysctl.d')).toBe('90-backlogctl.conf\n');

    const { transactions } = JSON.parse(
      await sh('node /run/product/bin/backlogctl.js history --json'),
    ) as History;
    expect(transactions.map(({ state }) => state)).toEqual(applied.map(() => 'committed'));
    process.stdout.write(`\n${RUNS} runs at once: ${applied.length} were carried out, the others refused\n`);
  }, 300_000);

  test('and all of them are taken back', async () => {
    const { status } = await sandbox.backlogctl(['rollback', '--all']);
    expect(status).toBe(0);
    expect(await sh('ls -A /etc/sysctl.d; sysctl -n net.core.somaxconn')).toBe('4096\n');
  });
});
