import type { Assessment, NamespaceAssessment } from '../../assess/assessment.ts';
import { valueOr } from '../../core/fact.ts';
import { isExact } from '../../core/figure.ts';
import { shellQuote } from '../../core/shell.ts';
import { command, key, path, spaced, type Text, text, value } from '../../core/text.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Remedy } from '../../rules/remedy.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { Requirement } from '../../sysctl/requirement.ts';

/** What a person types or edits for a remedy, each under a label of its own. */
export type RemedyLine = {
  readonly label: 'Set' | 'At boot' | 'But' | 'Then' | 'Undo' | 'Edit' | 'Look into';
  readonly body: Text;
  /** To be known before a command is run that is the whole body. */
  readonly remark?: string;
};

/** What a remedy's lines depend on besides the remedy. */
export type RemedyContext = {
  readonly assessment: Assessment;
  /** `file:line` of what the same finding has deleted. */
  readonly deleted: ReadonlySet<string>;
  /** What would be done about it; null where nothing was planned. */
  readonly plan: Plan | null;
  /** What takes a change back, as it is typed. */
  readonly undo: string;
};

function namespaceOf({ namespaces }: Assessment, { netns }: Requirement): NamespaceAssessment | undefined {
  return namespaces.find(({ namespace }) => namespace.id === netns);
}

/** A line equal to the kernel's own default is not written where no file says otherwise: the boot does it. */
function comesByItself(requirement: Requirement, { assessment, deleted }: RemedyContext): boolean {
  const own = namespaceOf(assessment, requirement)?.kernelDefault(requirement.key) ?? null;
  const isOwn = own?.every(isExact) === true && own.map(({ low }) => low).join(' ') === requirement.value;
  const lines = assessment.resolution?.linesOf(requirement.key);
  return isOwn && lines?.every(({ file, line }) => deleted.has(`${file}:${line}`)) === true;
}

/** Sysctl files are applied to the namespace that the host starts with, and to no other. */
function isKeptAtBoot(requirement: Requirement, assessment: Assessment): boolean {
  return namespaceOf(assessment, requirement)?.namespace.initial !== false;
}

/** What becomes of a requirement. `left`: nothing that we do meets it. */
type Fate =
  | { readonly kind: 'no-plan' }
  /** `to` is null where only the next boot needs a line. */
  | { readonly kind: 'planned'; readonly to: string | null }
  | { readonly kind: 'left'; readonly why: string };

const OTHER_NAMESPACE = 'it is of another network namespace than the one that is changed: set it there';

function fateOf({ key: name, netns }: Requirement, { assessment, plan }: RemedyContext): Fate {
  if (plan === null) return { kind: 'no-plan' };
  if (netns !== assessment.namespaces[0]?.namespace.id) return { kind: 'left', why: OTHER_NAMESPACE };
  const step = plan.steps.find((each) => each.kind === 'live' && each.target.key === name);
  if (step?.kind === 'live') return { kind: 'planned', to: step.to };
  const left =
    plan.conflicts.find((each) => each.key === name) ??
    // What a profile asked for and did not get says nothing of this requirement.
    plan.skipped.find((each) => each.key === name && each.because.some(({ by }) => by === 'rule')) ??
    plan.conflicts.find((each) => each.key === null);
  return left === undefined ? { kind: 'planned', to: null } : { kind: 'left', why: left.message };
}

function wordsFor({ relation, value: wanted }: Requirement): Text {
  if (relation === 'exactly') return text`${value(wanted)}`;
  return text`${relation.replace('-', ' ')} ${value(wanted)}`;
}

function undoLines(name: string, old: string | null, fate: Fate, undo: string): readonly RemedyLine[] {
  if (fate.kind === 'planned') return [{ label: 'Undo', body: text`${command(undo)} takes it back` }];
  return old === null ? [] : [{ label: 'Undo', body: text`set ${key(name)} to ${value(spaced(old))} again` }];
}

