import { key, text, value } from '../../core/text.ts';
import { defineRule, type Report, type Subject } from '../rule.ts';
import { type FileText, filesOf } from '../support/read-files.ts';
import { allOf, lineText, verb } from '../support/subjects.ts';

const KEY = 'net.core.somaxconn';

const messages = {
  wrong: (_args: Record<string, never>, subjects: readonly Subject[]) =>
    text`the comment at ${allOf(subjects)} ${verb(subjects, 'takes', 'take')} ${key(KEY)} for the most connections: it bounds those that wait to be accepted, of each listener`,
};

const ASSIGNMENT = /^[ \t]*-?[ \t]*net[./]core[./]somaxconn[ \t]*=([^#;\n]*)(.*)$/;
const COMMENT = /^[ \t]*[#;]/;
const ALL_CONNECTIONS = /\bmax(?:imum|imal|\.)?\b.{0,40}\bconnections?\b/i;
const QUEUE = /queue|backlog|pending|wait|accept|listen|syn\b/i;

/** The comment directly above the line, and what stands behind its value. */
function commentOf(lines: readonly string[], at: number, behind: string): string {
  let first = at;
  while (first > 0 && COMMENT.test(lines[first - 1] ?? '')) first -= 1;
  return [...lines.slice(first, at), behind].join(' ');
}

function reportsOn({ path, text: content }: FileText): readonly Report<typeof messages>[] {
  if (!content.includes('somaxconn')) return [];
  const lines = content.split('\n');
  return lines.flatMap((line, index) => {
    const match = ASSIGNMENT.exec(line);
    if (match === null) return [];
    const comment = commentOf(lines, index, match[2] ?? '');
    if (!ALL_CONNECTIONS.test(comment) || QUEUE.test(comment)) return [];
    const at = { file: path, line: index + 1 };
    return [
      {
        messageId: 'wrong',
        args: {},
        subject: { id: `${path}:${at.line}`, label: lineText(at) },
        cause: '',
        severity: 'info',
        confidence: 'inferred',
        evidence: [
          {
            name: lineText(at),
            measured: text`${value((match[1] ?? '').trim() || '?')}`,
            expected: text`a bound of the accept queue`,
          },
        ],
        remedies: [],
      },
    ];
  });
}

export const somaxconnComment = defineRule({
  id: 'advice/somaxconn-comment',
  title: 'A comment takes somaxconn for the number of connections',
  why: 'Whoever reads it looks for the limit of connections in the wrong place: somaxconn bounds those that wait for accept().',
  references: ['man 2 listen'],
  requires: ['resolution', 'sysctlFiles'],
  uses: [],
  messages,
  check({ filesApply, ownDropIn, resolution, sysctlFiles }) {
    if (!filesApply)
      return { kind: 'notApplicable', why: 'the sysctl files do not reach this network namespace' };
    const reports = filesOf(sysctlFiles, resolution.files, 'read', ownDropIn).flatMap(reportsOn);
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
