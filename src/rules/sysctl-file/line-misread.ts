import { shellQuote } from '../../core/shell.ts';
import { command, name, path, spaced, type Text, text, value } from '../../core/text.ts';
import type { LoaderTraits } from '../../resolve/loader-traits.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Report, type Subject } from '../rule.ts';
import { type FileText, filesOf } from '../support/read-files.ts';
import { deleteLine } from '../support/settings.ts';
import { allOf, lineText, verb } from '../support/subjects.ts';
import { type Misread, type MisreadLine, misreadLines } from './misread.ts';

type Args = { readonly loader: string; readonly fails: boolean };
type Lines = readonly Subject[];

function isAre(lines: Lines): string {
  return verb(lines, 'is', 'are');
}

function hasHave(lines: Lines): string {
  return verb(lines, 'has', 'have');
}

/** What becomes of the loader besides. */
function failure({ fails }: Args): string {
  return fails ? ' and ends with an error' : '';
}

const messages = {
  'no-assignment': (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${isAre(lines)} no assignment, for there is no equals sign: ${name(args.loader)} passes over ${verb(lines, 'it', 'them')}${failure(args)}`,
  semicolon: (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${verb(lines, 'begins', 'begin')} with ${value("';'")}, which ${name(args.loader)} does not take for a comment${args.fails ? ': it ends with an error' : ''}`,
  'byte-order-mark': (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${verb(lines, 'begins', 'begin')} with a byte order mark, which ${name(args.loader)} takes for a part of the line: it passes over it${failure(args)}`,
  quotes: (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${hasHave(lines)} the value in quotes, which ${name(args.loader)} writes as well: the kernel does not take them off`,
  comment: (_args: Args, lines: Lines) =>
    text`${allOf(lines)} ${hasHave(lines)} a comment behind the value, which is written too; the kernel passes over it behind a number`,
  'comment-in-value': (_args: Args, lines: Lines) =>
    text`${allOf(lines)} ${hasHave(lines)} a comment behind the value, which becomes a part of it: only whole lines are comments`,
  'no-value': (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${hasHave(lines)} no value: ${name(args.loader)} passes over ${verb(lines, 'it', 'them')}`,
  'empty-value': (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${hasHave(lines)} no value: ${name(args.loader)} writes an empty line, which a number does not take and a list takes for none`,
  'carriage-return': (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${isAre(lines)} cut by carriage returns alone, which do not end a line to ${name(args.loader)}: what follows becomes a part of the value`,
  'words-before-key': (args: Args, lines: Lines) =>
    text`${allOf(lines)} ${hasHave(lines)} more than a key before the equals sign: ${name(args.loader)} takes all of it for the key, which does not exist`,
  'windows-lines': ({ file, loader }: { readonly file: string; readonly loader: string }) =>
    text`${path(file)} has the line ends of Windows, which ${name(loader)} cuts off`,
} satisfies Record<Misread | 'windows-lines', unknown>;

type Reports = readonly Report<typeof messages>[];

/** What the kernel or the loader makes good of: nothing is lost. */
const HARMLESS: ReadonlySet<Misread> = new Set(['comment', 'empty-value']);

/** What a person types or writes instead. */
const INSTEAD: Readonly<Record<Misread, (file: string) => Text>> = {
  'no-assignment': () => text`write it as ${value('key = value')}, or put ${value("'#'")} before it`,
  semicolon: () => text`put ${value("'#'")} in the place of ${value("';'")}`,
  'byte-order-mark': (file) =>
    text`save the file without the mark: ${command(`sed -i '1s/^\\xEF\\xBB\\xBF//' ${shellQuote(file)}`)}`,
  quotes: () => text`write the value without quotes`,
  comment: () => text`put the comment on a line of its own`,
  'comment-in-value': () => text`put the comment on a line of its own`,
  'no-value': () => text`give it a value, or delete the line`,
  'empty-value': () => text`give it a value, or delete the line`,
  'words-before-key': () =>
    text`leave nothing but the key before the equals sign, as in ${value('key = value')}`,
  'carriage-return': (file) =>
    text`end the lines with a newline: ${command(`sed -i 's/\\r/\\n/g' ${shellQuote(file)}`)}`,
};

const EXPECTED: Readonly<Record<Misread, string>> = {
  'no-assignment': 'key = value',
  semicolon: "a comment that begins with '#'",
  'byte-order-mark': 'no mark',
  quotes: 'no quotes',
  comment: 'a value alone',
  'comment-in-value': 'a value alone',
  'no-value': 'a value',
  'empty-value': 'a value',
  'carriage-return': 'one setting a line',
  'words-before-key': 'key = value',
};

/** A comment that is merely called an unknown key does no harm. */
function isHarmless({ misread, fails, content }: MisreadLine): boolean {
  if (misread === 'semicolon') return !fails;
  // Without the mark it would be a comment.
  if (misread === 'byte-order-mark') return !fails && /^.[ \t]*[#;]/u.test(content);
  return HARMLESS.has(misread);
}

const LONGEST = 60;

function cut(content: string): string {
  const line = spaced(content);
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function reportOn(file: string, line: MisreadLine, loader: LoaderTraits): Report<typeof messages> {
  const { misread, fails } = line;
  const at = { file, line: line.line };
  const harmless = isHarmless(line);
  const remedies: readonly Remedy[] = harmless ? [] : [deleteLine(at, 'bad-setting', INSTEAD[misread](file))];
  return {
    messageId: misread,
    args: { loader: loader.name, fails },
    subject: { id: `${file}:${line.line}`, label: lineText(at) },
    cause: `${fails} ${harmless}`,
    severity: harmless ? 'info' : 'low',
    confidence: 'inferred',
    evidence: [
      {
        name: lineText(at),
        measured: text`${value(cut(line.content))}`,
        expected: text`${EXPECTED[misread]}`,
      },
    ],
    remedies,
  };
}

function windowsLines({ path: file, text: content }: FileText, loader: LoaderTraits): Reports {
  if (!content.includes('\r\n')) return [];
  return [
    {
      messageId: 'windows-lines',
      args: { file, loader: loader.name },
      subject: { id: file, label: text`${path(file)}` },
      cause: file,
      severity: 'info',
      confidence: 'inferred',
      evidence: [{ name: text`line ends of ${path(file)}`, measured: text`CR and LF`, expected: text`LF` }],
      remedies: [],
    },
  ];
}

export const lineMisread = defineRule({
  id: 'sysctl-file/line-misread',
  title: 'The loader reads a line otherwise than a person does',
  why: 'Sysctl files know no quotes and no comments behind a value, and loaders differ in what a comment and a line end is.',
  references: ['man 5 sysctl.d', 'man 5 sysctl.conf'],
  requires: ['resolution', 'sysctlFiles', 'loader'],
  uses: [],
  messages,
  check({ filesApply, ownDropIn, resolution, sysctlFiles, loader, traits }) {
    if (!filesApply || loader.kind === 'none')
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const reports = filesOf(sysctlFiles, resolution.files, 'read', ownDropIn).flatMap((file) => [
      ...misreadLines(file, { loader, traits }).map((line) => reportOn(file.path, line, loader)),
      ...windowsLines(file, loader),
    ]);
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