function bootLines(requirement: Requirement, context: RemedyContext): readonly RemedyLine[] {
  const { value: wanted } = requirement;
  if (!isKeptAtBoot(requirement, context.assessment)) {
    const lost = text`no sysctl file reaches this network namespace: whatever makes it has to set the value each time`;
    return [{ label: 'At boot', body: lost }];
  }
  if (!comesByItself(requirement, context)) return [];
  return [
    { label: 'At boot', body: text`nothing to write: ${value(wanted)} is what this kernel starts with` },
  ];
}

function requireLines(requirement: Requirement, context: RemedyContext): readonly RemedyLine[] {
  const { key: name } = requirement;
  const fate = fateOf(requirement, context);
  const old = valueOr(namespaceOf(context.assessment, requirement)?.live(name), null);
  const boot = bootLines(requirement, context);
  const onlyAtBoot = fate.kind === 'planned' && fate.to === null;
  const wanted =
    fate.kind === 'planned' && fate.to !== null ? text`${value(fate.to)}` : wordsFor(requirement);
  const when = onlyAtBoot ? ' at boot' : boot.length > 0 ? ' now' : ', now and at boot';
  const now = old === null ? [] : text` (it is ${value(spaced(old))})`;
  return [
    { label: 'Set', body: text`${key(name)} to ${wanted}${when}${now}` },
    ...boot,
    ...(fate.kind === 'left' ? [{ label: 'But', body: text`${fate.why}` } as const] : []),
    ...undoLines(name, old, fate, context.undo),
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
  was,
  instruction,
}: Extract<Remedy, { kind: 'edit-config' }>): readonly RemedyLine[] {
  const place = at === null ? [] : text` (now at ${path(`${at.file}:${at.line}`)})`;
  const example = line === null ? [] : text`: ${command(line)}`;
  const old = was === undefined || was === null ? [] : text` (a backlog of ${value(was)})`;
  return [
    { label: 'Edit', body: text`${instruction}${example}${place}` },
    { label: 'Undo', body: text`put the old setting${old} back, and have the server call listen() again` },
  ];
}

function relistenLines({
  command: typed,
  disruptive,
  instruction,
}: Extract<Remedy, { kind: 'relisten' }>): readonly RemedyLine[] {
  const explained = { label: 'Then', body: instruction } as const;
  if (typed === null) return [explained];
  const risk = disruptive ? { remark: 'interrupts its connections' } : {};
  return [{ label: 'Then', body: [command(typed)], ...risk }, explained];
}

/** As it stands in the file; null where that was not collected. */
function lineAt({ file, line }: FileLine, { snapshot }: Assessment): string | null {
  const content = snapshot.sysctlFiles?.find(({ path: at }) => at === file)?.text;
  return content?.split('\n')[line - 1]?.trim() ?? null;
}

function deleteLines(
  { at, instruction }: Extract<Remedy, { kind: 'delete-line' }>,
  assessment: Assessment,
): readonly RemedyLine[] {
  const place = path(`${at.file}:${at.line}`);
  const content = lineAt(at, assessment);
  const old = content === null ? text`the line` : text`the line ${value(content)}`;
  return [
    { label: 'Edit', body: text`${place}: ${instruction}` },
    { label: 'Undo', body: text`put ${old} back, at ${place}` },
  ];
}

export function remedyLines(remedy: Remedy, context: RemedyContext): readonly RemedyLine[] {
  switch (remedy.kind) {
    case 'require':
      return requireLines(remedy.requirement, context);
    case 'set-in-container':
      return containerLines(remedy.requirement);
    case 'edit-config':
      return editLines(remedy);
    case 'relisten':
      return relistenLines(remedy);
    case 'delete-line':
      return deleteLines(remedy, context.assessment);
    case 'change-other-manager':
      return [
        { label: 'Edit', body: remedy.instruction },
        {
          label: 'Undo',
          body:
            remedy.undo ??
            (remedy.at === null ? text`take the change back` : text`put the old setting back there`),
        },
      ];
    case 'investigate':
      return [{ label: 'Look into', body: remedy.instruction }];
  }
}
