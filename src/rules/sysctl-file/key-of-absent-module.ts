import { command, key, name, text } from '../../core/text.ts';
import type { ReadLine } from '../../resolve/resolution.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { defineRule, type Report, type RuleFacts, type Subject, type Surroundings } from '../rule.ts';
import { isOurLine } from '../support/settings.ts';
import { allOf, lineText, verb } from '../support/subjects.ts';

const messages = {
  absent: ({ module }: { readonly module: string }, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'sets', 'set')} what only the module ${name(module)} brings, which is not loaded: at boot that does nothing unless the module is loaded before`,
};

/** Families of which the catalogue describes only some. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^net\.(?:netfilter\.nf_conntrack_|nf_conntrack_max$)/, 'nf_conntrack'],
  [/^net\.bridge\.bridge-nf-/, 'br_netfilter'],
  [/^net\.ipv4\.vs\./, 'ip_vs'],
  [/^sunrpc\./, 'sunrpc'],
];

function moduleOf(sysctl: SysctlKey, { traits }: Surroundings): string | null {
  const entry = catalogueEntry(sysctl);
  if (entry !== undefined && traits.has(entry) !== 'yes') return null;
  return entry?.module ?? FAMILIES.find(([family]) => family.test(sysctl))?.[1] ?? null;
}

/** The vendor sets it in case the module comes, which is nobody's mistake. */
function isVendors({ file }: ReadLine): boolean {
  return file.startsWith('/usr/lib/') || file.startsWith('/lib/');
}

type Facts = Surroundings & Pick<RuleFacts, 'resolution' | 'sysctls'>;

function reportOn(line: ReadLine, facts: Facts): readonly Report<typeof messages>[] {
  const { key: sysctl, kind, ignoreFailure } = line;
  if (sysctl === null || kind === 'exclusion' || ignoreFailure || isOurLine(line)) return [];
  const module = facts.sysctls.isAbsent(sysctl) ? moduleOf(sysctl, facts) : null;
  if (module === null) return [];
  const file = `/etc/modules-load.d/${module}.conf`;
  const instruction = text`have it loaded before: ${command(`echo ${module} > ${file}`)}; if nothing here needs the module, delete the line`;
  const vendors = isVendors(line);
  return [
    {
      messageId: 'absent',
      args: { module },
      subject: { id: `${line.file}:${line.line}`, label: lineText(line) },
      cause: vendors ? `${module} vendor` : module,
      severity: vendors ? 'info' : 'low',
      confidence: 'inferred',
      evidence: [
        {
          name: text`${key(sysctl)}`,
          measured: text`is not there`,
          expected: text`the module ${name(module)}, loaded`,
        },
      ],
      remedies: vendors ? [] : [{ kind: 'investigate', instruction }],
    },
  ];
}

export const keyOfAbsentModule = defineRule({
  id: 'sysctl-file/key-of-absent-module',
  title: 'A line sets a key of a kernel module that is not loaded',
  why: 'The loader runs once, early in the boot: what a module brings later keeps its own values.',
  references: ['man 5 sysctl.d', 'man 5 modules-load.d'],
  requires: ['resolution', 'sysctls'],
  uses: [],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const reports = facts.resolution.lines.flatMap((line) => reportOn(line, facts));
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
