import { key, path, text, value } from '../../core/text.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { defineRule, type Report, type RuleFacts, type Subject, type Surroundings } from '../rule.ts';
import { isPackagesFile } from '../support/package-file.ts';
import { shown } from '../support/settings.ts';
import { allOf, keySubject, lineText, verb } from '../support/subjects.ts';

type Args = { readonly module: string };

const messages = {
  late: ({ module }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'is', 'are')} set before the kernel module ${value(module)} is loaded, and so not at all: at boot the key is not there yet, and no file of ${path('/etc/modules-load.d')} names the module`,
  absent: ({ module }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'is', 'are')} set by sysctl files, but the kernel module ${value(module)} is not loaded: the key is not there, and the lines do nothing`,
};

type Facts = Surroundings & Pick<RuleFacts, 'resolution' | 'writers' | 'sysctls'>;

function reportOf(sysctl: SysctlKey, module: string, facts: Facts): readonly Report<typeof messages>[] {
  const { shadowed } = facts.resolution.bootValue(sysctl);
  const line = shadowed.findLast(({ reason }) => reason === 'before-module');
  if (line === undefined) return [];
  const live = facts.sysctls.raw(sysctl);
  // The vendor sets it in case the module comes, which is nobody's mistake.
  const isVendor = live === null && isPackagesFile(line.file);
  const isApplied = live !== null && sameSetting(sysctl, live, line.value);
  const instruction = text`write ${value(module)} on a line of its own into a file of ${path('/etc/modules-load.d')}, such as ${path(`/etc/modules-load.d/${module}.conf`)}: what stands there is loaded before the sysctl files are applied`;
  return [
    {
      messageId: live === null ? 'absent' : 'late',
      args: { module },
      subject: keySubject(sysctl),
      cause: isVendor ? `${module} vendor` : module,
      severity: isVendor ? 'info' : live === null || isApplied ? 'low' : 'medium',
      confidence: 'inferred',
      evidence: [
        {
          name: text`${key(sysctl)} by ${lineText(line)}`,
          measured: live === null ? text`not there` : text`${value(shown(live))}`,
          expected: text`${value(shown(line.value))}`,
        },
      ],
      remedies: isVendor
        ? []
        : [{ kind: 'change-other-manager', manager: 'systemd-modules-load', at: null, instruction }],
    },
  ];
}

export const setBeforeModule = defineRule({
  id: 'sysctl/set-before-module',
  title: 'A key is set before the kernel module that brings it is loaded',
  why: 'The loader passes over keys that are not there yet, and nothing applies the line again once the module comes.',
  references: ['man 5 modules-load.d', 'man 5 sysctl.d'],
  requires: ['resolution', 'writers', 'sysctls'],
  uses: [],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const keys = new Set(facts.resolution.attempts.map((attempt) => attempt.key));
    const reports = [...keys].flatMap((sysctl) => {
      const module = facts.writers.lateModule(sysctl);
      return module === null ? [] : reportOf(sysctl, module, facts);
    });
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
