import type { Assessment, NamespaceAssessment } from '../../assess/assessment.ts';
import { key, list, name, plainText, type Text, text } from '../../core/text.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import type { CatalogueEntry, Scope } from '../../sysctl/catalogue-entry.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import { abortOnOverflow, somaxconn } from './accept-queue.ts';
import { rmemMax, tcpRmem, tcpWmem, wmemMax } from './buffers.ts';
import { finTimeout, localPortRange, maxTwBuckets, netdevMaxBacklog, twReuse } from './elsewhere.ts';
import { type Effects, type Here, placeOf } from './here.ts';
import { maxSynBacklog, synackRetries, syncookies } from './syn-queue.ts';

/** The keys whose effect on this host we can tell; of the others the catalogue says what it knows. */
export const KEY_EFFECTS: ReadonlyMap<SysctlKey, Effects> = new Map([
  ['net.core.somaxconn', somaxconn],
  ['net.core.netdev_max_backlog', netdevMaxBacklog],
  ['net.core.rmem_max', rmemMax],
  ['net.core.wmem_max', wmemMax],
  ['net.ipv4.ip_local_port_range', localPortRange],
  ['net.ipv4.tcp_abort_on_overflow', abortOnOverflow],
  ['net.ipv4.tcp_fin_timeout', finTimeout],
  ['net.ipv4.tcp_max_syn_backlog', maxSynBacklog],
  ['net.ipv4.tcp_max_tw_buckets', maxTwBuckets],
  ['net.ipv4.tcp_rmem', tcpRmem],
  ['net.ipv4.tcp_synack_retries', synackRetries],
  ['net.ipv4.tcp_syncookies', syncookies],
  ['net.ipv4.tcp_tw_reuse', twReuse],
  ['net.ipv4.tcp_wmem', tcpWmem],
]);

const REACH: Readonly<Record<Scope, string>> = {
  'network-namespace': 'It reaches the network namespace in which it is written, and no other.',
  global: 'It reaches the whole host, all its network namespaces included.',
  'global-read-only-in-child': 'It reaches the whole host, all its network namespaces included.',
  host: 'It reaches the whole host, from whichever network namespace it is written.',
};

function reach({ scope }: CatalogueEntry, { traits }: Here): Text {
  const [only, ...others] = [...new Set(traits.current(scope).map((each) => REACH[each]))];
  return only === undefined || others.length > 0
    ? text`Whether it reaches the whole host or one network namespace, the version of this kernel does not tell.`
    : text`${only}`;
}

function sentence(clause: string): Text {
  return text`${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;
}

function known(entry: CatalogueEntry): readonly Text[] {
  const { sideEffects, reversible } = entry;
  return [
    ...(sideEffects === undefined ? [] : [sentence(sideEffects)]),
    ...(reversible.is ? [] : [text`The old value does not undo it: ${reversible.why}.`]),
  ];
}

function effectsHere(entry: CatalogueEntry, here: Here): readonly Text[] {
  const own = KEY_EFFECTS.get(entry.key)?.(here) ?? [reach(entry, here)];
  return [...own, ...known(entry)];
}

/** What several namespaces have in common is said once, after it what only some have, with their names. */
function together(
  perNamespace: readonly { readonly of: NamespaceAssessment; readonly texts: readonly Text[] }[],
): readonly Text[] {
  const said = new Map<string, { readonly content: Text; readonly in: NamespaceAssessment[] }>();
  for (const { of, texts } of perNamespace) {
    for (const content of texts) {
      const known = said.get(plainText(content));
      if (known === undefined) said.set(plainText(content), { content, in: [of] });
      else known.in.push(of);
    }
  }
  return [...said.values()].map(({ content, in: where }) =>
    where.length === perNamespace.length
      ? content
      : text`In ${list(
          where.map(({ namespace }) => text`${name(namespace.name)}`),
          3,
        )}: ${content}`,
  );
}

/** What a change of a key would do on this host and what it would not; nothing where the catalogue does not know it. */
export function keyEffects(sysctl: SysctlKey, assessment: Assessment): readonly Text[] {
  const entry = catalogueEntry(sysctl);
  if (entry === undefined) return [];
  const isSeen = assessment.namespaces.some(({ live }) => live(sysctl).ok);
  if (!isSeen && assessment.traits.has(entry) === 'no')
    return [text`Nothing: this kernel has no ${key(sysctl)}, and a file that sets it changes nothing.`];
  return together(
    assessment.namespaces.map((of) => ({ of, texts: effectsHere(entry, placeOf(of, assessment)) })),
  );
}
