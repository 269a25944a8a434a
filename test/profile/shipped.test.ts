import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readShippedProfiles, renderShippedProfiles } from '../../scripts/profiles.ts';
import { assess } from '../../src/assess/assess.ts';
import { isExact } from '../../src/core/figure.ts';
import type { ResolvedProfile, Setting } from '../../src/profile/profile.ts';
import { parseProfile } from '../../src/profile/read.ts';
import { requirementsOf } from '../../src/profile/requirements.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import { SHIPPED } from '../../src/profile/shipped.generated.ts';
import { catalogueEntry } from '../../src/sysctl/catalogue.ts';
import { KEEP, type SourcedRequirement } from '../../src/sysctl/requirement.ts';
import { hostOf } from '../rules/host.ts';

const NAMES = SHIPPED.map(({ name }) => name);
const PAGE = readFileSync('docs/profiles.md', 'utf8');

function shipped(name: string): ResolvedProfile {
  const find = (each: string) => SHIPPED.find((profile) => profile.name === each) ?? null;
  const profile = find(name);
  if (profile === null) throw new Error(name);
  return resolveProfile(profile, find, NAMES);
}

describe('the compiled profiles', () => {
  test('are those under profiles/; `npm run profiles` writes them', () => {
    expect(readFileSync('src/profile/shipped.generated.ts', 'utf8')).toBe(renderShippedProfiles());
    expect(SHIPPED).toEqual(readShippedProfiles());
  });

  test('are the six that there are to be, each in the file of its name', () => {
    expect(NAMES).toEqual([
      'base',
      'bulk-transfer',
      'container-host',
      'database',
      'reverse-proxy',
      'web-frontend',
    ]);
    const files = readdirSync('profiles').filter((file) => file.endsWith('.yaml'));
    expect(files.sort()).toEqual(NAMES.map((name) => `${name}.yaml`));
  });

  test.each(NAMES)('%s vouches for no key, and gives a sentence and a source for each value', (name) => {
    const { summary, settings } = shipped(name);
    expect(summary).toMatch(/^[A-Z].*\.$/);
    for (const { unchecked, because, source } of settings) {
      expect(unchecked).toBe(false);
      expect(because).toMatch(/^\S.{10,}[^.]$/);
      expect(source.length).toBeGreaterThan(4);
    }
  });
});

const KERNELS = [
  '3.10.0',
  '3.13.0',
  '4.0.5',
  '4.2.8',
  '4.4.155',
  '4.9.154',
  '4.12.0',
  '4.15.1',
  '4.19.78',
  '4.20.1',
  '5.3.18',
  '5.4.0',
  '5.4.300',
  '5.10.223',
  '5.13.1',
  '5.14.1',
  '5.15.135',
  '6.1.176',
  '6.5.1',
  '6.6.80',
  '6.8.1',
  '6.11.1',
  '6.12.107',
  '6.16.1',
  '6.17.1',
  '6.18.24',
  '7.2.13',
  '3.10.0-1160.el7.x86_64',
  '4.18.0-553.el8_10.x86_64',
  '5.14.0-503.el9.x86_64',
  '6.4.0-150600.23.25-default',
  '5.15.0-91-generic',
  '6.1.0-40-amd64',
];
const MEMORY_MIB = [512, 1024, 8192, 256 * 1024];
const LISTENERS = [
  { process: 'redis-server', server: 'redis', port: 6379, requested: 511 },
  { process: 'docker-proxy', port: 8080, requested: 4096 },
];
const WORKLOAD = { bandwidthBitsPerSecond: 1e10, roundTripMilliseconds: 100 };

/** What the kernel's own value becomes, number by number. */
function after({ relation, value }: SourcedRequirement, own: readonly number[]): readonly number[] {
  const wanted = value.split(' ');
  return own.map((number, index) => {
    const bound = wanted[index] === KEEP ? number : Number(wanted[index]);
    if (relation === 'exactly') return bound;
    return relation === 'at-least' ? Math.max(number, bound) : Math.min(number, bound);
  });
}

const CASES = NAMES.flatMap((name) => MEMORY_MIB.map((memoryMib) => ({ name, memoryMib })));

