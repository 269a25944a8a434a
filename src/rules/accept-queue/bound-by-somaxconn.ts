import type { ListenerAssessment } from '../../assess/assessment.ts';
import { safeUnit } from '../../assess/relisten.ts';
import { shellQuote } from '../../core/shell.ts';
import { key, name, text, value } from '../../core/text.ts';
import type { Service } from '../../snapshot/service.ts';
import { defineRule, type Evidence, type Report, type Subject } from '../rule.ts';
import { limitOf, nothingFound, type Suspect, shortQueues, suspectsOf } from '../support/pressure.ts';
import { acceptFaster, type Place, raiseSomaxconn, SOMAXCONN, unclamp } from '../support/queue-remedies.ts';
import {
  allOf,
  listenerSubject,
  listenerText,
  type Spread,
  span,
  spreadOf,
  verb,
} from '../support/subjects.ts';

type LimitArgs = { readonly limit: number };
type ServiceArgs = { readonly service: string; readonly backlog: number; readonly somaxconn: number };

const messages = {
  clamped: ({ limit, low, high }: LimitArgs & Spread, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'has', 'have')} an accept queue limit of ${value(limit)}, not the ${value(span(low, high))} ${verb(subjects, 'it asks', 'they ask')} for: ${key(SOMAXCONN)} is ${value(limit)}`,
  follows: ({ limit }: LimitArgs, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'asks', 'ask')} for as much as ${key(SOMAXCONN)} allows and ${verb(subjects, 'gets', 'get')} it: ${value(limit)}`,
  followsAndOverflows: ({ limit }: LimitArgs, subjects: readonly Subject[]) =>
    text`${allOf(subjects)} ${verb(subjects, 'overflows', 'overflow')} at ${verb(subjects, 'its', 'their')} limit of ${value(limit)}, all that ${key(SOMAXCONN)} allows`,
  notListening: ({ service, backlog, somaxconn }: ServiceArgs) =>
    text`${name(service)} is configured for a backlog of ${value(backlog)} and does not listen: ${key(SOMAXCONN)} is ${value(somaxconn)}, and a server that checks refuses to start`,
};

type Reports = readonly Report<typeof messages>[];

function evidenceOf(listener: ListenerAssessment): Evidence {
  const { requested, source, followsSomaxconn } = listener.backlog;
  const asked =
    followsSomaxconn || requested === null ? text`as much as possible` : text`${value(requested)}`;
  return {
    name: text`limit of ${listenerText(listener)}`,
    measured: text`${value(limitOf(listener) ?? 'not known')}, which is ${key(SOMAXCONN)}`,
    expected: text`${asked}, by the server's ${source === 'default' ? 'default' : 'request'}`,
  };
}

/** The server named a number, and the kernel cut it. */
function clamped(
  listeners: readonly ListenerAssessment[],
  suspects: readonly Suspect[],
  place: Place,
): Reports {
  const cut = listeners.filter(
    ({ boundBy, backlog }) => boundBy === 'somaxconn' && !backlog.followsSomaxconn,
  );
  const byId = new Map(suspects.map((suspect) => [suspect.listener.id, suspect]));
  const spread = spreadOf(cut.map(({ backlog }) => backlog.requested ?? 0));
  return cut.map((listener) => {
    const suspect = byId.get(listener.id);
    const hides = suspect?.trouble === 'overload';
    const limit = limitOf(listener) ?? 0;
    return {
      messageId: 'clamped',
      args: { limit, ...spread },
      subject: listenerSubject(listener),
      cause: `${SOMAXCONN}=${limit}`,
      severity: suspect?.trouble === 'short' && suspect.clue !== 'guess' ? 'high' : 'medium',
      confidence: listener.backlog.source === 'inferred' ? 'assumed' : 'inferred',
      evidence: [evidenceOf(listener)],
      // It asked for more than it got, whatever else is wrong.
      remedies: [...unclamp(listener, place), ...(hides ? [acceptFaster(listener)] : [])],
    };
  });
}

