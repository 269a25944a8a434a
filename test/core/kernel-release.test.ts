import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compareKernelVersions,
  formatKernelVersion,
  isAnyKernel,
  isExactKernel,
  kernelVersion,
  parseKernelRelease,
  parseKernelText,
  parseKernelVersion,
} from '../../src/core/kernel-release.ts';

/** Release, lowest and highest version, what the vendor adds. */
const RELEASES = [
  ['6.1.0-40-amd64', '6.1.0', '6.1.x', 'none'],
  ['5.10.0-46-cloud-amd64', '5.10.0', '5.10.x', 'none'],
  ['6.12.41+deb13-amd64', '6.12.41', '6.12.41', 'none'],
  ['4.19.0-21', '4.19.0', '4.19.x', 'none'],
  ['5.15.0-91-generic', '5.15.0', '5.15.x', 'fixes'],
  ['6.8.0-1015-aws', '6.8.0', '6.8.x', 'fixes'],
  ['6.8.12-4-pve', '6.8.12', '6.8.12', 'fixes'],
  ['4.15.0-117', '4.15.0', '4.15.x', 'none'],
  ['5.14.0-503.el9.x86_64', '5.14.0', '5.14.x', 'features'],
  ['5.14.0-503.11.1.el9_5.x86_64+rt', '5.14.0', '5.14.x', 'features'],
  ['4.18.0-553.el8_10.x86_64', '4.18.0', '4.18.x', 'features'],
  ['3.10.0-1160.119.1.el7.x86_64', '3.10.0', '3.10.x', 'features'],
  ['6.12.0-55.el10', '6.12.0', '6.12.x', 'features'],
  ['6.9.7-1.el9.elrepo.x86_64', '6.9.7', '6.9.7', 'none'],
  ['5.4.17-2136.300.7.el8uek.x86_64', '5.4.17', '5.4.17', 'features'],
  ['5.15.0-100.96.32.el8uek.x86_64', '5.15.0', '5.15.x', 'features'],
  ['6.4.0-150600.23.25-default', '6.4.0', '6.4.x', 'features'],
  ['4.12.14-122.37-default', '4.12.14', '4.12.14', 'features'],
  ['4.12.14-lp151.28.91-default', '4.12.14', '4.12.14', 'features'],
  ['6.11.3-1-default', '6.11.3', '6.11.3', 'none'],
  ['5.10.0-60.18.0.50.oe2203.x86_64', '5.10.0', '5.10.x', 'features'],
  ['6.1.119-129.201.amzn2023.x86_64', '6.1.119', '6.1.119', 'none'],
  ['4.14.0-amzn2', '4.14.0', '4.14.x', 'none'],
  ['5.15.153.1-microsoft-standard-WSL2', '5.15.153', '5.15.153', 'none'],
  ['6.18.44-cloud', '6.18.44', '6.18.44', 'none'],
  ['6.13.0-rc3', '6.12.0', '6.13.0', 'none'],
  ['6.13-rc6-amd64', '6.12.0', '6.13.0', 'none'],
  ['7.0.0-rc1', '6.19.0', '7.0.0', 'none'],
  ['5.0.0-rc1', '4.20.0', '5.0.0', 'none'],
  ['2.6.32', '2.6.32', '2.6.32', 'none'],
  ['6.18', '6.18.0', '6.18.x', 'none'],
] as const;

