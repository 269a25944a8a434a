import type { NamespaceAssessment } from '../../assess/assessment.ts';
import {
  formatKernelVersion,
  isAnyKernel,
  isExactKernel,
  type KernelRelease,
} from '../../core/kernel-release.ts';
import { escapeControls, plainText } from '../../core/text.ts';
import { formatBytes } from '../../core/units.ts';
import type { AuditReport } from '../../pipeline/audit-report.ts';
import type { Finding } from '../../rules/finding.ts';
import { hanging, usableColumns } from '../layout.ts';
import { type Style, styleFor } from '../style.ts';
import { type FindingLayout, findingLines, informationLines, mendsOf, oneLine } from './finding-lines.ts';
import { listenerTable } from './listener-table.ts';
import { countOf, isPending, type Mend, mendLines } from './mend-lines.ts';

export type TextOptions = {
  readonly columns: number;
  readonly color: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  /** Options that lead another command to the same facts, as they are typed. */
  readonly sourceOptions: string;
  /** What takes a change back, as it is typed. */
  readonly undo: string;
};

export function kernelText({ release, range }: KernelRelease): string {
  const escaped = escapeControls(release);
  if (isAnyKernel(range)) return release === 'unknown' ? 'kernel not known' : `kernel not known (${escaped})`;
  const low = formatKernelVersion(range.low);
  const upstream = isExactKernel(range) ? low : `${low} to ${formatKernelVersion(range.high)}`;
  return escaped.startsWith(upstream) ? `Linux ${escaped}` : `Linux ${escaped} (upstream ${upstream})`;
}

function hostLine({ assessment }: AuditReport): string {
  const { snapshot, traits } = assessment;
  const { cpus, memoryBytes } = snapshot.host;
  return [
    kernelText(traits.kernel),
    cpus?.ok ? `${cpus.value} ${cpus.value === 1 ? 'CPU' : 'CPUs'}` : null,
    memoryBytes?.ok ? formatBytes(memoryBytes.value) : null,
    assessment.resolution === null ? null : `boot values by ${assessment.resolution.loader}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** Kernels from 5.10 on were measured; what was read in source only is said to be so. */
function caveatLines({ assessment }: AuditReport, columns: number): readonly string[] {
  if (assessment.traits.evidence === 'measured') return [];
  return hanging(
    '',
    'The queue figures of kernels before 5.10 are read in their source, not measured.',
    columns,
  );
}

function isFinding({ severity }: Finding): boolean {
  return severity !== 'info';
}

/** One sentence that stands for the whole audit. */
function verdict(report: AuditReport, mend: Mend | null): string {
  const listeners = report.assessment.namespaces.reduce((sum, each) => sum + each.listeners.length, 0);
  const problems = report.findings.filter(isFinding).length;
  const waived = report.suppressed.length === 0 ? '' : `, ${report.suppressed.length} waived`;
  const blind = report.complete ? '' : ' Parts of the host could not be seen.';
  if (problems > 0)
    return `${countOf(problems, 'finding')} on ${countOf(listeners, 'listener')}${waived}.${blind}`;
  if (mend !== null && isPending(mend.plan))
    return `No finding on ${countOf(listeners, 'listener')}${waived}.${blind}`;
  return `Nothing to change: ${countOf(listeners, 'listener')}, no finding${waived}.${blind}`;
}

function namespaceLines(
  { namespace, environment, listeners }: NamespaceAssessment,
  named: boolean,
  options: TextOptions & { readonly style: Style },
): readonly string[] {
  const heading = `Network namespace ${escapeControls(namespace.name)}${environment === 'container' ? ' (container)' : ''}`;
  const table =
    listeners.length === 0
      ? ['No listener.']
      : listenerTable(listeners, {
          columns: options.columns,
          all: options.verbosity === 'verbose',
          style: options.style,
        });
  return [...(named ? [options.style.heading(heading)] : []), ...table, ''];
}

function section(style: Style, heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [style.heading(heading), ...lines, ''];
}

function blindSpots(
  report: AuditReport,
  { columns, style, verbose }: { columns: number; style: Style; verbose: boolean },
): readonly string[] {
  const unseen = report.unseen.map(({ what, why }) => `${escapeControls(what)}: ${escapeControls(why)}`);
  const notChecked = report.notChecked.map(({ rule, why }) => `${rule}: ${escapeControls(why)}`);
  const waived = report.suppressed.map(
    ({ finding, waiver: { reason, until } }) =>
      `${plainText(finding.message)} [${finding.id}]: ${escapeControls(reason)}${until === null ? '' : ` (until ${until})`}`,
  );
  const lapsed = report.lapsed.map(
    ({ rule, subject, until }) =>
      `${escapeControls(rule)}${subject === null ? '' : ` for ${escapeControls(subject)}`}: held until ${until}`,
  );
  function items(lines: readonly string[]): readonly string[] {
    return [...new Set(lines)].flatMap((line) => hanging('  - ', line, columns));
  }
  return [
    ...section(style, 'Not seen', items(unseen)),
    ...(verbose || notChecked.length === 0
      ? section(style, 'Not checked', items(notChecked))
      : [
          style.faint(
            `${countOf(new Set(notChecked).size, 'check')} had too little to go by (--verbose names them).`,
          ),
          '',
        ]),
    ...section(style, 'Waived', items(waived)),
    ...section(style, 'Waivers that have lapsed', items(lapsed)),
  ];
}

function problemLines({ findings }: AuditReport, layout: FindingLayout): readonly string[] {
  const said = new Set<string>();
  return findings.filter(isFinding).flatMap((finding) => {
    const lines = findingLines(finding, layout, said);
    for (const mend of mendsOf(finding, layout)) said.add(mend);
    return [...lines, ''];
  });
}

/**
 * The audit for a terminal or a pipe; ends with a newline.
 * @param mend null where nothing was planned
 */
export function renderAuditText(
  report: AuditReport,
  why: (rule: string) => string,
  options: TextOptions,
  mend: Mend | null = null,
): string {
  const columns = usableColumns(options.columns);
  const style = styleFor(options.color);
  const verbose = options.verbosity === 'verbose';
  const layout = {
    columns,
    style,
    assessment: report.assessment,
    why,
    allEvidence: verbose,
    sourceOptions: options.sourceOptions,
    undo: options.undo,
    plan: mend?.plan ?? null,
  };
  if (options.verbosity === 'quiet') {
    const found = report.findings.filter(isFinding).map((finding) => oneLine(finding, layout));
    return `${[...found, verdict(report, mend)].join('\n')}\n`;
  }
  const { namespaces } = report.assessment;
  const lines = [
    ...hanging('', hostLine(report), columns),
    ...caveatLines(report, columns),
    '',
    ...namespaces.flatMap((each) =>
      namespaceLines(each, namespaces.length > 1, { ...options, columns, style }),
    ),
    ...problemLines(report, layout),
    ...section(
      style,
      'For information',
      report.findings
        .filter((finding) => !isFinding(finding))
        .flatMap((finding) => informationLines(finding, layout)),
    ),
    ...blindSpots(report, { columns, style, verbose }),
    ...hanging('', style.heading(verdict(report, mend)), columns),
    ...(mend === null ? [] : mendLines(mend, { columns, style })),
  ];
  return `${lines.join('\n')}\n`;
}
