import { describe, expect, test } from '@jest/globals';
import { reportOtherNamespaces } from '../../src/collect/other-namespaces.ts';
import { unseenLog } from '../../src/collect/unseen.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const LISTENER = `${HEAD}   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31 1\n`;
const CONNECTION = `${HEAD}   0: 0100007F:0A0A 0100007F:0A0A 01 00000000:00000000 00:00000000 00000000     0        0 32 1\n`;

/** A process in a network namespace, with that namespace's table. */
function processIn(pid: number | 'self', namespace: number, table = LISTENER): MemoryTree {
  return {
    [`/proc/${pid}/ns/net`]: { link: `net:[${namespace}]` },
    [`/proc/${pid}/net/tcp`]: table,
    [`/proc/${pid}/net/tcp6`]: HEAD,
  };
}

function report(tree: MemoryTree, uid = 0) {
  const unseen = unseenLog({ uid, pid: 100 });
  reportOtherNamespaces(memoryHost({ tree }).reader, { uid, pid: 100 }, unseen);
  return unseen.entries;
}

const HOST: MemoryTree = { ...processIn('self', 1), ...processIn(1, 1), ...processIn(100, 1) };

describe('other network namespaces', () => {
  test.each<[string, MemoryTree]>([
    ['no process is in one', HOST],
    ['process 1 is in another', { ...HOST, ...processIn(1, 2), ...processIn(3, 2) }],
    ['nothing listens in it', { ...HOST, ...processIn(812, 2, CONNECTION) }],
    ['nobody says which is ours', { ...processIn(812, 2) }],
  ])('are not mentioned where %s', (_what, tree) => {
    expect(report(tree)).toEqual([]);
  });

  test('are counted once each, with processes to go to', () => {
    const tree = { ...HOST, ...processIn(812, 2), ...processIn(813, 2), ...processIn(900, 3) };
    expect(report(tree)).toEqual([
      {
        what: '2 other network namespaces',
        why: 'listeners there were not looked at: run backlogctl inside each, as with nsenter --net --target 812, nsenter --net --target 900',
      },
    ]);
  });

  test('are named three at most', () => {
    const many = [2, 3, 4, 5, 6].map((namespace) => processIn(800 + namespace, namespace));
    const [entry] = report(Object.assign({}, HOST, ...many));
    expect(entry?.what).toBe('5 other network namespaces');
    expect(entry?.why.match(/--target \d+/g)).toEqual(['--target 802', '--target 803', '--target 804']);
  });

  test('count where their table may not be read', () => {
    const denied = { '/proc/812/net/tcp': { text: '', denied: true } };
    expect(report({ ...HOST, ...processIn(812, 2, HEAD), ...denied })).toHaveLength(1);
  });

  test('are not looked for by others than root', () => {
    expect(report({ ...HOST, ...processIn(812, 2) }, 65534)).toEqual([]);
  });
});
