import { key, type Text, text, value } from '../../core/text.ts';

export type Rate = { readonly increase: number; readonly seconds: number };

/** `2 s` for 2.003, `1.5 s`, `0.2 s`: what a person would say of a time that was measured. */
export function duration(seconds: number): string {
  const tenths = Math.round(seconds * 10) / 10;
  return `${seconds < 10 ? Math.max(0.1, tenths) : Math.round(seconds)} s`;
}

/** `12 in 2 s`, or `350 in 10 s, 35 per second` where that is another number and says something. */
export function rateValue({ increase, seconds }: Rate): Text {
  const counted = text`${value(increase)} in ${value(duration(seconds))}`;
  const perSecond = increase / seconds;
  return seconds >= 2 && perSecond >= 1
    ? text`${counted}, ${value(perSecond < 10 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond))} per second`
    : counted;
}

/** `ListenOverflows rose by 350 in 10 s, 35 per second`. */
export function rateText(counter: string, rate: Rate): Text {
  return text`${key(counter)} rose by ${rateValue(rate)}`;
}
