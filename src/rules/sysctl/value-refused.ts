import type { KeyValue } from '../../assess/key-value.ts';
import { key, type Text, text, value } from '../../core/text.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import { CATALOGUE } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { defineRule, type Report, type RuleFacts, type Surroundings } from '../rule.ts';
import { type Refusal, refusalOf } from '../support/refused.ts';
import { deleteLine, largestValue, shown, winningLine } from '../support/settings.ts';
import { lineText } from '../support/subjects.ts';

type Args = { readonly key: string; readonly value: string; readonly line: string; readonly most: number };

const messages = {
  'no-number': (args: Args) =>
    text`${args.line} sets ${key(args.key)} to ${value(args.value)}, which is no number: the kernel refuses it, and the line does nothing`,
  'too-large': (args: Args) =>
    text`${args.line} sets ${key(args.key)} to ${value(args.value)}: the kernel takes ${value(args.most)} at most, so it refuses it, and the line does nothing`,
};

type Facts = Surroundings & Pick<RuleFacts, 'resolution'> & { readonly ticksPerSecond: number | null };
type Line = FileLine & { readonly value: string };

/** Lines that the loader tries to write; those that are beaten before are never tried. */
function triedLines(boot: KeyValue): readonly Line[] {
  const winner = winningLine(boot);
  const refused = boot.shadowed.filter(({ reason }) => reason === 'refused-value');
  return winner === null ? refused : [winner, ...refused];
}

function reportOf(
  sysctl: SysctlKey,
  line: Line,
  refusal: Refusal,
  { traits, ticksPerSecond }: Facts,
): Report<typeof messages> {
  const most = largestValue(sysctl, traits, ticksPerSecond);
  const expected: Text = Number.isFinite(most) ? text`a number of ${value(most)} at most` : text`a number`;
  const instead = text`delete the line, or give it ${expected}`;
  return {
    messageId: refusal,
    args: { key: sysctl, value: shown(line.value), line: `${line.file}:${line.line}`, most },
    subject: { id: `${line.file}:${line.line}`, label: lineText(line) },
    cause: `${sysctl} ${line.file}:${line.line}`,
    severity: 'medium',
    confidence: 'inferred',
    evidence: [
      {
        name: text`${key(sysctl)} in ${lineText(line)}`,
        measured: text`${value(shown(line.value))}`,
        expected,
      },
    ],
    remedies: [deleteLine({ file: line.file, line: line.line }, 'bad-setting', instead)],
  };
}

export const valueRefused = defineRule({
  id: 'sysctl/value-refused',
  title: 'A line sets a value that the kernel refuses',
  why: 'The loader tries to write it at every boot and fails, so the key keeps the value that nobody meant.',
  references: ['man 5 sysctl.d', 'proc_dointvec_minmax() in kernel/sysctl.c'],
  requires: ['resolution'],
  uses: ['ticksPerSecond'],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const reports = CATALOGUE.flatMap((entry) => {
      if (facts.traits.has(entry) === 'no') return [];
      return triedLines(facts.resolution.bootValue(entry.key)).flatMap((line) => {
        const refusal = refusalOf(entry.key, line.value, facts.traits, facts.ticksPerSecond);
        return refusal === null ? [] : [reportOf(entry.key, line, refusal, facts)];
      });
    });
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
