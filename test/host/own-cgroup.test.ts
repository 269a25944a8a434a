import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CgroupPlaces, endsWithItsCgroup, enterOwnCgroup } from '../../src/host/own-cgroup.ts';

// Directories that look like control groups: the machine's own are left alone.
let directory: string;
let places: CgroupPlaces;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-cgroup-'));
  places = { cgroups: path.join(directory, 'cgroup'), systemd: path.join(directory, 'systemd') };
  mkdirSync(places.cgroups);
});
afterEach(() => rmSync(directory, { recursive: true }));

const NAME = `backlogctl-revert-000001-${process.pid}`;

function membersOf(hierarchy: string): string {
  return readFileSync(path.join(places.cgroups, hierarchy, NAME, 'cgroup.procs'), 'utf8');
}

describe('a control group of its own', () => {
  test('is one for each process, whatever others of that transaction there are', () => {
    writeFileSync(path.join(places.cgroups, 'cgroup.controllers'), '');
    mkdirSync(path.join(places.cgroups, 'backlogctl-revert-000001'));
    expect(enterOwnCgroup('000001', places)).toBeNull();
    expect(membersOf('.')).toBe(String(process.pid));
  });

  test('is taken over from a process that left it behind', () => {
    writeFileSync(path.join(places.cgroups, 'cgroup.controllers'), '');
    mkdirSync(path.join(places.cgroups, NAME));
    expect(enterOwnCgroup('000001', places)).toBeNull();
    expect(membersOf('.')).toBe(String(process.pid));
  });

  test('beside the older hierarchies is one in each that sessions are kept in', () => {
    for (const name of ['unified', 'systemd', 'memory']) {
      mkdirSync(path.join(places.cgroups, name));
      writeFileSync(path.join(places.cgroups, name, 'cgroup.procs'), '');
    }
    expect(enterOwnCgroup('000001', places)).toBeNull();
    expect(membersOf('unified')).toBe(String(process.pid));
    expect(membersOf('systemd')).toBe(String(process.pid));
    expect(() => membersOf('memory')).toThrow('ENOENT');
  });

  test('cannot be had where there are none, or no more may be made', () => {
    expect(enterOwnCgroup('000001', places)).toContain('no hierarchy');
    writeFileSync(path.join(places.cgroups, 'cgroup.controllers'), '');
    writeFileSync(path.join(places.cgroups, NAME), '');
    expect(enterOwnCgroup('000001', places)).toContain('EEXIST');
  });
});

describe('whether what shares a control group ends with it', () => {
  test.each<readonly [what: string, entries: readonly string[], ends: boolean]>([
    ['without systemd', [], false],
    ['with the empty directories that packages make', ['sessions', 'seats'], false],
    ['under systemd', ['system'], true],
    ['with somebody logged in under elogind', ['sessions/c1'], true],
  ])('%s', (_what, entries, ends) => {
    for (const entry of entries) mkdirSync(path.join(places.systemd, entry), { recursive: true });
    expect(endsWithItsCgroup(places)).toBe(ends);
  });
});
