import { shellQuote } from '../../core/shell.ts';
import { command, key, list, path, text } from '../../core/text.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { defineRule, type Report, type RuleFacts } from '../rule.ts';
import { originalOf, readLosers } from '../support/beaten.ts';

type Args = { readonly file: string; readonly original: string };

const messages = {
  decides: (args: Args & { readonly keys: string }) =>
    text`${path(args.file)} is a copy of ${path(args.original)} and is read after it, for it ends in '.conf' too: it decides ${list(
      args.keys.split(' ').map((each) => text`${key(each)}`),
      3,
    )}`,
  harmless: (args: Args) =>
    text`${path(args.file)} looks like a copy of ${path(args.original)} and is read at boot as well, for it ends in '.conf' too; it changes nothing now`,
};

type Facts = Pick<RuleFacts, 'resolution' | 'sysctls'>;

/** Keys that the copy takes from its original; where the live value is another one, that shows as a drift. */
function decidedBy(file: string, { resolution, sysctls }: Facts): readonly SysctlKey[] {
  const keys = resolution.lines.flatMap((line) =>
    line.file === file && line.key !== null ? [line.key] : [],
  );
  return [...new Set(keys)].filter((sysctl) => {
    const boot = resolution.bootValue(sysctl);
    if (boot.kind !== 'set' || boot.from.file !== file || readLosers(sysctl, boot).length === 0) return false;
    const live = sysctls.raw(sysctl);
    return live === null || sameSetting(sysctl, live, boot.value);
  });
}

/** A drift of one of its keys is told by sysctl/live-differs-from-boot, which names the line of the copy. */
function isToldOtherwise(file: string, { resolution, sysctls }: Facts): boolean {
  return resolution.lines.some((line) => {
    const live = line.file === file && line.key !== null ? sysctls.raw(line.key) : null;
    const boot = live === null || line.key === null ? null : resolution.bootValue(line.key);
    return (
      boot?.kind === 'set' &&
      boot.from.file === file &&
      live !== null &&
      line.key !== null &&
      !sameSetting(line.key, live, boot.value)
    );
  });
}

function reportOn(file: string, original: string, facts: Facts): readonly Report<typeof messages>[] {
  const keys = decidedBy(file, facts);
  const common = {
    subject: { id: file, label: text`${path(file)}` },
    cause: file,
    confidence: 'inferred',
  } as const;
  const evidence = [
    {
      name: text`read after ${path(original)}`,
      measured: text`${path(file)}`,
      expected: text`a name that does not end in '.conf'`,
    },
  ];
  if (keys.length === 0) {
    if (isToldOtherwise(file, facts)) return [];
    return [
      {
        ...common,
        messageId: 'harmless',
        args: { file, original },
        severity: 'info',
        evidence,
        remedies: [],
      },
    ];
  }
  const decided = keys.map((sysctl) => ({
    name: text`${key(sysctl)} at boot`,
    measured: text`by ${path(file)}`,
    expected: text`by ${path(original)}`,
  }));
  const aside = file.replace(/\.conf$/, '');
  const instruction = text`put it aside under another name, ${command(`mv ${shellQuote(file)} ${shellQuote(aside)}`)}, or delete it`;
  const args = { file, original, keys: keys.join(' ') };
  return [
    {
      ...common,
      messageId: 'decides',
      args,
      severity: 'low',
      evidence: decided,
      remedies: [{ kind: 'investigate', instruction }],
    },
  ];
}

export const copyRead = defineRule({
  id: 'sysctl-file/copy-read',
  title: 'A copy of a sysctl file is read as well',
  why: 'A copy that keeps the ending .conf is a sysctl file like any other, and mostly sorts behind the one that it was made of.',
  references: ['man 5 sysctl.d'],
  requires: ['resolution', 'sysctls'],
  uses: [],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const read = facts.resolution.files.flatMap(({ path: file, use }) => (use === 'read' ? [file] : []));
    const reports = read.flatMap((file) => {
      const original = originalOf(file, read);
      return original === null ? [] : reportOn(file, original, facts);
    });
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
