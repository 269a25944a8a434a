import { key, name, text, value } from '../../core/text.ts';
import { catalogueEntry } from '../../sysctl/catalogue.ts';
import { type AdviceRow, bad, type Judgement, programs, type Setting, type View } from './row.ts';

const BUCKETS = 'net.netfilter.nf_conntrack_buckets';
/** One variable under two names; the second is read only where a file names it. */
const MAX = 'net.netfilter.nf_conntrack_max';
const MAX_ALIAS = 'net.nf_conntrack_max';
const CONNTRACK_MAX = [MAX, MAX_ALIAS];

/** How many connections a bucket may hold before the search in it costs. */
const LONG_CHAIN = 8;

function judgeConntrack({ key: sysctl, numbers: [most], at }: Setting, view: View): Judgement {
  if (at === null && sysctl === MAX && view.rawOf(MAX_ALIAS) !== null) return null;
  const buckets = view.numbersOf(BUCKETS)?.[0];
  if (buckets === undefined || buckets <= 0 || most <= LONG_CHAIN * buckets) return null;
  const wanted = Math.ceil(most / 4 / 8192) * 8192;
  const chain = Math.round(most / buckets);
  const because = text`four connections a bucket keep the search short`;
  const ranges = view.facts.traits.current(catalogueEntry(BUCKETS)?.range ?? []);
  const canBeSet = ranges.length > 0;
  return bad(
    'low',
    `with ${buckets} buckets a full table has ${chain} connections in each, and every packet searches one`,
    {
      expected: text`${key(BUCKETS)} of ${value(wanted)}`,
      ...(canBeSet
        ? { require: { key: BUCKETS, relation: 'at-least', value: String(wanted), because } }
        : {}),
      byHand: canBeSet
        ? text`set ${key(BUCKETS)} to ${value(wanted)} as well, or delete the line`
        : text`load nf_conntrack with ${value(`hashsize=${wanted}`)}, or delete the line`,
    },
  );
}

function judgeKubeProxy({ at }: Setting, { facts }: View): Judgement {
  if (at === null || !programs(facts).includes('kube-proxy')) return null;
  return bad('low', 'kube-proxy runs here and sets it whenever it starts, so the line does not last', {
    expected: text`an option of ${name('kube-proxy')}`,
    manager: {
      name: 'kube-proxy',
      instruction: text`set conntrack.maxPerCore or conntrack.min in the configuration of ${name('kube-proxy')}`,
    },
  });
}

/** The table of tracked connections. */
export const NETFILTER_ROWS: readonly AdviceRow[] = [
  {
    id: 'conntrack-buckets-few',
    title: 'nf_conntrack_max was raised far above its hash buckets',
    why: 'Each packet searches one bucket, so long chains cost time for every packet once the table fills.',
    references: ['Documentation/networking/nf_conntrack-sysctl.rst (nf_conntrack_buckets)'],
    keys: CONNTRACK_MAX,
    live: 'here',
    judge: judgeConntrack,
  },
  {
    id: 'conntrack-of-kube-proxy',
    title: 'A line sets nf_conntrack_max where kube-proxy does',
    why: 'The limit is written by kube-proxy when it starts, after the sysctl files, and so the line does not count.',
    references: ['https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/'],
    keys: CONNTRACK_MAX,
    live: 'nobody',
    judge: judgeKubeProxy,
  },
];
