import { expect, test } from '@jest/globals';
import { canFetch, kernelsOffered, onKernel } from '../tools/guest.ts';
import { chooseKernel } from '../tools/kernel-choice.ts';
import { describeWith, GUEST_PROGRAMS } from '../tools/requirements.ts';

const POINTS = 60;

type Lab = {
  readonly kernel: { readonly version: string };
  readonly exact: number;
  readonly total: number;
  readonly points: readonly { readonly exact: boolean }[];
};

/** Without KVM, on a machine with other work. */
const LONGEST_SECONDS = 420;

/** The kernel that is asked for, or the nearest that can be had. */
async function obtained(wanted: string): Promise<string> {
  let offered = await kernelsOffered();
  for (;;) {
    const chosen = chooseKernel(wanted, offered);
    if (await canFetch(chosen)) return chosen;
    const series = chosen.replace(/\d+$/, '');
    // A patch level was meant: then the next one of the same series is the nearest.
    const isPatchMeant = wanted.split('.').length > 2;
    offered = offered.filter((each) => (isPatchMeant ? each !== chosen : !each.startsWith(series)));
  }
}

export function everyKernelAgrees(wanted: readonly string[]): void {
  describeWith(GUEST_PROGRAMS, 'the model and real kernels', () => {
    test.each(wanted)(
      'Linux %s does what the model says',
      async (version) => {
        const chosen = await obtained(version);
        if (!`${chosen}.`.startsWith(`${version}.`))
          process.stderr.write(`Linux ${version} cannot be had any more: ${chosen} stands for it\n`);
        const argv = ['node', 'bin/backlogctl.js', 'lab', '--matrix', String(POINTS), '--json'];
        const lab: Lab = JSON.parse(await onKernel(chosen, argv, LONGEST_SECONDS));
        process.stderr.write(`Linux ${lab.kernel.version}: ${lab.exact} of ${lab.total} points exact\n`);
        expect(lab.kernel.version).toBe(chosen);
        expect(lab.points.filter(({ exact }) => !exact)).toEqual([]);
        expect([lab.exact, lab.total]).toEqual([POINTS, POINTS]);
      },
      (LONGEST_SECONDS + 120) * 1000,
    );
  });
}
