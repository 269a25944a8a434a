import { expect, test } from '@jest/globals';
import { kernelsOffered, onKernel } from '../tools/guest.ts';
import { chooseKernel } from '../tools/kernel-choice.ts';
import { describeWith, GUEST_PROGRAMS } from '../tools/requirements.ts';

const POINTS = 60;
const LONGEST_MS = 280_000;

type Lab = {
  readonly kernel: { readonly version: string };
  readonly exact: number;
  readonly total: number;
  readonly points: readonly { readonly exact: boolean }[];
};

/** Kernels as the tests ask for them; one that is no longer offered is replaced by the nearest, and said so. */
export function everyKernelAgrees(wanted: readonly string[]): void {
  describeWith(GUEST_PROGRAMS, 'the model and real kernels', () => {
    test.each(wanted)(
      'Linux %s does what the model says',
      async (version) => {
        const chosen = chooseKernel(version, await kernelsOffered());
        if (!`${chosen}.`.startsWith(`${version}.`))
          process.stderr.write(`Linux ${version} is not offered any more: ${chosen} stands for it\n`);
        const argv = ['node', 'bin/backlogctl.js', 'lab', '--matrix', String(POINTS), '--json'];
        const lab: Lab = JSON.parse(await onKernel(chosen, argv));
        process.stderr.write(`Linux ${lab.kernel.version}: ${lab.exact} of ${lab.total} points exact\n`);
        expect(lab.kernel.version).toBe(chosen);
        expect(lab.points.filter(({ exact }) => !exact)).toEqual([]);
        expect([lab.exact, lab.total]).toEqual([POINTS, POINTS]);
      },
      LONGEST_MS,
    );
  });
}
