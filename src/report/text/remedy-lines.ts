import type { Assessment } from '../../assess/assessment.ts';
import { valueOr } from '../../core/fact.ts';
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

function liveValue({ namespaces }: Assessment, { key: name, netns }: Requirement): string | null {
  return valueOr(namespaces.find(({ namespace }) => namespace.id === netns)?.live(name), null);
}

function requireLines(requirement: Requirement, assessment: Assessment): readonly RemedyLine[] {
  const old = liveValue(assessment, requirement);
  const restore =
    old === null
      ? text`delete that line again`
      : text`${sysctlCommand(requirement.key, old)} and delete that line`;
  return [
    { label: 'Do now', body: sysctlCommand(requirement.key, requirement.value) },
    {
      label: 'At boot',
      body: text`the line ${value(`${requirement.key} = ${requirement.value}`)} in ${path(DROP_IN)}`,
    },
    { label: 'Undo', body: restore },
  ];
}

function containerLines({ key: name, value: wanted }: Requirement): readonly RemedyLine[] {
  return [
    {
      label: 'Edit',
      body: text`the container's definition: ${key(name)} = ${value(wanted)} (${command(`docker run --sysctl ${shellQuote(`${name}=${wanted}`)}`)}, or ${key('securityContext.sysctls')} of a pod); the host's sysctl files do not reach it`,
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
