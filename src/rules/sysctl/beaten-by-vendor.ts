import { type SetAtBoot, textAtBoot } from '../../assess/key-value.ts';
import { baseName, compareInByteOrder } from '../../core/paths.ts';
import { shellQuote } from '../../core/shell.ts';
import { command, key, path, text, value } from '../../core/text.ts';
import type { Shadowed } from '../../resolve/resolution.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { defineRule, type Report, type RuleFacts, type Surroundings } from '../rule.ts';
import { isPackagesFile } from '../support/package-file.ts';
import { deleteLine, shown } from '../support/settings.ts';
import { keySubject, lineText } from '../support/subjects.ts';

type Args = {
  readonly key: string;
  readonly value: string;
  readonly line: string;
  readonly vendor: string;
  readonly wins: string;
};

const messages = {
  beaten: (args: Args) =>
    text`${args.line} sets ${key(args.key)} to ${value(args.value)}, but ${args.vendor} of a package is read after it and sets ${value(args.wins)}`,
};

type Facts = Surroundings & Pick<RuleFacts, 'resolution' | 'sysctls'>;

/** The last line of an administrator's that a line of a package beats with another value; null where there is none. */
function beatenLine(sysctl: SysctlKey, boot: SetAtBoot, ownDropIn: string): Shadowed | null {
  if (!isPackagesFile(boot.from.file)) return null;
  const lost = boot.shadowed.filter(
    ({ reason, file }) => reason === 'later-file' && file.startsWith('/etc/') && file !== ownDropIn,
  );
  return lost.findLast((line) => !sameSetting(sysctl, line.value, textAtBoot(boot))) ?? null;
}

/** A name of the same file that is read after the package's. */
function laterName(own: string, vendor: string): string {
  const names = [`99-${own}`, `99-zz-${own}`, `zz-${own}`];
  return names.find((name) => compareInByteOrder(name, vendor) > 0) ?? `zz-${own}`;
}

function reportOf(
  sysctl: SysctlKey,
  boot: SetAtBoot,
  lost: Shadowed,
  { sysctls }: Facts,
): Report<typeof messages> {
  const [own, vendor] = [baseName(lost.file), baseName(boot.from.file)];
  const renamed = `/etc/sysctl.d/${laterName(own, vendor)}`;
  const mask = `/etc/sysctl.d/${vendor}`;
  const live = sysctls.raw(sysctl);
  const instruction = text`have the file read later: ${command(`mv ${shellQuote(lost.file)} ${shellQuote(renamed)}`)}; or set the key in a file called ${path(mask)}, which hides the package's as a whole`;
  return {
    messageId: 'beaten',
    args: {
      key: sysctl,
      value: shown(lost.value),
      line: `${lost.file}:${lost.line}`,
      vendor: `${boot.from.file}:${boot.from.line}`,
      wins: shown(textAtBoot(boot)),
    },
    subject: keySubject(sysctl),
    cause: `${sysctl} ${lost.file}:${lost.line}`,
    severity: 'low',
    confidence: 'inferred',
    evidence: [
      {
        name: text`${key(sysctl)} at boot, by ${lineText(boot.from)}`,
        measured: text`${value(shown(textAtBoot(boot)))}${live === null ? '' : `, and ${shown(live)} now`}`,
        expected: text`${value(shown(lost.value))}`,
      },
    ],
    remedies: [deleteLine({ file: lost.file, line: lost.line }, 'persistence', instruction)],
  };
}

export const beatenByVendor = defineRule({
  id: 'sysctl/beaten-by-vendor',
  title: "A package's file is read after the administrator's, and sets another value",
  why: 'Files are read in the order of their names, whatever directory they lie in: a name, and not /etc, decides.',
  references: ['man 5 sysctl.d', 'https://github.com/systemd/systemd/issues/20919'],
  requires: ['resolution', 'sysctls'],
  uses: [],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const { resolution, ownDropIn, sysctls } = facts;
    const reports = [...resolution.keys()].flatMap((sysctl) => {
      const boot = resolution.bootValue(sysctl);
      if (boot.kind !== 'set') return [];
      const live = sysctls.raw(sysctl);
      // Of a live value that the boot changes, sysctl/live-differs-from-boot speaks.
      if (live !== null && !sameSetting(sysctl, live, textAtBoot(boot))) return [];
      const lost = beatenLine(sysctl, boot, ownDropIn);
      return lost === null ? [] : [reportOf(sysctl, boot, lost, facts)];
    });
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
