import { key, type Text, text } from '../../core/text.ts';
import type { ReadLine } from '../../resolve/resolution.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { defineRule, type Report, type RuleFacts, type Subject, type Surroundings } from '../rule.ts';
import { deleteLine } from '../support/settings.ts';
import { allOf, lineText, verb } from '../support/subjects.ts';

type Args = { readonly key: string; readonly because: string };

const messages = {
  gone: ({ key: sysctl, because }: Args, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'sets', 'set')} ${key(sysctl)}, which this kernel does not have: ${because}`,
};

type Facts = Surroundings & Pick<RuleFacts, 'resolution' | 'sysctls'>;

/** Why a key is not there, and what to do with the line. */
type Gone = { readonly because: string; readonly instead: Text };

const OLD_CONNTRACK = /^net\.ipv4\.(?:netfilter\.)?ip_conntrack_(\w+)$/;

/** The old names were kept beside the new ones up to Linux 4.8 (adf0516845bc). */
const CONNTRACK_RENAMED = { removed: '4.9' };

const ONLY_ELSEWHERE: ReadonlyMap<SysctlKey, string> = new Map([
  ['net.ipv4.tcp_tw_timeout', 'only the kernels of one cloud do, and TIME_WAIT lasts 60 s here'],
]);

const IN_SHORT: ReadonlyMap<SysctlKey, string> = new Map([
  ['net.ipv4.tcp_tw_recycle', 'Linux 4.12 took it away, as it dropped clients behind NAT'],
]);

function goneKey(sysctl: SysctlKey, { traits }: Facts): Gone | null {
  const elsewhere = ONLY_ELSEWHERE.get(sysctl);
  const instead = text`delete the line: it does nothing, and ${key('sysctl -p')} fails on it`;
  if (elsewhere !== undefined) return { because: elsewhere, instead };
  const renamed = OLD_CONNTRACK.exec(sysctl)?.[1];
  if (renamed !== undefined) {
    if (traits.has(CONNTRACK_RENAMED) !== 'no') return null;
    const now = `net.netfilter.nf_conntrack_${renamed}`;
    return {
      because: `it is called ${now} now`,
      instead: text`write ${key(now)} instead, or delete the line`,
    };
  }
  const entry = catalogueEntry(sysctl);
  if (entry?.removed === undefined || traits.has(entry) !== 'no') return null;
  return { because: IN_SHORT.get(sysctl) ?? `Linux ${entry.removed} took it away`, instead };
}

function reportOn(line: ReadLine, facts: Facts): readonly Report<typeof messages>[] {
  const { key: sysctl, kind, ignoreFailure } = line;
  // Who writes `-key = value` knows that it may not be there.
  if (sysctl === null || kind === 'exclusion' || ignoreFailure || line.file === facts.ownDropIn) return [];
  const gone = goneKey(sysctl, facts);
  if (gone === null || facts.sysctls.raw(sysctl) !== null) return [];
  const at = { file: line.file, line: line.line };
  return [
    {
      messageId: 'gone',
      args: { key: sysctl, because: gone.because },
      subject: { id: `${at.file}:${at.line}`, label: lineText(at) },
      cause: sysctl,
      severity: 'low',
      confidence: 'inferred',
      evidence: [
        {
          name: lineText(at),
          measured: text`sets ${key(sysctl)}`,
          expected: text`a key that this kernel has`,
        },
      ],
      remedies: [deleteLine(at, 'bad-setting', gone.instead)],
    },
  ];
}

export const keyNotThere = defineRule({
  id: 'advice/key-not-there',
  title: 'A line sets a key that kernels no longer have, or never had',
  why: 'It does nothing, whoever wrote it counts on it, and sysctl -p ends with an error.',
  references: ['kernel commit 4396e46187ca (tcp_tw_recycle)', 'kernel commit adf0516845bc (ip_conntrack)'],
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