describe.each(CASES)('$name with $memoryMib MiB, on every kernel from 3.10 to 7.2', ({ name, memoryMib }) => {
  const hosts = KERNELS.map((kernel) => assess(hostOf({ kernel, memoryMib, listeners: LISTENERS })));

  test('no value is below what the kernel has by itself', () => {
    let compared = 0;
    for (const host of hosts) {
      for (const requirement of requirementsOf(shipped(name), host, WORKLOAD).requirements) {
        const own = host.namespaces[0]?.kernelDefault(requirement.key) ?? null;
        expect([requirement.key, own]).not.toEqual([requirement.key, null]);
        for (const ends of [own?.map(({ low }) => low), own?.map(({ high }) => high)]) {
          const changed = after(requirement, ends ?? []);
          expect(changed.map((number, index) => number >= (ends?.[index] ?? 0))).not.toContain(false);
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(KERNELS.length);
  });

  test('every value is one that the kernel takes', () => {
    for (const host of hosts) {
      for (const { key, value } of requirementsOf(shipped(name), host, WORKLOAD).requirements) {
        const entry = catalogueEntry(key);
        const ranges = host.traits.current(entry?.range ?? []);
        expect([key, ranges.length]).not.toEqual([key, 0]);
        const numbers = value
          .split(' ')
          .filter((word) => word !== KEEP)
          .map(Number);
        for (const number of numbers) {
          for (const { min, max } of ranges) expect(number >= min && number <= max).toBe(true);
        }
      }
    }
  });

  test('what is not applied is a key that the kernel does not have', () => {
    for (const host of hosts) {
      const { notApplied } = requirementsOf(shipped(name), host, WORKLOAD);
      expect(notApplied.filter(({ kind }) => kind !== 'unsupported')).toEqual([]);
    }
  });
});

test('base changes nothing on a host that nobody has tuned', () => {
  for (const kernel of KERNELS) {
    const host = assess(hostOf({ kernel }));
    for (const requirement of requirementsOf(shipped('base'), host, null).requirements) {
      const own = host.namespaces[0]?.kernelDefault(requirement.key) ?? [];
      expect([requirement.key, own.every(isExact)]).toEqual([requirement.key, true]);
      const numbers = own.map(({ low }) => low);
      expect([requirement.key, after(requirement, numbers)]).toEqual([requirement.key, numbers]);
    }
  }
});

test.each(['web-frontend', 'reverse-proxy'])(
  '%s gives a listener that asks for thousands what it asks for',
  (name) => {
    const values = KERNELS.map((kernel) => {
      const { requirements } = requirementsOf(shipped(name), assess(hostOf({ kernel })), null);
      return requirements.find(({ key }) => key === 'net.core.somaxconn')?.value;
    });
    expect(new Set(values)).toEqual(new Set(['8192']));
  },
);

describe('no recipe that we advise against', () => {
  const settings = NAMES.flatMap((name) => shipped(name).settings);
  const FOLKLORE = [
    'net.ipv4.tcp_max_syn_backlog',
    'net.core.netdev_max_backlog',
    'net.ipv4.tcp_tw_reuse',
    'net.ipv4.tcp_tw_recycle',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_max_tw_buckets',
    'net.ipv4.tcp_max_orphans',
    'net.ipv4.tcp_synack_retries',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.tcp_mem',
    'net.core.rmem_default',
    'net.core.wmem_default',
    'net.ipv4.tcp_adv_win_scale',
    'net.ipv4.tcp_fastopen',
    'net.core.optmem_max',
    'net.ipv4.tcp_slow_start_after_idle',
  ];

  test.each(FOLKLORE)('%s is left alone', (key) => {
    expect(settings.map((each) => each.key)).not.toContain(key);
  });

  test('buffers grow at their end only: every connection starts with the other numbers', () => {
    const vectors = settings.filter(({ value }) => value.kind === 'amounts' && value.amounts.length > 1);
    expect(vectors.length).toBeGreaterThan(0);
    for (const { value } of vectors) {
      const kinds = value.kind === 'amounts' ? value.amounts.map(({ kind }) => kind) : [];
      expect(kinds).toEqual(['keep', 'keep', 'number']);
    }
  });
});

/** The part of the page that is about one profile. */
function sectionOf(name: string): string {
  return PAGE.split(/^### /m).find((section) => section.startsWith(`${name}\n`)) ?? '';
}

function rowOf({ key, relation, written }: Setting): string {
  return `| \`${key}\` | ${relation.replace('-', ' ')} \`${written}\` | `;
}

test('no profile stands in the way of a rule that mends what breaks the host', () => {
  const protectedKeys = SHIPPED.flatMap(({ protections }) => protections.map(({ key }) => key));
  expect(protectedKeys).not.toContain('net.ipv4.tcp_mem');
  expect(protectedKeys).not.toContain('net.ipv4.udp_mem');
});

describe('docs/profiles.md', () => {
  test.each(NAMES)('defends each value of %s, and no other', (name) => {
    const own = SHIPPED.find((profile) => profile.name === name);
    const settings = own?.settings ?? [];
    const section = sectionOf(name);
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => settings.find((setting) => row.startsWith(rowOf(setting)))?.key)).toEqual(
      settings.map(({ key }) => key),
    );
    for (const { key } of own?.protections ?? []) expect(section).toContain(`\`${key}\``);
  });

  test('says of which profiles each is made', () => {
    for (const { name, extends: parents } of SHIPPED) {
      for (const parent of parents) expect(sectionOf(name)).toContain(`*${parent.name}*, and`);
    }
  });

  test('shows a profile that is sound', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(PAGE) ?? [];
    const find = (each: string) => SHIPPED.find((profile) => profile.name === each) ?? null;
    const profile = resolveProfile(parseProfile(example, 'shop.yaml', { trusted: false }), find, NAMES);
    expect(profile).toMatchObject({ name: 'shop', lineage: ['base', 'web-frontend', 'shop'] });
  });

  test.each([512, 1024, 256 * 1024])('says what bulk-transfer becomes with %d MiB', (memoryMib) => {
    const { requirements } = requirementsOf(shipped('bulk-transfer'), assess(hostOf({ memoryMib })), null);
    const bytes = requirements
      .find(({ key }) => key === 'net.ipv4.tcp_wmem')
      ?.value.split(' ')
      .at(-1);
    const memory = memoryMib >= 1024 ? `${memoryMib / 1024} GiB` : `${memoryMib} MiB`;
    expect(PAGE).toMatch(new RegExp(`\\| ${memory} \\| [^|]+ \\| ${Number(bytes) / 2 ** 20} MiB \\|`));
  });
});

test('each file is YAML that an editor can check against the published schema', () => {
  for (const name of NAMES) {
    expect(parse(readFileSync(`profiles/${name}.yaml`, 'utf8'))).toMatchObject({ kind: 'profile', name });
  }
});
