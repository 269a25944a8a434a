import { describe, expect, test } from '@jest/globals';
import { plainText, text } from '../../../src/core/text.ts';
import type { Subject } from '../../../src/rules/rule.ts';
import { allOf } from '../../../src/rules/support/subjects.ts';

function on(...sockets: readonly (readonly [who: string, on: string])[]): readonly Subject[] {
  return sockets.map(([who, place], index) => ({
    id: `tcp:${place}#${index}`,
    label: text`${who} on ${place}`,
    listener: { who, on: place },
  }));
}

const BOTH = [
  ['nginx', '0.0.0.0:80'],
  ['nginx', '[::]:80'],
] as const;

describe('subjects in a sentence', () => {
  test.each([
    ['one listener', on(['nginx', '0.0.0.0:80']), 'nginx on 0.0.0.0:80'],
    ['one server', on(...BOTH), 'nginx on 0.0.0.0:80 and [::]:80'],
    [
      'sockets that share an address',
      on(['app', '*:443'], ['app', '*:443'], ['app', '*:443']),
      'app on *:443 (3 sockets)',
    ],
    [
      'many sockets of one server',
      on(...BOTH, ['nginx', '*:81'], ['nginx', '*:82'], ['nginx', '*:83']),
      'nginx on 0.0.0.0:80, [::]:80, *:81 and 2 more',
    ],
    ['two servers', on(...BOTH, ['node', '*:3000']), 'nginx on 0.0.0.0:80 and [::]:80, and node on *:3000'],
    [
      'one whose sockets are not beside each other',
      on(['nginx', '0.0.0.0:80'], ['node', '*:3000'], ['nginx', '[::]:80']),
      'nginx on 0.0.0.0:80 and [::]:80, and node on *:3000',
    ],
    [
      'four servers',
      on(['a', '*:1'], ['b', '*:2'], ['c', '*:3'], ['d', '*:4']),
      'a on *:1, b on *:2, c on *:3 and d on *:4',
    ],
    [
      'five servers',
      on(['a', '*:1'], ['b', '*:2'], ['c', '*:3'], ['d', '*:4'], ['e', '*:5']),
      'a on *:1, b on *:2, c on *:3 and 2 other servers',
    ],
    ['sockets of nobody knows whom', on(['?', '*:1'], ['?', '*:2']), '*:1 and *:2'],
    [
      'keys',
      [
        { id: 'a', label: text`a` },
        { id: 'b', label: text`b` },
      ],
      'a and b',
    ],
    ['nothing', [], ''],
  ])('%s', (_, subjects, words) => {
    expect(plainText(allOf(subjects))).toBe(words);
  });
});
