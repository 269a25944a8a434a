import type { Figure } from '../../src/core/figure.ts';
import { spaced } from '../../src/core/text.ts';
import type {
  Expectation,
  ExpectedRemedy,
  QueueLimits,
  Scenario,
  WantedSetting,
  WantedValue,
} from '../fixtures/scenarios/scenario.ts';
import { type Audited, audit } from './audited.ts';
import { alwaysWrong, isBroken, numbersOf } from './prohibitions.ts';
import { isShown } from './signs.ts';

/** How far an audit agrees with a scenario: each list says what does not, and is empty where all does. */
export type Verdict = {
  /** How many numbers were compared. */
  readonly numbers: number;
  readonly wrongNumbers: readonly string[];
  readonly wrongDiagnosis: readonly string[];
  readonly wrongRemedy: readonly string[];
  readonly broken: readonly string[];
};

function compareFigure(what: string, figure: Figure | undefined, wanted: number | readonly [number, number]) {
  const [low, high] = typeof wanted === 'number' ? [wanted, wanted] : wanted;
  if (figure === undefined) return [`${what} is not known`];
  return figure.low === low && figure.high === high
    ? []
    : [`${what} is ${figure.low} to ${figure.high}, not ${low} to ${high}`];
}

function wrongQueue(audited: Audited, local: string, wanted: QueueLimits): readonly string[] {
  const { acceptQueue, synQueue } = audited.listener(local);
  return [
    ...compareFigure(`limit of ${local}`, acceptQueue?.limit, wanted.limit),
    ...compareFigure(`capacity of ${local}`, acceptQueue?.capacity, wanted.capacity),
    ...(wanted.synQueue === null
      ? []
      : compareFigure(`SYN queue of ${local}`, synQueue?.unprovenCapacity, wanted.synQueue)),
  ];
}

function wrongBootValues(audited: Audited, wanted: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const boot = audited.assessment.resolution?.bootValue(key);
    const is = boot?.kind === 'set' ? spaced(boot.value ?? '') : (boot?.kind ?? 'not resolved');
    return is === value ? [] : [`${key} boots to ${is}, not ${value}`];
  });
}

function countNumbers({ queues, bootValues = {} }: Expectation): number {
  const ofQueues = Object.values(queues).map(({ synQueue }) => (synQueue === null ? 2 : 3));
  return ofQueues.reduce((sum, each) => sum + each, Object.keys(bootValues).length);
}

function meets(relation: 'at-least' | 'at-most' | 'exactly', value: string, wanted: WantedValue): boolean {
  const numbers = numbersOf(value);
  if ('exactly' in wanted) {
    return relation !== 'at-most' && numbers.join(' ') === numbersOf(wanted.exactly).join(' ');
  }
  if ('lastAtLeast' in wanted) return relation !== 'at-most' && (numbers.at(-1) ?? 0) >= wanted.lastAtLeast;
  if ('atMost' in wanted) return relation !== 'at-least' && (numbers[0] ?? Infinity) <= wanted.atMost;
  return relation !== 'at-most' && (numbers[0] ?? 0) >= wanted.atLeast;
}

function isAskedFor(audited: Audited, { where, key, value }: WantedSetting): boolean {
  const kind = where === 'container' ? 'set-in-container' : 'require';
  return audited.requirements.some(
    ({ requirement, kind: as }) =>
      as === kind && requirement.key === key && meets(requirement.relation, requirement.value, value),
  );
}

function wrongActions({ actions }: Audited, wanted: ExpectedRemedy): readonly string[] {
  const fine = [...wanted.actions, ...(wanted.alsoFine ?? [])];
  return [
    ...wanted.actions.filter((each) => !actions.includes(each)).map((each) => `does not advise ${each}`),
    ...actions.filter((each) => !fine.includes(each)).map((each) => `advises ${each}`),
  ];
}

function wrongSettings(audited: Audited, wanted: ExpectedRemedy): readonly string[] {
  const fine = [...wanted.set.map(({ key }) => key), ...(wanted.alsoSet ?? [])];
  return [
    ...wanted.set
      .filter((each) => !isAskedFor(audited, each))
      .map(({ key, value }) => `does not ask for ${key} ${JSON.stringify(value)}`),
    ...audited.requirements
      .filter(({ requirement }) => !fine.includes(requirement.key))
      .map(({ requirement }) => `asks for ${requirement.key} ${requirement.relation} ${requirement.value}`),
  ];
}

function wrongManualSteps({ remedies }: Audited, wanted: ExpectedRemedy): readonly string[] {
  const relisten = (wanted.relisten ?? []).filter(
    (server) => !remedies.some((each) => each.kind === 'relisten' && each.server === server),
  );
  const lines = (wanted.deleteLineIn ?? []).filter(
    (file) => !remedies.some((each) => each.kind === 'delete-line' && each.at.file === file),
  );
  const managers = (wanted.managers ?? []).filter(
    (manager) => !remedies.some((each) => each.kind === 'change-other-manager' && each.manager === manager),
  );
  return [
    ...relisten.map((server) => `does not say that ${server} must re-listen`),
    ...lines.map((file) => `does not name the line in ${file}`),
    ...managers.map((manager) => `does not name ${manager}`),
  ];
}

export function verdictOn({ facts, expect }: Scenario): Verdict {
  const audited = audit(facts);
  return {
    numbers: countNumbers(expect),
    wrongNumbers: [
      ...Object.entries(expect.queues).flatMap(([local, wanted]) => wrongQueue(audited, local, wanted)),
      ...wrongBootValues(audited, expect.bootValues ?? {}),
    ],
    wrongDiagnosis: expect.diagnosis
      .filter((sign) => !isShown(sign, audited))
      .map((sign) => JSON.stringify(sign)),
    wrongRemedy: [
      ...wrongActions(audited, expect.remedy),
      ...wrongSettings(audited, expect.remedy),
      ...wrongManualSteps(audited, expect.remedy),
    ],
    broken: [
      ...expect.mustNot.filter((each) => isBroken(each, audited)).map((each) => JSON.stringify(each)),
      ...alwaysWrong(audited),
    ],
  };
}
