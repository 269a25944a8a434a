import { expect, test } from '@jest/globals';
import { chooseKernel } from './kernel-choice.ts';

const OFFERED = ['5.10.218', '5.10.223', '5.10.262', '6.1.176', '6.12.9', '6.12.118', '7.2.12', '7.3.4'];

test.each([
  ['6.12', '6.12.118'],
  ['5.10.223', '5.10.223'],
  ['7', '7.3.4'],
  // None of the series is offered any more.
  ['5.10.257', '5.10.262'],
  ['5.10.221', '5.10.223'],
  ['6.18', '7.2.12'],
  ['6.14', '6.12.118'],
  ['6.2', '6.1.176'],
  ['8', '7.3.4'],
  ['8.1', '7.3.4'],
])('for %s of what is offered it is %s', (wanted, chosen) => {
  expect(chooseKernel(wanted, OFFERED)).toBe(chosen);
});

test('nothing offered is an error', () => {
  expect(() => chooseKernel('6.1', [])).toThrow('no kernels');
});
