import { expect, test } from '@jest/globals';
import { whyNoDropInName } from '../../src/sysctl/own-drop-in.ts';

test.each([
  '90-backlogctl.conf',
  '99-zz-backlogctl.conf',
  'zz.conf',
  '_x.conf',
  'a.b.conf',
  `${'x'.repeat(238)}.conf`,
])('%s may be the name of our drop-in', (name) => {
  expect(whyNoDropInName(name)).toBeNull();
});

test.each([
  ['99-x', /does not end in \.conf/],
  ['99-x.conf.bak', /does not end in \.conf/],
  ['.conf', /begins with a dot/],
  ['.x.conf', /begins with a dot/],
  ['../x.conf', /is a path/],
  ['/etc/sysctl.d/x.conf', /is a path/],
  ['-x.conf', /letters, digits/],
  ['9 9.conf', /letters, digits/],
  ['99-*.conf', /letters, digits/],
  ['99-[a].conf', /letters, digits/],
  ['99-ü.conf', /letters, digits/],
  ['99\n.conf', /letters, digits/],
  ['99.conf\n', /does not end in \.conf/],
  ['', /does not end in \.conf/],
  [`${'x'.repeat(239)}.conf`, /more than 243 characters/],
])('%j may not', (name, why) => {
  expect(whyNoDropInName(name)).toMatch(why);
});