/** The server left it to somaxconn: nothing was cut, so only an overflow makes it a problem. */
function following(
  listeners: readonly ListenerAssessment[],
  short: ReadonlyMap<string, Suspect>,
  place: Place,
): Reports {
  return listeners
    .filter(
      ({ boundBy, backlog }) => backlog.followsSomaxconn && (boundBy === 'somaxconn' || boundBy === 'both'),
    )
    .map((listener) => {
      const suspect = short.get(listener.id);
      const limit = limitOf(listener) ?? 0;
      return {
        messageId: suspect === undefined ? 'follows' : 'followsAndOverflows',
        args: { limit },
        subject: listenerSubject(listener),
        cause: `${SOMAXCONN}=${limit}`,
        severity: suspect === undefined ? 'info' : 'high',
        confidence: suspect?.confidence ?? 'inferred',
        evidence: [evidenceOf(listener)],
        remedies: suspect === undefined ? [] : unclamp(listener, place),
      };
    });
}

function hasListener({ name: service, server }: Service, listeners: readonly ListenerAssessment[]): boolean {
  const bare = service.replace(/\.(service|socket)$/, '');
  return listeners.some(
    ({ listener, who }) =>
      (server !== undefined && (listener.server === server || who === server)) ||
      who === bare ||
      listener.unit?.replace(/\.(service|socket)$/, '') === bare,
  );
}

/** uWSGI compares its own setting with somaxconn and exits; others would be clamped once they start. */
function notListening(
  services: readonly Service[],
  listeners: readonly ListenerAssessment[],
  place: Place,
): Reports {
  const { somaxconn } = place;
  if (somaxconn === null) return [];
  return services.flatMap((service): Reports => {
    const backlog = service.backlog?.ok ? service.backlog.value : null;
    if (backlog === null || backlog <= somaxconn || backlog >= 0x7fffffff || service.state === 'inactive')
      return [];
    if (hasListener(service, listeners)) return [];
    const who = service.server ?? service.name;
    return [
      {
        messageId: 'notListening',
        args: { service: service.name, backlog, somaxconn },
        subject: { id: `service:${service.name}`, label: text`${name(service.name)}` },
        cause: `${service.name} asks for ${backlog}`,
        severity: 'medium',
        confidence: 'inferred',
        evidence: [
          {
            name: text`${key(SOMAXCONN)}`,
            measured: text`${value(somaxconn)}`,
            expected: text`at least ${value(backlog)}, the backlog of ${name(service.name)}`,
          },
        ],
        remedies: [
          raiseSomaxconn(place, backlog, text`${name(who)} asks for a backlog of ${value(backlog)}`),
          {
            kind: 'relisten',
            server: who,
            command: startCommand(service.name),
            disruptive: false,
            instruction: text`start ${name(service.name)} once the setting is in place; at boot the sysctl files come before it`,
          },
        ],
      },
    ];
  });
}

function startCommand(service: string): string | null {
  const unit = safeUnit(service);
  return unit === null ? null : `systemctl start ${shellQuote(unit)}`;
}

export const boundBySomaxconn = defineRule({
  id: 'accept-queue/bound-by-somaxconn',
  title: 'somaxconn cuts the accept queue below what the server asks for',
  why: 'The kernel silently takes the smaller of backlog and somaxconn, so bursts that the server was configured for are dropped.',
  references: ['man 2 listen', 'kernel commit 19f92a030ca6 (somaxconn 4096)'],
  requires: ['listeners'],
  uses: ['rates', 'services', 'defaults', 'sysctl:net.core.somaxconn'],
  messages,
  check({ listeners, rates, services, ...facts }) {
    const place = { ...facts, somaxconn: facts['sysctl:net.core.somaxconn'] };
    const reports = [
      ...clamped(listeners, suspectsOf(listeners, rates), place),
      ...following(listeners, shortQueues(listeners, rates), place),
      ...notListening(services ?? [], listeners, place),
    ];
    return reports.length === 0 ? nothingFound(listeners) : { kind: 'fail', reports };
  },
});
