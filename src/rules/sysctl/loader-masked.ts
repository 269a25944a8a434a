import { isBelowRun } from '../../core/paths.ts';
import { command, path, type Text, text, value } from '../../core/text.ts';
import { parseKey } from '../../sysctl/key.ts';
import { readLines } from '../../sysctl/lines.ts';
import { defineRule, type Evidence, type Report, type RuleFacts } from '../rule.ts';
import { isPackagesFile } from '../support/package-file.ts';
import { type FileText, filesOf } from '../support/read-files.ts';

type Args = { readonly mask: string; readonly settings: number; readonly files: number };

function whatIsLost({ settings, files }: Args): string {
  const where = files === 1 ? '1 file' : `${files} files`;
  return settings === 1
    ? `1 setting in ${where} does nothing`
    : `${settings} settings in ${where} do nothing`;
}

const messages = {
  masked: (args: Args) =>
    text`${path(args.mask)} masks systemd-sysctl.service, which applies the sysctl files at boot: ${whatIsLost(args)}`,
};

type Facts = Pick<RuleFacts, 'resolution' | 'sysctlFiles' | 'loader'> & {
  readonly sysctls: RuleFacts['sysctls'] | null;
};

/** Files of the loader's directories; /etc/sysctl.conf it would pass over anyway. */
const READ_BY_SYSTEMD = /\/sysctl\.d\/[^/.][^/]*\.conf$/;

/** Assignments that nothing makes: udev still sets those of interfaces, and no pattern stands for these alone. */
function lostSettings({ text: content }: FileText, { loader, resolution }: Facts): number {
  return [...readLines(content, loader.reading)].filter((line) => {
    if (line.kind !== 'assignment') return false;
    const parsed = parseKey(line.key);
    return !parsed.ok || resolution.bootValue(parsed.key).kind !== 'set';
  }).length;
}

type Lost = { readonly file: string; readonly settings: number };

function lostFiles(facts: Facts): readonly Lost[] {
  return filesOf(facts.sysctlFiles, facts.resolution.files, 'not-read', '')
    .filter((file) => READ_BY_SYSTEMD.test(file.path) && !isBelowRun(file.path))
    .map((file) => ({ file: file.path, settings: lostSettings(file, facts) }))
    .filter(({ settings }) => settings > 0);
}

function evidenceOf({ file, settings }: Lost): Evidence {
  return {
    name: text`settings in ${path(file)}`,
    measured: text`${value(settings)} not applied at boot`,
    expected: null,
  };
}

/** Of an image there is no live value, and its units are reached through its directory. */
function systemctl(verb: 'mask' | 'unmask', { sysctls }: Facts): Text {
  const isImage = (sysctls?.raw('net.core.somaxconn') ?? null) === null;
  const typed = command(`systemctl ${isImage ? '--root=DIR ' : ''}${verb} systemd-sysctl.service`);
  return isImage ? text`${typed} with the directory of its tree` : text`${typed}`;
}

function reportOf(mask: string, lost: readonly Lost[], facts: Facts): Report<typeof messages> {
  const settings = lost.reduce((sum, each) => sum + each.settings, 0);
  const instruction = text`if nobody meant that, let it run again: ${systemctl('unmask', facts)}; the files are applied from the next boot on`;
  return {
    messageId: 'masked',
    args: { mask, settings, files: lost.length },
    subject: { id: mask, label: text`${path(mask)}` },
    cause: mask,
    severity: lost.every(({ file }) => isPackagesFile(file)) ? 'low' : 'medium',
    confidence: 'inferred',
    evidence: lost.map(evidenceOf),
    remedies: [
      {
        kind: 'change-other-manager',
        manager: 'systemd',
        at: null,
        instruction,
        undo: systemctl('mask', facts),
      },
    ],
  };
}

export const loaderMasked = defineRule({
  id: 'sysctl/loader-masked',
  title: 'The sysctl files are not applied at boot, because systemd-sysctl.service is masked',
  why: 'Every line of every sysctl file looks as if it counted, and after a reboot none of them does.',
  references: ['man 8 systemd-sysctl.service', 'man 5 systemd.unit'],
  requires: ['resolution', 'sysctlFiles', 'loader', 'loaderMask'],
  uses: ['sysctls'],
  messages,
  check(facts) {
    if (!facts.filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const { loaderMask } = facts;
    const lost = loaderMask === null ? [] : lostFiles(facts);
    return loaderMask === null || lost.length === 0
      ? { kind: 'pass' }
      : { kind: 'fail', reports: [reportOf(loaderMask, lost, facts)] };
  },
});
