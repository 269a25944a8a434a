import { textAtBoot } from '../../assess/key-value.ts';
import { shellQuote } from '../../core/shell.ts';
import { command, key, list, path, text } from '../../core/text.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { defineRule, type Report, type RuleFacts } from '../rule.ts';
import { copiesAmong, readLosers } from '../support/beaten.ts';

type Args = { readonly file: string; readonly original: string };

const messages = {
  decides: (args: Args & { readonly keys: string }) =>
    text`${path(args.file)} is a copy of ${path(args.original)} and is read as well, for it ends in '.conf' too: it decides ${list(
      args.keys.split(' ').map((each) => text`${key(each)}`),
      3,
    )}`,
  harmless: (args: Args) =>
    text`${path(args.file)} looks like a copy of ${path(args.original)} and is read at boot as well, for it ends in '.conf' too; it changes nothing now`,
};

type Facts = Pick<RuleFacts, 'resolution' | 'sysctls'>;

/** Keys whose last word a file has at boot, with whether the live value agrees. */
type Decided = { readonly sysctl: SysctlKey; readonly inForce: boolean; readonly beats: boolean };

function decidedBy(
  file: string,
  keys: readonly SysctlKey[],
  { resolution, sysctls }: Facts,
): readonly Decided[] {
  return [...new Set(keys)].flatMap((sysctl) => {
    const boot = resolution.bootValue(sysctl);
    if (boot.kind !== 'set' || boot.from.file !== file) return [];
    const live = sysctls.raw(sysctl);
    const inForce = live === null || sameSetting(sysctl, live, textAtBoot(boot));
    return [{ sysctl, inForce, beats: readLosers(sysctl, boot).length > 0 }];
  });
}

/** The keys that stand in each of the files. */
function keysIn(
  files: ReadonlySet<string>,
  { resolution }: Facts,
): ReadonlyMap<string, readonly SysctlKey[]> {
  const keys = new Map<string, SysctlKey[]>([...files].map((file) => [file, []]));
  for (const line of resolution.lines) if (line.key !== null) keys.get(line.file)?.push(line.key);
  return keys;
}

function reportOn(
  file: string,
  original: string,
  decided: readonly Decided[],
): readonly Report<typeof messages>[] {
  const keys = decided.flatMap(({ sysctl, inForce, beats }) => (inForce && beats ? [sysctl] : []));
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
    // sysctl/live-differs-from-boot tells of a drift, and names the line of the copy.
    if (decided.some(({ inForce }) => !inForce)) return [];
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
  const decisions = keys.map((sysctl) => ({
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
      evidence: decisions,
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
    const copies = copiesAmong(read);
    const keys = keysIn(new Set(copies.map(([copy]) => copy)), facts);
    const reports = copies.flatMap(([copy, original]) =>
      reportOn(copy, original, decidedBy(copy, keys.get(copy) ?? [], facts)),
    );
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
