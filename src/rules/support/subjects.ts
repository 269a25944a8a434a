import type { ListenerAssessment } from '../../assess/assessment.ts';
import { key, list, name, path, plainText, type Text, text } from '../../core/text.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Subject } from '../rule.ts';

export function listenerText({ who, label }: ListenerAssessment): Text {
  return text`${name(who)} on ${name(label)}`;
}

export function listenerSubject(listener: ListenerAssessment): Subject {
  return { id: listener.id, label: listenerText(listener) };
}

export function keySubject(sysctl: SysctlKey): Subject {
  return { id: sysctl, label: text`${key(sysctl)}` };
}

export function lineText({ file, line }: FileLine): Text {
  return text`${path(`${file}:${line}`)}`;
}

/** Sockets that share a name, by SO_REUSEPORT for one, are named once with their number. */
export function allOf(subjects: readonly Subject[]): Text {
  const counted = new Map<string, { readonly label: Text; readonly count: number }>();
  for (const { label } of subjects) {
    const shown = plainText(label);
    counted.set(shown, { label, count: (counted.get(shown)?.count ?? 0) + 1 });
  }
  const labels = [...counted.values()].map(({ label, count }) =>
    count === 1 ? label : text`${label} (${count} sockets)`,
  );
  return list(labels, 3);
}

/** `queues`, or `queue` for several: the verb after the subjects. */
export function verb(subjects: readonly Subject[], one: string, many: string): string {
  return subjects.length === 1 ? one : many;
}

/** `511`, or `511 to 2048` where the subjects differ. */
export function span(low: number, high: number): string {
  return low === high ? String(low) : `${low} to ${high}`;
}

export type Spread = { readonly low: number; readonly high: number };

export function spreadOf(amounts: readonly number[]): Spread {
  return amounts.reduce<Spread>(
    ({ low, high }, each) => ({ low: Math.min(low, each), high: Math.max(high, each) }),
    { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY },
  );
}
