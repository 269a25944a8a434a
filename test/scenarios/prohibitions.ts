import { spaced } from '../../src/core/text.ts';
import type { Requirement } from '../../src/sysctl/requirement.ts';
import type { Prohibition } from '../fixtures/scenarios/scenario.ts';
import type { Audited } from './audited.ts';
import { namesKey, namesListener } from './signs.ts';

export function numbersOf(value: string): readonly number[] {
  return value.trim().split(/\s+/).map(Number);
}

function about(audited: Audited, key: string) {
  return audited.requirements.filter(({ requirement }) => requirement.key === key);
}

/** Whether meeting the requirement moves some number of the live value in the direction. */
function moves(audited: Audited, { key, netns, relation, value }: Requirement, up: boolean): boolean {
  const live = audited.live(key, netns);
  // Without a live value nothing shows where it would move to, so any requirement that may move it counts.
  if (live === null) return relation === 'exactly' || (relation === 'at-least') === up;
  const from = numbersOf(live);
  return numbersOf(value).some((to, index) => {
    const old = from[index] ?? to;
    if (up) return relation !== 'at-most' && to > old;
    return relation !== 'at-least' && to < old;
  });
}

function editsServer(audited: Audited, process: string): boolean {
  return audited.remedies.some((remedy) => remedy.kind === 'edit-config' && remedy.server === process);
}

function relistens(audited: Audited, process: string): boolean {
  return audited.remedies.some((remedy) => remedy.kind === 'relisten' && remedy.server === process);
}

function raises(audited: Audited, key: string): boolean {
  return about(audited, key).some(({ requirement }) => moves(audited, requirement, true));
}

function inHostOnly(audited: Audited, netns: string): boolean {
  const index = audited.facts.namespaces.findIndex(({ environment }) => environment === 'host');
  return audited.namespaceIds[index] === netns;
}

function movesKey(
  audited: Audited,
  prohibition: { readonly never: 'raise' | 'lower' | 'touch'; readonly key: string; readonly where?: 'host' },
): boolean {
  return about(audited, prohibition.key)
    .filter(({ requirement }) => prohibition.where === undefined || inHostOnly(audited, requirement.netns))
    .some(
      ({ requirement }) =>
        prohibition.never === 'touch' || moves(audited, requirement, prohibition.never === 'raise'),
    );
}

function raisesMember(
  audited: Audited,
  { key, member }: { readonly key: string; readonly member: number },
): boolean {
  return about(audited, key).some(({ requirement }) => {
    const live = audited.live(key, requirement.netns);
    const to = numbersOf(requirement.value)[member] ?? 0;
    return live !== null && to > (numbersOf(live)[member] ?? 0);
  });
}

function bootsTo(audited: Audited, key: string, is: string): boolean {
  const boot = audited.assessment.resolution?.bootValue(key);
  return boot?.kind === 'set' && spaced(boot.value ?? '') === is;
}

/** Whether the audit gave the advice that the scenario forbids. */
export function isBroken(prohibition: Prohibition, audited: Audited): boolean {
  switch (prohibition.never) {
    case 'raise':
    case 'lower':
    case 'touch':
      return movesKey(audited, prohibition);
    case 'set':
      return about(audited, prohibition.key).some(
        ({ requirement }) => requirement.relation === 'exactly' && requirement.value === prohibition.to,
      );
    case 'exceed':
      return audited.requirements.some(({ requirement }) =>
        numbersOf(requirement.value).some((number) => number > prohibition.number),
      );
    case 'raise-member':
      return raisesMember(audited, prohibition);
    case 'edit-server':
      return editsServer(audited, prohibition.process);
    case 'relisten':
      return relistens(audited, prohibition.process);
    case 'blame-key':
      return namesKey(audited, prohibition.key);
    case 'ignore-listener':
      return !namesListener(audited, prohibition.local);
    case 'drop-in-alone':
      return (
        about(audited, prohibition.key).length > 0 &&
        !audited.remedies.some(({ kind }) => kind === 'change-other-manager')
      );
    case 'raise-without-server':
      return raises(audited, prohibition.key) && !editsServer(audited, prohibition.process);
    case 'relisten-without-raise':
      return relistens(audited, prohibition.process) && !raises(audited, prohibition.key);
    case 'boot-value':
      return bootsTo(audited, prohibition.key, prohibition.is);
  }
}

/** Advice that is wrong on every host, whatever the scenario is about. */
export function alwaysWrong(audited: Audited): readonly string[] {
  const asked = audited.requirements.map(({ requirement }) => requirement);
  const sets = (key: string, bad: (number: number) => boolean) =>
    asked
      .filter((each) => each.key === key && each.relation !== 'at-most' && numbersOf(each.value).some(bad))
      .map(() => key);
  return [
    ...sets('net.ipv4.tcp_abort_on_overflow', (number) => number !== 0),
    ...sets('net.ipv4.tcp_tw_recycle', (number) => number !== 0),
    ...sets('net.ipv4.tcp_syncookies', (number) => number === 0),
    ...sets('net.ipv4.tcp_timestamps', (number) => number === 0),
    ...asked
      .filter(({ value }) => numbersOf(value).some((number) => !Number.isFinite(number)))
      .map(({ key, value }) => `${key} is asked to be ${value}`),
    ...asked
      .filter(({ key, value }) => /tcp_(r|w)?mem$/.test(key) && !isRising(numbersOf(value)))
      .map(({ key, value }) => `${key} is asked to be ${value}, out of order`),
    ...audited.findings
      .filter(({ severity, remedies }) => severity === 'info' && remedies.length > 0)
      .map(({ rule }) => `${rule} is info and asks for something`),
    ...audited.requirements
      .filter(({ requirement, kind }) => isInContainer(audited, requirement.netns) !== (kind !== 'require'))
      .map(({ requirement }) => `${requirement.key} is asked for in the wrong place`),
  ];
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => number >= (numbers[index - 1] ?? 0));
}

function isInContainer(audited: Audited, netns: string): boolean {
  return audited.facts.namespaces[audited.namespaceIds.indexOf(netns)]?.environment === 'container';
}
