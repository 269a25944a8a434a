import type { Span } from '../core/span.ts';

/** `{ limit }`, or `{ limit, limitRange }` where the kernel version leaves it open; `limit` is the lower end then. */
export function numberJson<Name extends string>(name: Name, { low, high }: Span) {
  const range = low === high ? {} : { [`${name}Range`]: [low, high] };
  // The computed names are exactly these two.
  return { [name]: low, ...range } as { [N in Name]: number } & {
    [N in `${Name}Range`]?: [number, number];
  };
}

/** The same for each field of a record. */
export function numbersJson<Name extends string>(spans: Readonly<Record<Name, Span>>) {
  return Object.assign({}, ...Object.entries<Span>(spans).map(([name, span]) => numberJson(name, span))) as {
    [N in Name]: number;
  } & { [N in `${Name}Range`]?: [number, number] };
}
