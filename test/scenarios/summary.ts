import type { Scenario } from '../fixtures/scenarios/scenario.ts';
import type { Verdict } from './verdict.ts';

export type Judged = { readonly scenario: Scenario; readonly verdict: Verdict };

function share(items: readonly Judged[], agrees: (each: Judged) => boolean): string {
  return `${items.filter(agrees).length} of ${items.length}`;
}

function sum(items: readonly Judged[], amount: (each: Judged) => number): number {
  return items.reduce((total, each) => total + amount(each), 0);
}

function laterFigures({ expect }: Scenario): number {
  return Object.keys(expect.laterFigures ?? {}).length + Object.keys(expect.laterBootValues ?? {}).length;
}

function row(name: string, items: readonly Judged[]): readonly string[] {
  const numbers = sum(items, ({ verdict }) => verdict.numbers);
  const wrong = sum(items, ({ verdict }) => verdict.wrongNumbers.length);
  return [
    name,
    `${numbers - wrong} of ${numbers}`,
    share(items, ({ verdict }) => verdict.wrongDiagnosis.length === 0),
    share(items, ({ verdict }) => verdict.wrongRemedy.length === 0),
    `${sum(items, ({ verdict }) => verdict.broken.length)} of ${sum(items, ({ scenario }) => scenario.expect.mustNot.length)}`,
  ];
}

function notYet(items: readonly Judged[]): readonly string[] {
  return items
    .filter(({ verdict }) => verdict.wrongRemedy.length > 0)
    .map(({ scenario }) => `  ${scenario.id}: ${scenario.expect.broughtBy ?? 'within reach, and wrong'}`);
}

export type Group = {
  readonly name: string;
  readonly judged: readonly Judged[];
  /** Variants are counted, not listed. */
  readonly varied: boolean;
};

const HEADINGS = ['scenarios', 'limits', 'diagnoses', 'remedies', 'must-nots broken'];

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2))
      .join('')
      .trimEnd(),
  );
}

/** One table for a person: how many limits, diagnoses and remedies agree, and what is still to come. */
export function summaryOf(groups: readonly Group[]): string {
  const rows = [HEADINGS, ...groups.map(({ name, judged }) => row(name, judged))];
  const told = groups.filter(({ varied }) => !varied).flatMap(({ judged }) => judged);
  const later = sum(told, ({ scenario }) => laterFigures(scenario));
  return [
    ...aligned(rows),
    'Remedies that later work brings:',
    ...notYet(told),
    `Figures that later work brings: ${later}`,
    '',
  ].join('\n');
}
