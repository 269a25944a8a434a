import { unknownNameError, usageError } from '../core/errors.ts';

/** For commander: accepts one of the names, and says which one was meant otherwise. */
export function oneOf<Name extends string>(what: string, names: readonly Name[]) {
  return (given: string): Name => {
    const found = names.find((name) => name === given);
    if (found === undefined) throw withChoices(unknownNameError(what, given, names).hint, what, given, names);
    return found;
  };
}

function withChoices(hint: string | undefined, what: string, given: string, names: readonly string[]) {
  return usageError(`unknown ${what} '${given}': expected ${names.join(', ')}`, hint);
}

/** The first of the options that was given, as it is typed; null where none was. */
export function optionGiven<Name extends string>(
  options: Readonly<Partial<Record<Name, unknown>>>,
  names: readonly Name[],
): string | null {
  const given = names.find((name) => options[name] !== undefined);
  return given === undefined ? null : `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A decimal number without a fraction. */
export function wholeNumber(option: string, least: number, most: number) {
  return (given: string): number => {
    const amount = /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : Number.NaN;
    if (!(amount >= least && amount <= most))
      throw usageError(`${option} expects a whole number from ${least} to ${most}, not '${given}'`);
    return amount;
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60 };
const LONGEST_SECONDS = 3600;

/** `10s`, `500ms`, `2m`, or a bare number of seconds. */
export function durationSeconds(option: string) {
  return (given: string): number => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(given);
    const seconds = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] ?? 's'] ?? 1);
    if (!(seconds > 0 && seconds <= LONGEST_SECONDS)) {
      throw usageError(`${option} expects a time such as 10s, 500ms or 2m, at most an hour, not '${given}'`);
    }
    return seconds;
  };
}
