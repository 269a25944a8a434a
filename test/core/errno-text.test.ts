import { expect, test } from '@jest/globals';
import { errnoText } from '../../src/core/errno-text.ts';

test.each([
  ['ENOSPC', 'the disk is full (ENOSPC)'],
  ['EROFS', 'the file system is read-only (EROFS)'],
  ['EXDEV', 'EXDEV'],
])('%s', (errno, text) => {
  expect(errnoText(errno)).toBe(text);
});
