import { describe, expect, it } from '@jest/globals';
import { CATALOGUE, catalogueEntry, sameSetting } from '../../src/sysctl/catalogue.ts';
import { memberCount, type Range } from '../../src/sysctl/catalogue-entry.ts';
import { parseNumbers } from '../../src/sysctl/codec.ts';
import { parseKey } from '../../src/sysctl/key.ts';
import { specialKey } from '../../src/sysctl/special-keys.ts';
import { isWritableIn } from '../../src/sysctl/validate.ts';
import { OUR_RANGE } from '../tools/our-ranges.ts';
import {
  BOUNDED,
  BY_TREE,
  BY_VERSION,
  bound,
  COMPUTED_BOUNDS,
  entryOf,
  FOR_ROOT,
  LEFT_OUT,
  NAMED_BOUNDS,
  rows,
  SCOPES,
  SHOWN_FROM_THE_HOST,
  TAKEN_INTO_OLDER_SERIES,
  TREES,
  tip,
  traitsAt,
} from '../tools/sysctl-sources.ts';

/** Measured on a few kernels rather than read in all. */
function isOfOurOwn(key: string): boolean {
  return BY_VERSION.some(([each, , , , , handler]) => each === key && handler === 'measured');
}

describe('the catalogue against the kernel sources', () => {
  it('has rows for every key, and every key of the rows but those that are left out', () => {
    expect(new Set(BY_VERSION.map(([key]) => key))).toEqual(new Set(CATALOGUE.map(({ key }) => key)));
    const all = new Set(rows('by-version.csv').map(([key]) => key));
    expect(Object.keys(LEFT_OUT).filter((key) => !all.has(key))).toEqual([]);
    expect([...all].filter((key) => /^net\.(core|ipv4)\./.test(key ?? '')).length).toBeGreaterThan(190);
  });

  it.each(BY_TREE)('$key in $tree: scope', ({ key, tree, scope }) => {
    const isShown = SHOWN_FROM_THE_HOST.has(key) && scope === 'netns';
    const expected = isShown ? 'global-read-only-in-child' : SCOPES[scope];
    expect(traitsAt(tree).current(entryOf(key).scope)).toEqual([expected]);
  });

  it.each(BOUNDED)('$key in $tree: range', ({ key, tree, ...kernel }) => {
    const [range] = traitsAt(tree).current<Range>(entryOf(key).range);
    if (!OUR_RANGE.has(key)) {
      expect(range).toEqual(kernel);
      return;
    }
    expect(range?.min).toBeGreaterThanOrEqual(kernel.min);
    expect(range?.max).toBeLessThanOrEqual(kernel.max);
    if ((range?.max ?? kernel.max) < kernel.max) expect(range?.takesMore).toBe(true);
  });

  it('says of no range that the kernel takes more where it never does', () => {
    const claims = CATALOGUE.filter(({ range }) => range.some(({ is }) => is.takesMore)).map(
      ({ key }) => key,
    );
    const taken = BY_TREE.filter(({ key, tree, max }) => {
      const [range] = traitsAt(tree).current<Range>(entryOf(key).range);
      return range?.takesMore && (bound(max) ?? Number.POSITIVE_INFINITY) > range.max;
    });
    expect(claims.length).toBeGreaterThan(20);
    expect(claims.filter((key) => !taken.some((each) => each.key === key))).toEqual([]);
  });

  it('compares every bound that the sources state', () => {
    const texts = new Set(BY_TREE.flatMap(({ min, max }) => [min, max]).filter((text) => text !== ''));
    expect([...texts].filter((text) => bound(text) === null && !COMPUTED_BOUNDS.has(text))).toEqual([]);
    expect([...COMPUTED_BOUNDS, ...Object.keys(NAMED_BOUNDS)].filter((text) => !texts.has(text))).toEqual([]);
    expect(BOUNDED.length).toBeGreaterThan(450);
  });

  it.each(BY_TREE)('$key in $tree: is there', ({ key, tree }) => {
    const isTaken = TAKEN_INTO_OLDER_SERIES[key]?.split(' ').includes(tree) ?? false;
    expect(traitsAt(tree).has(entryOf(key))).toBe(
      isTaken ? (entryOf(key).alsoIn === undefined ? 'no' : 'maybe') : 'yes',
    );
  });

  it('needs each series that took a key over', () => {
    const needed = BY_TREE.filter(({ key, tree }) => traitsAt(tree).has(entryOf(key)) !== 'yes');
    const named = Object.entries(TAKEN_INTO_OLDER_SERIES).flatMap(([key, trees]) =>
      trees.split(' ').map((tree) => `${key} ${tree}`),
    );
    expect(new Set(needed.map(({ key, tree }) => `${key} ${tree}`))).toEqual(new Set(named));
  });

  it('knows what is not there yet or any more', () => {
    expect(traitsAt('5.8').has(entryOf('net.ipv4.tcp_migrate_req'))).toBe('no');
    expect(traitsAt('5.10').has(entryOf('net.ipv4.tcp_migrate_req'))).toBe('maybe');
    expect(traitsAt('4.12').has(entryOf('net.ipv4.tcp_tw_recycle'))).toBe('no');
    expect(traitsAt('3.10').has(entryOf('net.ipv4.tcp_notsent_lowat'))).toBe('no');
    expect(traitsAt('5.19').has(entryOf('net.ipv4.tcp_ehash_entries'))).toBe('no');
  });

  it('begins and ends every key where the sources do', () => {
    for (const key of new Set(BY_VERSION.map(([each = '']) => each).filter((each) => !isOfOurOwn(each)))) {
      const seen = BY_VERSION.filter(([each]) => each === key).flatMap(([, first = '', last = '']) => [
        first,
        last,
      ]);
      const before = TREES[TREES.indexOf(seen[0] ?? '') - 1];
      const after = TREES[TREES.indexOf(seen.at(-1) ?? '') + 1];
      const around = [before, after].flatMap((tree) =>
        tree === undefined ? [] : [traitsAt(tree).has(entryOf(key))],
      );
      expect({ key, around }).toEqual({ key, around: around.map(() => 'no') });
    }
  });

  it('has no key that only root may read, but for three that no audit reads', () => {
    const forRoot = BY_TREE.filter(({ mode }) => !['0644', '0444'].includes(mode)).map(({ key }) => key);
    expect([...new Set(forRoot)].sort()).toEqual(FOR_ROOT);
    expect(FOR_ROOT.map((key) => entryOf(key).readOnDemand)).toEqual(FOR_ROOT.map(() => true));
    expect(catalogueEntry('net.ipv4.tcp_fastopen_key')).toBeUndefined();
  });

  it('writes nothing that the kernel gives for reading alone', () => {
    const readOnly = BY_TREE.filter(({ mode }) => mode === '0444').map(({ key }) => key);
    expect(readOnly.length).toBeGreaterThan(5);
    for (const key of readOnly) {
      expect(isWritableIn(entryOf(key), ['network-namespace'], false)).toBe('read-only');
    }
  });

  it('needs each of the exceptions', () => {
    const differs = BY_TREE.filter(({ key, tree, min, max }) => {
      const [range] = traitsAt(tree).current<Range>(entryOf(key).range);
      return bound(min) !== range?.min || bound(max) !== range?.max;
    });
    expect([...OUR_RANGE].filter((key) => !differs.some((each) => each.key === key))).toEqual([]);
  });
});

