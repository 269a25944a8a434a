import { expect, test } from '@jest/globals';
import { journalFiles } from '../../src/apply/by-hand.ts';
import type { Typed } from '../../src/core/ports.ts';
import { FACTS, live, planOf } from './host.ts';

function readme(typed: Typed): string {
  const plan = planOf([live('net.core.somaxconn', '1', '2')]);
  const intent = { kind: 'transaction', schemaVersion: 0, id: '000001', at: 'x', why: null } as const;
  const [file] = journalFiles({ ...intent, ...FACTS, plan }, typed).filter(({ name }) => name === 'README');
  return Buffer.from(file?.bytes ?? []).toString('utf8');
}

test('values of another network namespace are put back only where the way still leads there', () => {
  const enter = {
    command: 'nsenter --net --target=258',
    check: 'readlink /proc/258/ns/net',
    remark: 'only while process 258 is in net:[7]',
  };
  expect(readme({ options: '--netns 258', enter, path: (path) => path })).toContain(
    [
      '    readlink /proc/258/ns/net',
      '    nsenter --net --target=258 sysctl -p before.conf        # only while process 258 is in net:[7]',
    ].join('\n'),
  );
});
