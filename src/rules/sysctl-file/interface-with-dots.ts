import { key, name, text } from '../../core/text.ts';
import type { ReadLine } from '../../resolve/resolution.ts';
import { swapSeparators } from '../../sysctl/key.ts';
import { defineRule, type Report } from '../rule.ts';
import { deleteLine } from '../support/settings.ts';
import { lineText } from '../support/subjects.ts';

type Args = { readonly line: string; readonly key: string; readonly right: string; readonly loader: string };

const messages = {
  misspelt: (args: Args) =>
    text`${args.line} names ${key(args.key)}, which ${name(args.loader)} does not find: a dot within the name of an interface is written as a slash, ${key(args.right)}`,
};

/** One name more than there is between conf and the variable. */
const INTERFACE = /^net\/ipv[46]\/(?:conf|neigh)\/([^/]+(?:\/[^/]+)+)\/[^/]+$/;

function rightPath(path: string): string | null {
  const dotted = INTERFACE.exec(path)?.[1];
  return dotted === undefined ? null : path.replace(dotted, dotted.replaceAll('/', '.'));
}

function reportOn(line: ReadLine, loader: string): readonly Report<typeof messages>[] {
  const right = rightPath(line.path);
  if (right === null) return [];
  const at = { file: line.file, line: line.line };
  const spelt = swapSeparators(right);
  return [
    {
      messageId: 'misspelt',
      args: { line: `${at.file}:${at.line}`, key: swapSeparators(line.path), right: spelt, loader },
      subject: { id: `${at.file}:${at.line}`, label: lineText(at) },
      cause: `${at.file}:${at.line}`,
      severity: 'low',
      confidence: 'inferred',
      evidence: [
        {
          name: lineText(at),
          measured: text`${key(swapSeparators(line.path))}`,
          expected: text`${key(spelt)}`,
        },
      ],
      remedies: [deleteLine(at, 'bad-setting', text`write ${key(spelt)} instead`)],
    },
  ];
}

export const interfaceWithDots = defineRule({
  id: 'sysctl-file/interface-with-dots',
  title: 'A line spells the dot within the name of an interface as a dot',
  why: 'The key then leads to a directory that does not exist, so the line does nothing, and nobody says so.',
  references: ['man 5 sysctl.d'],
  requires: ['resolution', 'loader', 'sysctls'],
  uses: [],
  messages,
  check({ filesApply, resolution, loader, sysctls, ownDropIn }) {
    if (!filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    if (loader.kind === 'busybox')
      return { kind: 'notApplicable', why: 'busybox finds the interface either way' };
    const reports = resolution.lines
      .filter(
        ({ key: sysctl, file }) => file !== ownDropIn && (sysctl === null || sysctls.raw(sysctl) === null),
      )
      .flatMap((line) => reportOn(line, loader.name));
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