describe('the catalogue against a probed 6.18', () => {
  const traits = traitsAt('6.18');
  const probed = rows('probed-6.18.csv').map(([key = '', value = '', min = '', max = '']) => ({
    key,
    value,
    min,
    max,
  }));

  it.each(probed)('$key starts with $value', ({ key, value }) => {
    for (const rule of traits.current(entryOf(key).defaults)) {
      if (rule.kind === 'fixed') expect(rule.value).toBe(value);
    }
  });

  it.each(probed.filter(({ key, min }) => min !== '' && !OUR_RANGE.has(key)))(
    '$key takes $min to $max',
    (row) => {
      const [range] = traits.current<Range>(entryOf(row.key).range);
      expect(range).toEqual({ min: Number(row.min), max: Number(row.max) });
    },
  );
});

describe('sameSetting', () => {
  it.each([
    ['net.ipv4.tcp_rmem', '4096 131072 6291456', '4096\t131072\t6291456', true],
    ['net.core.somaxconn', '4096', '0x1000', true],
    ['net.core.somaxconn', '4096', '4096 # ignored behind the number', true],
    ['net.core.somaxconn', '4096', '4097', false],
    ['net.ipv4.ip_local_reserved_ports', '8081,8080', '8080-8081', true],
    ['net.ipv4.ip_local_reserved_ports', '8080', '8080-8081', false],
    ['net.ipv4.ip_local_reserved_ports', 'none', 'none', true],
    ['net.ipv4.ip_local_reserved_ports', '', 'none', false],
    ['net.core.flow_limit_cpu_bitmap', '00000000,000000FF', 'ff', true],
    ['net.core.flow_limit_cpu_bitmap', '1,00000000', '100000000', false],
    ['net.core.flow_limit_cpu_bitmap', '1,00000000', '1,0', true],
    ['net.core.flow_limit_cpu_bitmap', '10', '16', false],
    ['net.ipv4.tcp_allowed_congestion_control', 'reno  cubic', 'cubic reno', true],
    ['net.ipv4.tcp_allowed_congestion_control', 'reno', 'cubic reno', false],
    ['net.ipv4.ping_group_range', '1 0', '1\t0', true],
    ['kernel.core_pattern', 'core  %p', 'core %p', true],
  ])('%s: %j and %j: %p', (key, a, b, same) => {
    expect(sameSetting(key, a, b)).toBe(same);
    expect(sameSetting(key, b, a)).toBe(same);
  });
});

