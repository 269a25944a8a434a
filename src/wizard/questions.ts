import { parseBitsPerSecond, parseCount, parseMilliseconds } from '../core/quantities.ts';

/** What a person said of the load; a question that was answered with "don't know" leaves its field out. */
export type LoadAnswers = {
  readonly connectionsPerSecond?: number;
  readonly longestStallMilliseconds?: number;
  readonly bandwidthBitsPerSecond?: number;
  readonly roundTripMilliseconds?: number;
};

export type LoadQuestion = {
  readonly field: keyof LoadAnswers;
  readonly message: string;
  readonly expected: string;
  /** The option of `backlogctl apply` that says the same. */
  readonly option: string;
  readonly parse: (answer: string) => number | null;
};

/** Asked in this order. Nobody has to know: an empty answer changes nothing. */
export const LOAD_QUESTIONS: readonly LoadQuestion[] = [
  {
    field: 'connectionsPerSecond',
    message: 'New connections a second, at the peak (empty: don’t know)',
    expected: 'a whole number such as 2000',
    option: '--connections-per-second',
    parse: parseCount,
  },
  {
    field: 'longestStallMilliseconds',
    message: 'Longest pause of the server without accept() (empty: don’t know)',
    expected: 'a time such as 300ms or 2s',
    option: '--longest-stall',
    parse: parseMilliseconds,
  },
  {
    field: 'bandwidthBitsPerSecond',
    message: 'Rate that one connection should reach (empty: don’t know)',
    expected: 'a rate such as 1Gbit or 400Mbit',
    option: '--bandwidth',
    parse: parseBitsPerSecond,
  },
  {
    field: 'roundTripMilliseconds',
    message: 'Round trip of its path (empty: don’t know)',
    expected: 'a time such as 40ms',
    option: '--rtt',
    parse: parseMilliseconds,
  },
];

export function complaintAbout(question: LoadQuestion, answer: string): string | null {
  return answer.trim() === '' || question.parse(answer) !== null
    ? null
    : `expected ${question.expected}, or nothing`;
}

const UNITS: Readonly<Record<keyof LoadAnswers, string>> = {
  connectionsPerSecond: '',
  longestStallMilliseconds: 'ms',
  bandwidthBitsPerSecond: 'bit',
  roundTripMilliseconds: 'ms',
};

/** The load as options of `backlogctl apply`. */
export function loadOptions(load: LoadAnswers): readonly string[] {
  return LOAD_QUESTIONS.flatMap(({ field, option }) => {
    const amount = load[field];
    return amount === undefined ? [] : [option, `${amount}${UNITS[field]}`];
  });
}
