import type { Finding } from '../../src/rules/finding.ts';
import type { Sign } from '../fixtures/scenarios/scenario.ts';
import type { Audited } from './audited.ts';

function asksAboutKey(finding: Finding, key: string): boolean {
  return (
    finding.subjects.some(({ id }) => id === key) ||
    Object.values(finding.args).includes(key) ||
    finding.remedies.some(
      (remedy) =>
        (remedy.kind === 'require' || remedy.kind === 'set-in-container') && remedy.requirement.key === key,
    )
  );
}

export function namesKey(audited: Audited, key: string): boolean {
  return audited.asking.some((finding) => asksAboutKey(finding, key));
}

export function namesListener(audited: Audited, local: string): boolean {
  const { id } = audited.listener(local);
  const index = audited.facts.namespaces.findIndex(({ listeners = [] }) =>
    listeners.some((each) => each.local === local),
  );
  return audited.asking.some(
    ({ netns, subjects }) =>
      netns === audited.namespaceIds[index] && subjects.some((subject) => subject.id === id),
  );
}

function namesService(audited: Audited, name: string): boolean {
  return audited.asking.some(
    ({ subjects, remedies }) =>
      subjects.some(({ id }) => id === name || id === `service:${name}`) ||
      remedies.some((remedy) => 'server' in remedy && remedy.server === name),
  );
}

/** Whether the audit shows this sign of the diagnosis. */
export function isShown(sign: Sign, audited: Audited): boolean {
  switch (sign.sign) {
    case 'bound-by':
      return audited.listener(sign.local).boundBy === sign.is;
    case 'names-listener':
      return namesListener(audited, sign.local);
    case 'spares-listener':
      return !namesListener(audited, sign.local);
    case 'names-key':
      return namesKey(audited, sign.key);
    case 'names-service':
      return namesService(audited, sign.name);
    case 'quiet':
      return audited.asking.length === 0;
  }
}