describe('the catalogue itself', () => {
  it('has each key once, in the dotted form', () => {
    expect(new Set(CATALOGUE.map(({ key }) => key)).size).toBe(CATALOGUE.length);
    for (const { key } of CATALOGUE) expect(parseKey(key)).toEqual({ ok: true, key });
  });

  it.each(CATALOGUE.map((entry) => ({ entry, key: entry.key })))('$key fits together', ({ entry }) => {
    expect(entry.summary).toMatch(/^[A-Z].*\.$/);
    expect(entry.coupled).not.toContain(entry.key);
    for (const dated of [entry.scope, entry.range, entry.defaults]) {
      const versions = dated.map(({ since }) => tip(since));
      const order = versions.map(({ major, minor, patch }) => major * 1e6 + minor * 1e3 + patch);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    for (const { is } of entry.range) {
      expect(is.min).toBeLessThan(is.max);
      expect(is.min % (entry.multipleOf ?? 1) === 0).toBe(true);
      expect(is.max).toBe(entry.bits ?? is.max);
      if (entry.powerOfTwo) expect(Number.isInteger(Math.log2(is.max))).toBe(true);
    }
    for (const number of entry.oneOf ?? []) {
      expect(entry.range.some(({ is }) => number >= is.min && number <= is.max)).toBe(true);
    }
    if (entry.sideEffects !== undefined) expect(entry.sideEffects).toMatch(/^[a-z].*[^.]$/);
    if (!entry.reversible.is) expect(entry.reversible.why).toMatch(/^[a-z].*[^.]$/);
    for (const { is: rule, since } of entry.defaults) {
      if (rule.kind !== 'fixed') continue;
      const numbers = parseNumbers(rule.value);
      expect(numbers).toHaveLength(memberCount(entry.shape));
      const [range] = traitsAt(since).current<Range>(entry.range);
      for (const number of numbers ?? []) {
        expect(entry.oneOf ?? [number]).toContain(number);
        expect(number).toBeGreaterThanOrEqual(range?.min ?? Number.NaN);
        expect(number).toBeLessThanOrEqual(range?.max ?? Number.NaN);
      }
    }
  });

  it('knows what a write does besides, what needs a module, and who else writes', () => {
    const having = (field: 'sideEffects' | 'module' | 'alsoSetBy') =>
      CATALOGUE.filter((entry) => entry[field] !== undefined).map(({ key }) => key);
    expect(having('sideEffects')).toEqual(
      expect.arrayContaining([
        'net.core.default_qdisc',
        'net.ipv4.ip_forward',
        'net.ipv4.conf.default.rp_filter',
        'net.ipv6.conf.all.forwarding',
        'net.ipv6.conf.all.disable_ipv6',
      ]),
    );
    expect(having('module').every((key) => /^net\.(netfilter\.nf_conntrack|bridge)/.test(key))).toBe(true);
    expect(having('alsoSetBy')).toEqual(expect.arrayContaining(['fs.nr_open', 'net.unix.max_dgram_qlen']));
  });

  it('has no key that is an action or a secret', () => {
    expect(CATALOGUE.filter(({ key }) => specialKey(key) !== null)).toEqual([]);
  });

  it('couples only keys that it has', () => {
    const unknown = CATALOGUE.flatMap(({ coupled }) => coupled).filter(
      (key) => catalogueEntry(key) === undefined,
    );
    expect(unknown).toEqual([]);
  });
});
