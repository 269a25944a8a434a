import type { ListenerAssessment } from '../../assess/assessment.ts';
import { key, list, name, path, type Text, text } from '../../core/text.ts';
import type { FileLine } from '../../snapshot/fact.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Subject } from '../rule.ts';

/** Without root, or across namespaces, nobody may know whose a socket is. */
const NOBODY = '?';

function whoOn(who: string, where: Text): Text {
  return who === NOBODY ? where : text`${name(who)} on ${where}`;
}

/** The program as the subject of an instruction. */
export function programText({ who }: { readonly who: string }): Text {
  return who === NOBODY ? text`the program` : text`${name(who)}`;
}

export function listenerText({ who, label }: ListenerAssessment): Text {
  return whoOn(who, text`${name(label)}`);
}

export function listenerSubject(listener: ListenerAssessment): Subject {
  const { id, who, label } = listener;
  return { id, label: listenerText(listener), listener: { who, on: label } };
}

export function keySubject(sysctl: SysctlKey): Subject {
  return { id: sysctl, label: text`${key(sysctl)}` };
}

export function lineText({ file, line }: FileLine): Text {
  return text`${path(`${file}:${line}`)}`;
}

/** `*:443`, or `*:443 (4 sockets)` for those that share an address by SO_REUSEPORT. */
function places(on: readonly string[], most: number): Text {
  const counts = new Map<string, number>();
  for (const each of on) counts.set(each, (counts.get(each) ?? 0) + 1);
  const named = [...counts].map(([each, count]) =>
    count === 1 ? text`${name(each)}` : text`${name(each)} (${count} sockets)`,
  );
  return list(named, most);
}

const MOST_SERVERS = 3;

/** `a, b on x and y, and c`: members that hold an `and` of their own need the comma before the last. */
function series(items: readonly Text[], and: string): Text {
  const rest = items.length - MOST_SERVERS;
  const named = rest > 1 ? [...items.slice(0, MOST_SERVERS), text`${rest} other servers`] : items;
  const [last, ...before] = [...named].reverse();
  if (last === undefined || before.length === 0) return last ?? [];
  const head = before.reverse().flatMap((item, index) => (index === 0 ? item : text`, ${item}`));
  return text`${head}${and}${last}`;
}

/** Each server once, with its sockets; whatever else is named, one after the other. */
export function allOf(subjects: readonly Subject[]): Text {
  const byServer = new Map<string, string[]>();
  for (const { listener } of subjects) {
    if (listener === undefined) continue;
    const on = byServer.get(listener.who);
    if (on === undefined) byServer.set(listener.who, [listener.on]);
    else on.push(listener.on);
  }
  const others = subjects.filter(({ listener }) => listener === undefined).map(({ label }) => label);
  if (byServer.size === 0) return list(others, 3);
  const most = byServer.size === 1 ? 3 : 2;
  const servers = [...byServer].map(([who, on]) => whoOn(who, places(on, most)));
  const isPlain = [...byServer.values()].every((on) => new Set(on).size === 1);
  return series([...servers, ...others], isPlain ? ' and ' : ', and ');
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
