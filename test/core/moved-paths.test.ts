import { expect, test } from '@jest/globals';
import { movedReader, movedWriter } from '../../src/core/moved-paths.ts';
import { memoryDisk } from '../tools/memory-disk.ts';

const MOVE = { from: '/var/lib/x', to: '/run/x/7' };

test('what stands in the directory is read and written where it was moved to, and nothing else', async () => {
  const disk = memoryDisk({ '/run/x/7/a': 'moved', '/var/lib/x/a': 'not this', '/var/lib/xy': 'beside' }, {});
  const reader = movedReader(disk.reader, MOVE, { options: '--netns blue', enter: null });
  const read = (path: string) => reader.readText(path);
  expect([read('/var/lib/x/a'), read('/var/lib/xy')]).toEqual([
    { ok: true, value: 'moved' },
    { ok: true, value: 'beside' },
  ]);
  expect(reader.list('/var/lib/x')).toEqual({ ok: true, value: ['a'] });
  expect([reader.typed.path('/var/lib/x/a'), reader.typed.path('/etc')]).toEqual(['/run/x/7/a', '/etc']);

  const writer = movedWriter(disk.writer(), MOVE);
  await writer.rename('/var/lib/x/a', '/var/lib/x/b');
  expect(disk.reader.readText('/run/x/7/b')).toEqual({ ok: true, value: 'moved' });
  expect(disk.reader.readText('/var/lib/x/a')).toEqual({ ok: true, value: 'not this' });
});
