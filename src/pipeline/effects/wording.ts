import type { ListenerAssessment } from '../../assess/assessment.ts';
import { formatFigure } from '../../core/figure.ts';
import type { Span } from '../../core/span.ts';
import { name, type Text, text, value } from '../../core/text.ts';
import { allOf, listenerSubject } from '../../rules/support/subjects.ts';

export type Listeners = readonly ListenerAssessment[];

/** As many groups of listeners alike are named; the rest is counted. */
const MOST_GROUPS = 3;

export function many(count: number, one: string, other: string): string {
  return count === 1 ? one : other;
}

/** `the only listener`, `both listeners`, `all 5 listeners`, `2 of 5 listeners`. */
export function share(part: Listeners, all: Listeners): string {
  if (part.length < all.length) return `${part.length} of ${all.length} listeners`;
  if (all.length < 2) return 'the only listener';
  return all.length === 2 ? 'both listeners' : `all ${all.length} listeners`;
}

/** `nginx on 0.0.0.0:80 (128 of 511)`: those of one program with the same detail together. */
export function named(listeners: Listeners, detailOf: (one: ListenerAssessment) => string): Text {
  const groups = new Map<string, ListenerAssessment[]>();
  for (const one of listeners) {
    const id = JSON.stringify([one.who, detailOf(one)]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [one]);
    else group.push(one);
  }
  const shown = [...groups.values()].slice(0, MOST_GROUPS);
  const rest = listeners.length - shown.flat().length;
  const items = shown.map((group) => {
    const detail = group.map(detailOf)[0] ?? '';
    const who = allOf(group.map(listenerSubject));
    return detail === '' ? who : text`${who} (${value(detail)})`;
  });
  return joined(rest === 0 ? items : [...items, text`${rest} more`]);
}

/** Members may hold an `and` of their own, so a semicolon stands between them where there are several. */
function joined(items: readonly Text[]): Text {
  return items.flatMap((item, index) => (index === 0 ? item : text`; ${item}`));
}

/** `129`, or `128 to 129` where the kernel version leaves it open. */
export function amount({ low, high }: Span): string {
  return low === high ? String(low) : `${low} to ${high}`;
}

export function limitText({ acceptQueue }: ListenerAssessment): string {
  return acceptQueue === null ? 'limit not known' : formatFigure(acceptQueue.limit);
}

export function onlyTcp(listeners: Listeners): Listeners {
  return listeners.filter(({ listener }) => listener.protocol === 'tcp');
}

/** `0`, or `0, as now` for the value that it has. */
export function at(candidate: number, now: number | null): Text {
  return candidate === now ? text`${value(candidate)}, as now` : text`${value(candidate)}`;
}

/** The program as the subject of a sentence. */
export function programOf({ who }: ListenerAssessment): Text {
  return who === '?' ? text`the program` : text`${name(who)}`;
}
