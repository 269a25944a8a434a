import { baseName } from '../../core/paths.ts';
import { shellQuote } from '../../core/shell.ts';
import { command, name, path, type Text, text, value } from '../../core/text.ts';
import type { LoaderTraits } from '../../resolve/loader-traits.ts';
import { sameSetting } from '../../sysctl/catalogue.ts';
import { parseKey } from '../../sysctl/key.ts';
import { readLines } from '../../sysctl/lines.ts';
import { ADVICE_NEEDS, isBadAdvice } from '../advice/advice-rule.ts';
import type { AdviceFacts } from '../advice/row.ts';
import { ADVICE_ROWS } from '../advice/rows.ts';
import { defineRule, type Report, type RuleFacts } from '../rule.ts';
import { isCopy } from '../support/beaten.ts';
import { type FileText, filesOf } from '../support/read-files.ts';

type Args = { readonly file: string; readonly loader: string; readonly settings: number };

function whatIsLost({ settings }: Args): string {
  return settings === 1
    ? 'its one setting does nothing at boot'
    : `its ${settings} settings do nothing at boot`;
}

const messages = {
  suffix: (args: Args) =>
    text`${path(args.file)} is not read, for its name does not end in '.conf': ${whatIsLost(args)}`,
  hidden: (args: Args) =>
    text`${path(args.file)} is not read, for ${name(args.loader)} passes over names that begin with a dot: ${whatIsLost(args)}`,
  main: (args: Args) =>
    text`${path(args.file)} is not read by ${name(args.loader)}, only by sysctl -p and sysctl --system: ${whatIsLost(args)}`,
  directory: (args: Args) =>
    text`${path(args.file)} is not read, for ${name(args.loader)} does not look there: ${whatIsLost(args)}`,
};

const MAIN_FILE = '/etc/sysctl.conf';
const DIRECTORY = /\/sysctl\.d\/[^/]+$/;

/** What was put aside, or is no settings at all. */
const PUT_ASIDE =
  /^README|(?:~|[._-](?:bak|backup|old|orig|save|copy|off|disabled|inactive|example|sample|template|tmp|swp|rpm[a-z]+|dpkg-[a-z]+|ucf-[a-z]+|pac(?:new|save)))\d*$/i;

function isPutAside(file: string): boolean {
  const own = baseName(file);
  return PUT_ASIDE.test(own) || isCopy(own);
}

type Kind = keyof typeof messages;

function kindOf(file: string, { directories }: LoaderTraits): Kind | null {
  if (file === MAIN_FILE) return 'main';
  if (!DIRECTORY.test(file)) return null;
  const own = baseName(file);
  if (!own.endsWith('.conf')) return 'suffix';
  return directories.includes(file.slice(0, file.lastIndexOf('/'))) ? 'hidden' : 'directory';
}

/** Assignments that the next boot does not make anyway, and that nobody advises against. */
function lostSettings({ text: content }: FileText, facts: Facts): number {
  const { loader, resolution } = facts;
  let lost = 0;
  for (const line of readLines(content, loader.reading)) {
    if (line.kind !== 'assignment') continue;
    const parsed = parseKey(line.key);
    // README files and notes hold lines with an equals sign too.
    if (!parsed.ok || !/[./]/.test(line.key)) continue;
    const boot = resolution.bootValue(parsed.key);
    const isMade =
      boot.kind === 'set' && boot.through === null && sameSetting(parsed.key, boot.from.value, line.value);
    if (!isMade && !isBadAdvice(ADVICE_ROWS, parsed.key, line.value, facts)) lost += 1;
  }
  return lost;
}

type Facts = AdviceFacts & Pick<RuleFacts, 'resolution' | 'sysctlFiles' | 'loader'>;

function whatToDo(kind: Kind, file: string): Text {
  const own = baseName(file);
  const to =
    kind === 'suffix'
      ? `${file}.conf`
      : kind === 'hidden'
        ? file.replace(/\/\.+([^/]*)$/, '/$1')
        : `/etc/sysctl.d/${kind === 'main' ? '60-local.conf' : own}`;
  return text`if it is meant to count, ${command(`mv ${shellQuote(file)} ${shellQuote(to)}`)}; if not, delete it`;
}

function reportOn(file: FileText, facts: Facts): readonly Report<typeof messages>[] {
  const kind = isPutAside(file.path) ? null : kindOf(file.path, facts.loader);
  const settings = kind === null ? 0 : lostSettings(file, facts);
  if (kind === null || settings === 0) return [];
  return [
    {
      messageId: kind,
      args: { file: file.path, loader: facts.loader.name, settings },
      subject: { id: file.path, label: text`${path(file.path)}` },
      cause: file.path,
      severity: 'low',
      confidence: 'inferred',
      evidence: [
        {
          name: text`settings in ${path(file.path)}`,
          measured: text`${value(settings)} not applied at boot`,
          expected: text`a file that ${name(facts.loader.name)} reads`,
        },
      ],
      remedies: [{ kind: 'investigate', instruction: whatToDo(kind, file.path) }],
    },
  ];
}

export const fileNotRead = defineRule({
  id: 'sysctl-file/not-read',
  title: 'A file with settings is not read at boot',
  why: 'Whoever wrote it believes that it counts, and often tried it with sysctl -p, which reads what the boot does not.',
  references: ['man 5 sysctl.d', 'man 8 sysctl'],
  requires: ['resolution', 'sysctlFiles', 'loader', 'sysctls', 'defaults'],
  uses: ADVICE_NEEDS,
  messages,
  check(facts) {
    if (!facts.filesApply || facts.loader.kind === 'none')
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const unread = filesOf(facts.sysctlFiles, facts.resolution.files, 'not-read', facts.ownDropIn);
    const reports = unread.flatMap((file) => reportOn(file, facts));
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
