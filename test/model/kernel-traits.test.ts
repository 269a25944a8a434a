import { describe, expect, test } from '@jest/globals';
import { kernelTraitsOf } from '../../src/model/kernel-traits.ts';

const POWER = 'power-of-two';
const AT = 'at-limit';
const ABOVE = 'above-limit';

describe('the SYN queue full test', () => {
  test.each([
    ['2.6.32', [POWER]],
    ['3.10.105', [POWER]],
    ['3.13.0-170-generic', [POWER]],
    ['4.3.6', [POWER]],
    ['4.4.0', [AT]],
    ['4.9.337', [AT]],
    ['4.19.325', [AT]],
    ['5.3.18', [AT]],
    ['5.4.289', [AT]],
    ['5.4.290', [ABOVE]],
    ['5.5.19', [AT]],
    ['5.10.233', [AT]],
    ['5.10.234', [ABOVE]],
    ['5.11.22', [AT]],
    ['5.15.176', [AT]],
    ['5.15.177', [ABOVE]],
    ['5.16.20', [AT]],
    ['6.1.124', [AT]],
    ['6.1.125', [ABOVE]],
    ['6.2.16', [AT]],
    ['6.6.71', [AT]],
    ['6.6.72', [ABOVE]],
    ['6.7.12', [AT]],
    ['6.8.12', [AT]],
    ['6.11.11', [AT]],
    ['6.12.9', [AT]],
    ['6.12.10', [ABOVE]],
    ['6.13.0', [ABOVE]],
    ['6.13.2', [ABOVE]],
    ['6.18.44', [ABOVE]],
    ['7.2.12', [ABOVE]],
    // The patch level is not known.
    ['5.4.0-216-generic', [AT, ABOVE]],
    ['5.10.0-46-cloud-amd64', [AT, ABOVE]],
    ['6.1.0', [AT, ABOVE]],
    ['6.6.0', [AT, ABOVE]],
    ['6.12.0', [AT, ABOVE]],
    ['6.8.0', [AT]],
    ['4.15.0-117', [AT]],
    ['6.18.0', [ABOVE]],
    // A candidate lies between two versions.
    ['6.13.0-rc3', [AT, ABOVE]],
    ['4.4.0-rc1', [POWER, AT]],
    // Ubuntu collects fixes where upstream has stopped, but only those that a branch at least as old had.
    ['6.8.0-60-generic', [AT, ABOVE]],
    ['6.11.0-1010-azure', [AT, ABOVE]],
    ['6.8.12-4-pve', [AT, ABOVE]],
    ['4.15.0-117-generic', [AT]],
    // A vendor that takes single changes may have taken this one, but not the redesign of 4.4.
    ['5.14.0-503.el9.x86_64', [AT, ABOVE]],
    ['4.18.0-553.el8_10.x86_64', [AT, ABOVE]],
    ['3.10.0-1160.el7.x86_64', [POWER]],
    // Nothing known at all.
    ['', [POWER, AT, ABOVE]],
  ])('of %s', (release, expected) => {
    expect(kernelTraitsOf(release, null).synQueueFull).toEqual(expected);
  });

  test.each([
    ['6.1.0-40-amd64', '6.1.153', [ABOVE]],
    ['6.1.0-28-amd64', '6.1.119', [AT]],
    ['5.15.0-91-generic', '5.15.131', [AT]],
    ['6.8.0-60-generic', '6.8.12', [AT, ABOVE]],
    ['not a release', '6.18.3', [ABOVE]],
  ])('of %s that is %s', (release, version, expected) => {
    const traits = kernelTraitsOf(release, version);
    expect(traits.synQueueFull).toEqual(expected);
    expect(traits.kernel.release).toBe(release);
  });
});