describe('a release', () => {
  test.each(RELEASES)('%s is %s to %s, backports %s', (release, low, high, backports) => {
    const parsed = parseKernelRelease(release);
    expect(parsed).toMatchObject({ release, backports, from: 'uname -r' });
    expect(parsed && formatKernelVersion(parsed.range.low)).toBe(low);
    expect(parsed && formatKernelVersion(parsed.range.high)).toBe(high);
  });

  test.each(['', 'garbage', '6', 'v6.1', ' 6.1', '.1.2', 'Linux 6.1.0', '-6.1'])('%j is none', (release) => {
    expect(parseKernelRelease(release)).toBeNull();
  });

  test.each([
    [kernelVersion(6, 1, 0), '6.1.0'],
    [kernelVersion(6, 1, Number.POSITIVE_INFINITY), '6.1.x'],
    [kernelVersion(Number.POSITIVE_INFINITY, 0), 'newest'],
  ])('%j is written %s', (version, written) => {
    expect(formatKernelVersion(version)).toBe(written);
    expect(isAnyKernel({ low: kernelVersion(3, 10), high: version })).toBe(written === 'newest');
  });

  test('of any text never throws, and its range is not upside down', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(99), fc.nat(99), (tail, major, minor) => {
        const parsed = parseKernelRelease(`${major}.${minor}${tail}`);
        expect(parsed && compareKernelVersions(parsed.range.low, parsed.range.high)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the true version', () => {
  test.each([
    ['6.1.0-40-amd64', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)', null, '6.1.153', 'uname -v'],
    ['5.10.0-46-cloud-amd64', '#1 SMP Debian 5.10.262-1 (2026-10-01)', null, '5.10.262', 'uname -v'],
    ['6.12.9+bpo-amd64', '#1 SMP Debian 6.12.9-1~bpo12+1 (2025-01-19)', null, '6.12.9', 'uname -v'],
    [
      '5.15.0-91-generic',
      '#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023',
      'Ubuntu 5.15.0-91.101-generic 5.15.131\n',
      '5.15.131',
      '/proc/version_signature',
    ],
  ])('of %s', (release, build, signature, version, from) => {
    const parsed = parseKernelRelease(release, build, signature);
    expect(parsed?.from).toBe(from);
    expect(parsed && isExactKernel(parsed.range)).toBe(true);
    expect(parsed && formatKernelVersion(parsed.range.low)).toBe(version);
  });

  test('of a release candidate stays a range', () => {
    const parsed = parseKernelRelease('6.13-rc6-amd64', '#1 SMP Debian 6.13~rc6-1~exp1 (2025-01-08)');
    expect(parsed && [parsed.range.low, parsed.range.high].map(formatKernelVersion)).toEqual([
      '6.12.0',
      '6.13.0',
    ]);
  });

  test.each(['#1 SMP PREEMPT_DYNAMIC @0', '#1 SMP Debian unstable', ''])('is not in %j', (build) => {
    expect(parseKernelRelease('6.1.0-40-amd64', build)?.from).toBe('uname -r');
  });
});

test.each([
  ['6.1', kernelVersion(6, 1)],
  ['6.1.153', kernelVersion(6, 1, 153)],
  ['5.15.153.1', kernelVersion(5, 15, 153)],
  ['6', null],
])('the version %j', (text, expected) => {
  expect(parseKernelVersion(text)).toEqual(expected);
});

test('versions compare by number, an unknown patch level above every known one', () => {
  const ordered = ['2.6.32', '3.10.0', '5.4.289', '5.4.290', '5.10.1', '6.1.9', '6.1.10'].map((text) =>
    parseKernelVersion(text),
  );
  const open = { ...kernelVersion(6, 1), patch: Number.POSITIVE_INFINITY };
  const all = [...ordered.flatMap((version) => version ?? []), open];
  expect([...all].reverse().sort(compareKernelVersions)).toEqual(all);
  expect(compareKernelVersions(open, open)).toBe(0);
});

describe('a kernel as people copy it', () => {
  test.each([
    ['6.1.153', '6.1.153', '6.1.153', 'uname -r'],
    ['  6.1.0-40-amd64\n', '6.1.0', '6.1.x', 'uname -r'],
    ['6.1.0-40-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)', '6.1.153', '6.1.153', 'uname -v'],
    [
      'Linux db1 5.10.0-46-cloud-amd64 #1 SMP Debian 5.10.262-1 (2026-09-01) x86_64 GNU/Linux',
      '5.10.262',
      '5.10.262',
      'uname -v',
    ],
    [
      'Linux version 6.1.0-40-amd64 (debian-kernel@lists.debian.org) (gcc-12) #1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)',
      '6.1.153',
      '6.1.153',
      'uname -v',
    ],
    [
      'Linux version 5.15.0-91-generic (buildd@lcy02-amd64-045) (gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0, GNU ld 2.38) #101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023',
      '5.15.0',
      '5.15.x',
      'uname -r',
    ],
    [
      'Linux version 5.14.0-503.11.1.el9_5.x86_64 (mockbuild@x86-64) (gcc (GCC) 11.5.0, GNU ld version 2.35.2) #1 SMP PREEMPT_DYNAMIC Tue Nov 12 09:26:05 EST 2024',
      '5.14.0',
      '5.14.x',
      'uname -r',
    ],
    [
      'Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) (gcc (GCC) 11.2.0, GNU ld (GNU Binutils) 2.37) #1 SMP Fri Mar 29 23:14:13 UTC 2024',
      '5.15.153',
      '5.15.153',
      'uname -r',
    ],
    ['Ubuntu 5.15.0-91.101-generic 5.15.131', '5.15.131', '5.15.131', '/proc/version_signature'],
    ['Ubuntu 6.8.0-60.63~22.04.1-generic 6.8.12', '6.8.12', '6.8.12', '/proc/version_signature'],
  ])('%j', (text, low, high, from) => {
    const parsed = parseKernelText(text);
    expect(parsed && formatKernelVersion(parsed.range.low)).toBe(low);
    expect(parsed && formatKernelVersion(parsed.range.high)).toBe(high);
    expect(parsed?.from).toBe(from);
  });

  test('the signature tells the release, so that what the vendor adds is known', () => {
    expect(parseKernelText('Ubuntu 5.15.0-91.101-generic 5.15.131')).toMatchObject({
      release: '5.15.0-91-generic',
      backports: 'fixes',
    });
  });

  test.each(['', 'Debian', 'Linux', 'Linux version', '6', 'Ubuntu', 'x 6.1.0', '6.1.0 and more'])(
    '%j is none',
    (text) => {
      expect(parseKernelText(text)).toBeNull();
    },
  );
});
