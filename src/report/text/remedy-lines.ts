import type { Assessment, NamespaceAssessment } from '../../assess/assessment.ts';
import { valueOr } from '../../core/fact.ts';
import { isExact } from '../../core/figure.ts';
import { shellQuote } from '../../core/shell.ts';
import { command, key, path, type Text, text, value } from '../../core/text.ts';
import type { Remedy } from '../../rules/remedy.ts';
import type { Requirement } from '../../sysctl/requirement.ts';

/** What a person types or edits for a remedy, each under a label of its own. */
export type RemedyLine = {
  readonly label: 'Do now' | 'At boot' | 'Then' | 'Undo' | 'Edit' | 'Look into';
  readonly body: Text;
};

const DROP_IN = '/etc/sysctl.d/90-backlogctl.conf';

function sysctlCommand(name: string, setting: string): Text {
  return text`${command(`sysctl -w ${shellQuote(`${name}=${setting.replaceAll('\t', ' ')}`)}`)}`;
}

function namespaceOf({ namespaces }: Assessment, { netns }: Requirement): NamespaceAssessment | undefined {
  return namespaces.find(({ namespace }) => namespace.id === netns);
}

/** A line equal to the kernel's own default is not written where no file says otherwise: the boot does it. */
function comesByItself(requirement: Requirement, assessment: Assessment): boolean {
  const own = namespaceOf(assessment, requirement)?.kernelDefault(requirement.key) ?? null;
  const isOwn = own?.every(isExact) === true && own.map(({ low }) => low).join(' ') === requirement.value;
  return isOwn && assessment.resolution?.linesOf(requirement.key).length === 0;
}

function requireLines(requirement: Requirement, assessment: Assessment): readonly RemedyLine[] {
  const { key: name, value: wanted } = requirement;
  const old = valueOr(namespaceOf(assessment, requirement)?.live(name), null);
  const now: RemedyLine = { label: 'Do now', body: sysctlCommand(name, wanted) };
  if (comesByItself(requirement, assessment)) {
    const boot = text`nothing to write: ${value(wanted)} is what this kernel starts with, and no file says otherwise`;
    const undo = old === null ? [] : [{ label: 'Undo', body: sysctlCommand(name, old) } as const];
    return [now, { label: 'At boot', body: boot }, ...undo];
  }
  const restore =
    old === null ? text`delete that line again` : text`${sysctlCommand(name, old)} and delete that line`;
  return [
    now,
    { label: 'At boot', body: text`the line ${value(`${name} = ${wanted}`)} in ${path(DROP_IN)}` },
    { label: 'Undo', body: restore },
  ];
}

function containerLines({ key: name, value: wanted }: Requirement): readonly RemedyLine[] {
  return [
    {
      label: 'Edit',
      body: text`the container's definition: ${key(name)} = ${value(wanted)} (${command(`docker run --sysctl ${shellQuote(`${name}=${wanted}`)}`)}, or ${key('securityContext.sysctls')} of a pod, where the kubelet has to allow what it does not count as safe: ${command('--allowed-unsafe-sysctls')}); the host's sysctl files do not reach it`,
    },
    { label: 'Undo', body: text`take the setting out of the definition again` },
  ];
}

function editLines({
  line,
  at,
  instruction,
}: Extract<Remedy, { kind: 'edit-config' }>): readonly RemedyLine[] {
  const place = at === null ? [] : text` (now at ${path(`${at.file}:${at.line}`)})`;
  const example = line === null ? [] : text`: ${command(line)}`;
  return [
    { label: 'Edit', body: text`${instruction}${example}${place}` },
    { label: 'Undo', body: text`put the old setting back, and have the server call listen() again` },
  ];
}

function relistenLines({
  command: typed,
  disruptive,
  instruction,
}: Extract<Remedy, { kind: 'relisten' }>): readonly RemedyLine[] {
  const explained = { label: 'Then', body: instruction } as const;
  if (typed === null) return [explained];
  const risk = disruptive ? text` (interrupts its connections)` : [];
  return [{ label: 'Then', body: text`${command(typed)}${risk}` }, explained];
}

export function remedyLines(remedy: Remedy, assessment: Assessment): readonly RemedyLine[] {
  switch (remedy.kind) {
    case 'require':
      return requireLines(remedy.requirement, assessment);
    case 'set-in-container':
      return containerLines(remedy.requirement);
    case 'edit-config':
      return editLines(remedy);
    case 'relisten':
      return relistenLines(remedy);
    case 'delete-line':
      return [
        { label: 'Edit', body: text`${path(`${remedy.at.file}:${remedy.at.line}`)}: ${remedy.instruction}` },
        { label: 'Undo', body: text`put the line back` },
      ];
    case 'change-other-manager':
      return [
        { label: 'Edit', body: remedy.instruction },
        { label: 'Undo', body: text`put the old setting back there` },
      ];
    case 'investigate':
      return [{ label: 'Look into', body: remedy.instruction }];
  }
}
