import { expect, test } from '@jest/globals';
import type { Transaction } from '../../src/apply/journal.ts';
import { bootTargets } from '../../src/pipeline/boot-targets.ts';
import { type Files, withFile } from '../../src/plan/files.ts';
import type { FileStep } from '../../src/plan/plan.ts';
import { DROP_IN, FACTS, file, planOf, takingOver } from '../apply/host.ts';
import { hostOf } from '../rules/host.ts';

const KEY = 'net.core.somaxconn';
const CONF = '/etc/sysctl.conf';
const THEIRS = `# theirs\n${KEY} = 512\n`;
const MADE = file(DROP_IN, null, `${KEY} = 8192\n`);
const TAKEN = takingOver(CONF, THEIRS, KEY, 2);
const LINK = {
  path: '/etc/sysctl.d/99-sysctl.conf',
  kind: 'link',
  target: '../sysctl.conf',
  text: THEIRS,
} as const;

function transactionOf(...steps: readonly FileStep[]): Transaction {
  const at = '2026-11-20T10:00:00Z';
  const intent = {
    kind: 'transaction',
    schemaVersion: 0,
    id: '000001',
    at,
    why: null,
    ...FACTS,
    plan: planOf(steps),
  } as const;
  return { intent, state: { kind: 'committed', at }, torn: false, records: [] };
}

function after(files: Files, steps: readonly FileStep[]): Files {
  return steps.reduce((now, { target, to }) => withFile(now, target.path, to), files);
}

const theirs = () => hostOf({ files: { [CONF]: THEIRS }, loader: 'procps' });

test('once a takeover is taken back the line of the other file decides again', () => {
  const snapshot = theirs();
  const files = after(snapshot.sysctlFiles ?? [], [MADE, TAKEN]);
  expect(bootTargets({ ...snapshot, sysctlFiles: files })(transactionOf(MADE, TAKEN))(KEY)).toBe('512');
});

test('and what somebody else changed in that file since counts', () => {
  const snapshot = theirs();
  const files = after(snapshot.sysctlFiles ?? [], [MADE, TAKEN]).map((each) =>
    each.path === CONF ? { ...each, text: `${each.text}net.ipv4.tcp_fin_timeout = 9\n` } : each,
  );
  const targets = bootTargets({ ...snapshot, sysctlFiles: files })(transactionOf(MADE, TAKEN));
  expect([targets(KEY), targets('net.ipv4.tcp_fin_timeout')]).toEqual(['512', '9']);
});

test('through a link that leads to it as well', () => {
  const snapshot = { ...theirs(), loader: { kind: { ok: true, value: 'systemd' } } } as const;
  const files = after([...(snapshot.sysctlFiles ?? []), LINK], [MADE, TAKEN]);
  expect(files.find(({ path }) => path === LINK.path)?.text).toBe(TAKEN.to?.text);
  expect(bootTargets({ ...snapshot, sysctlFiles: files })(transactionOf(MADE, TAKEN))(KEY)).toBe('512');
});
