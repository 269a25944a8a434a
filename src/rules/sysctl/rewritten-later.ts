import { type SetAtBoot, textAtBoot } from '../../assess/key-value.ts';
import type { Ending } from '../../assess/writer-run.ts';
import { changeWriter, writerName, writerPlace, writerTime } from '../../assess/writer-words.ts';
import { key, name, path, type Text, text, value } from '../../core/text.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { isAdvisedAgainst } from '../advice/advice-rule.ts';
import { ADVICE_ROWS } from '../advice/rows.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Report, type RuleFacts, type Surroundings } from '../rule.ts';
import { isPackagesFile } from '../support/package-file.ts';
import { changeOther, deleteLine, shown } from '../support/settings.ts';
import { keySubject } from '../support/subjects.ts';

type Args = {
  readonly key: string;
  readonly line: string;
  readonly value: string;
  readonly manager: string;
  readonly to: string;
  readonly when: string;
  readonly place: string;
};

function sentence(args: Args): Text {
  return text`${path(args.line)} sets ${key(args.key)} to ${value(args.value)}, but ${name(args.manager)} sets it to ${value(args.to)} ${args.when} (${path(args.place)})`;
}

const messages = {
  rewritten: sentence,
  /** What stands there now does not bear it out. */
  expected: (args: Args & { readonly live: string }) =>
    text`${sentence(args)}; it is ${value(args.live)} now`,
};

type Facts = Surroundings & Pick<RuleFacts, 'resolution' | 'writers' | 'sysctls'>;

/** Keys that a line sets and that somebody may set again, one of an interface by a pattern too. */
function candidates({ resolution, writers }: Facts): readonly SysctlKey[] {
  const attempted = resolution.attempts
    .map((attempt) => attempt.key)
    .filter((each) => writers.of(each).length > 0);
  return [...new Set([...writers.keys, ...attempted])];
}

/** What is a line of a file in the notation of sysctl.d can be taken out as well. */
function orWithoutIt({ how, file, line, by }: OtherWriter, sysctl: SysctlKey): readonly Remedy[] {
  if (how !== 'line' || line === undefined || by === 'kernel-command-line') return [];
  const instruction = text`delete the line if nobody needs it there: then the sysctl files decide ${key(sysctl)}`;
  return [deleteLine({ file, line }, 'persistence', instruction)];
}

function reportOf(
  sysctl: SysctlKey,
  boot: SetAtBoot,
  { by, value: to }: Ending,
  { sysctls }: Facts,
): Report<typeof messages> {
  const line = `${boot.from.file}:${boot.from.line}`;
  const live = sysctls.raw(sysctl);
  const wanted = shown(textAtBoot(boot));
  const args = {
    key: sysctl,
    line,
    value: wanted,
    manager: writerName(by),
    to: shown(to),
    when: writerTime(by),
    place: writerPlace(by),
  };
  const common = {
    subject: keySubject(sysctl),
    cause: `${sysctl} ${line}`,
    severity: sysctl.startsWith('net.') ? 'medium' : 'low',
    evidence: [
      {
        name: text`${key(sysctl)}`,
        measured: live === null ? text`not read` : text`${value(shown(live))}`,
        // As the line has it now, and yet not for long.
        expected:
          live !== null && sameSetting(sysctl, live, wanted)
            ? text`${value(shown(to))} after the next boot`
            : text`${value(wanted)}`,
      },
    ],
    remedies: [changeOther(by, changeWriter(by, sysctl, wanted)), ...orWithoutIt(by, sysctl)],
  } as const;
  return live === null || sameSetting(sysctl, live, to)
    ? { ...common, messageId: 'rewritten', args, confidence: 'inferred' }
    : { ...common, messageId: 'expected', args: { ...args, live: shown(live) }, confidence: 'assumed' };
}

export const rewrittenLater = defineRule({
  id: 'sysctl/rewritten-later',
  title: 'Another program sets a key to another value after the sysctl files are applied',
  why: 'The line in the sysctl files looks as if it counted, and it does not.',
  references: ['man 5 sysctl.d', 'man 8 ufw-framework', 'man 5 systemd.network', 'man 5 tuned-main.conf'],
  requires: ['resolution', 'writers', 'sysctls', 'defaults'],
  uses: ['listeners', 'rates', 'memoryBytes', 'pageBytes'],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const reports = candidates(facts).flatMap((sysctl) => {
      const boot = facts.resolution.bootValue(sysctl);
      // What the line sets is not worth winning.
      if (isAdvisedAgainst(ADVICE_ROWS, sysctl, facts)) return [];
      // Nobody is surprised when a package's own line does not count.
      if (boot.kind !== 'set' || isPackagesFile(boot.from.file)) return [];
      const ending = facts.writers.ending(sysctl, boot.value);
      return ending === null ? [] : [reportOf(sysctl, boot, ending, facts)];
    });
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
