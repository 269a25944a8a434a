import { type Figure, isExact } from '../../core/figure.ts';

/** The kernel's own value as text, where every number of it is known for certain. */
export function exactDefault(figures: readonly Figure[] | null): string | null {
  return figures?.every(isExact) ? figures.map(({ low }) => low).join(' ') : null;
}

/** The lowest that the kernel's own value can be, number by number. */
export function leastDefault(figures: readonly Figure[]): string {
  return figures.map(({ low }) => low).join(' ');
}

/** Certainly below the kernel's own value in some number. */
export function isBelow(numbers: readonly number[], figures: readonly Figure[]): boolean {
  return numbers.some((each, index) => each < (figures[index]?.low ?? each));
}

/** Certainly another value than the kernel's own. */
export function differsFrom(numbers: readonly number[], figures: readonly Figure[]): boolean {
  return figures.some(({ low, high }, index) => {
    const number = numbers[index];
    return number !== undefined && (number < low || number > high);
  });
}