describe('other traits', () => {
  test.each([
    ['3.10.105', [16], [false], [false], [false], 'source-derived'],
    ['3.11.10', [16], [false], [false], [false], 'source-derived'],
    ['3.12.0', [16], [false], [false], [true], 'source-derived'],
    ['4.0.9', [16], [false], [false], [true], 'source-derived'],
    ['4.1.0', [32], [false], [false], [true], 'source-derived'],
    ['4.9.154', [32], [false], [false], [true], 'source-derived'],
    ['4.10.17', [32], [true], [false], [true], 'source-derived'],
    ['4.12.14', [32], [true], [false], [true], 'source-derived'],
    ['4.13.16', [32], [true], [false, true], [true], 'source-derived'],
    ['4.14.336', [32], [true], [false, true], [true], 'source-derived'],
    ['4.15.18', [32], [true], [true], [true], 'source-derived'],
    ['5.9.16', [32], [true], [true], [true], 'source-derived'],
    ['5.10.223', [32], [true], [true], [true], 'measured'],
    ['7.2.13', [32], [true], [true], [true], 'measured'],
    ['3.10.0-1160.el7', [16, 32], [false, true], [false, true], [false, true], 'source-derived'],
  ])('of %s', (release, limitBits, dropsEverySyn, exempts, always, evidence) => {
    const traits = kernelTraitsOf(release, null);
    expect(traits.limitBits).toEqual(limitBits);
    expect(traits.fullAcceptQueueDropsEverySyn).toEqual(dropsEverySyn);
    expect([...traits.exemptsProvenPeers].sort()).toEqual(exempts);
    expect(traits.alwaysCookies).toEqual(always);
    expect(traits.evidence).toBe(evidence);
  });
});

describe('dated facts', () => {
  const DATED = [
    { since: '3.10', is: 128 },
    { since: '5.4', is: 4096 },
    { since: '6.12.10', is: 8192 },
  ];

  test.each([
    ['2.6.32', []],
    ['5.3.18', [128]],
    ['5.4.0', [4096]],
    ['6.12.9', [4096]],
    ['6.12.0', [4096, 8192]],
    ['6.13.0', [8192]],
    ['5.4.0-rc2', [128, 4096]],
    ['4.18.0-553.el8_10', [128, 4096, 8192]],
    ['6.8.0-60-generic', [4096]],
    ['', [128, 4096, 8192]],
  ])('that hold on %s', (release, expected) => {
    expect(kernelTraitsOf(release, null).current(DATED)).toEqual(expected);
  });

  test.each([
    ['4.11.12', { removed: '4.12' }, 'yes'],
    ['4.12.0', { removed: '4.12' }, 'no'],
    ['4.12.0-rc1', { removed: '4.12' }, 'maybe'],
    ['4.18.0-553.el8_10', { removed: '4.12' }, 'no'],
    ['3.10.0-1160.el7', { removed: '4.12' }, 'yes'],
    ['6.4.16', { introduced: '6.5' }, 'no'],
    ['6.5.0', { introduced: '6.5' }, 'yes'],
    ['6.4.0-150600.23.25-default', { introduced: '6.5' }, 'maybe'],
    ['2.6.32', {}, 'yes'],
    ['', { introduced: '3.12' }, 'maybe'],
  ] as const)('whether %s has a key with the life %j', (release, life, expected) => {
    expect(kernelTraitsOf(release, null).has(life)).toBe(expected);
  });

  test('with a mistake in them are a bug of ours', () => {
    expect(() => kernelTraitsOf('6.1.1', null).current([{ since: 'six', is: 1 }])).toThrow(
      'not a kernel version',
    );
  });
});

describe('the share of a receive buffer that is window', () => {
  test.each([
    ['5.10.223', ['adv-win-scale']],
    ['6.5.13', ['adv-win-scale']],
    ['6.6.32', ['ratio-65']],
    ['6.6.33', ['ratio-128']],
    ['6.6.0-14-amd64', ['ratio-65', 'ratio-128']],
    ['6.7.12', ['ratio-65', 'ratio-128']],
    ['6.8.1', ['ratio-65']],
    ['6.8.2', ['ratio-65', 'ratio-128']],
    ['6.9.3', ['ratio-65', 'ratio-128']],
    ['6.10.1', ['ratio-128']],
    ['6.18.44', ['ratio-128']],
    ['7.2.12', ['ratio-128']],
    // Whole changes may have been taken in; stable fixes may have been.
    ['5.14.0-503.el9', ['adv-win-scale', 'ratio-65', 'ratio-128']],
    ['6.12.0-55.el10', ['ratio-128']],
    ['6.8.0-60-generic', ['ratio-65', 'ratio-128']],
    ['5.15.0-91-generic', ['adv-win-scale']],
  ])('on %s', (release, expected) => {
    expect(kernelTraitsOf(release, null).windowShare).toEqual(expected);
  });
});

test.each([
  ['4.19.84', [false]],
  ['4.19.90', [true, false]],
  ['4.20.1', [true]],
  ['5.4.1', [true]],
])('the first window is the whole one on %s: %j', (release, expected) => {
  expect([...kernelTraitsOf(release, null).firstWindowIsWhole].sort()).toEqual([...expected].sort());
});
