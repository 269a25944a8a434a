import { describe, expect, test } from '@jest/globals';
import { listProfiles, loadProfile } from '../../src/pipeline/profiles.ts';
import { profileText, REASON } from '../profile/profiles.ts';
import { type MemoryTree, memoryHost } from '../tools/memory-host.ts';

const DIRECTORY = '/etc/backlogctl';
const OWN = `${DIRECTORY}/profiles`;
const SHOP = `${OWN}/shop.yaml`;
const ROOT = 0;
const STRANGER = 1001;

function text(name: string, more = ''): string {
  return `${profileText([`net.core.somaxconn: {at-least: 9, ${REASON}}`], name)}${more}`;
}

const UNCHECKED = profileText([`vm.stat_interval: {at-least: 262144, ${REASON}, unchecked: true}`], 'shop');

function sourceOf(tree: MemoryTree, uid = ROOT, files: MemoryTree = tree) {
  return { host: memoryHost({ tree }).reader, files: memoryHost({ tree: files }).reader, uid };
}

describe('a name', () => {
  test('is one of ours, with its parents', async () => {
    expect(await loadProfile('reverse-proxy', sourceOf({}))).toMatchObject({
      name: 'reverse-proxy',
      file: 'profiles/reverse-proxy.yaml',
      lineage: ['base', 'web-frontend', 'reverse-proxy'],
    });
  });

  test("or one of the host's own, which may build on ours and on each other", async () => {
    const tree = {
      [SHOP]: text('shop', 'extends: [shared, web-frontend]\n'),
      [`${OWN}/shared.yaml`]: text('shared'),
    };
    const profile = await loadProfile('shop', sourceOf(tree));
    expect(profile).toMatchObject({ file: SHOP, lineage: ['shared', 'base', 'web-frontend', 'shop'] });
    expect(profile.settings.find(({ key }) => key === 'net.core.somaxconn')).toMatchObject({ written: '9' });
  });

  test('that nobody has is told with the nearest', async () => {
    await expect(loadProfile('web-fronted', sourceOf({}))).rejects.toMatchObject({
      status: 2,
      message: "unknown profile 'web-fronted'",
      hint: "did you mean 'web-frontend'?",
    });
    await expect(loadProfile('shpo', sourceOf({ [SHOP]: text('shop') }))).rejects.toMatchObject({
      hint: "did you mean 'shop'?",
    });
  });

  test('of ours is found though only root may look into /etc/backlogctl', async () => {
    const tree: MemoryTree = {
      [DIRECTORY]: { kind: 'directory', mode: 0o700, denied: true },
      [SHOP]: text('shop'),
    };
    expect(await loadProfile('base', sourceOf(tree, STRANGER))).toMatchObject({ name: 'base' });
    await expect(loadProfile('shop', sourceOf(tree, STRANGER))).rejects.toMatchObject({ code: 'unreadable' });
  });

  test.each<[string, MemoryTree, object]>([
    [
      'that others may write',
      { [SHOP]: { text: text('shop'), mode: 0o666 } },
      { code: 'refused', at: { file: SHOP } },
    ],
    [
      "that is a stranger's",
      { [SHOP]: { text: text('shop'), uid: STRANGER } },
      { code: 'refused', at: { file: SHOP } },
    ],
    [
      'in a directory that others may write',
      { [OWN]: { kind: 'directory', mode: 0o777 }, [SHOP]: text('shop') },
      { code: 'refused', at: { file: OWN } },
    ],
    [
      'with another name inside',
      { [SHOP]: text('shopp') },
      { message: "its name is 'shopp', and its file says 'shop'" },
    ],
    ['that is broken', { [SHOP]: 'kind: [' }, { at: { file: SHOP, line: 1 } }],
    [
      'that is larger than any profile',
      { [SHOP]: `# ${'x'.repeat(65536)}\n` },
      { message: expect.stringContaining('larger than 65536 bytes') },
    ],
    [
      'whose parent is not there',
      { [SHOP]: text('shop', 'extends: [bas]\n') },
      { message: "unknown profile 'bas'", hint: "did you mean 'base'?" },
    ],
    ['that is a directory', { [SHOP]: { kind: 'directory' } }, { code: 'unreadable' }],
    [
      'in a circle with another file',
      {
        [SHOP]: text('shop', 'extends: [shared]\n'),
        [`${OWN}/shared.yaml`]: text('shared', 'extends: [shop]\n'),
      },
      { message: expect.stringContaining('in a circle') },
    ],
  ])('of a file %s is refused', async (_, tree, expected) => {
    await expect(loadProfile('shop', sourceOf(tree))).rejects.toMatchObject({ status: 2, ...expected });
  });

  test('of a file that would hide one of ours is refused, also as a parent', async () => {
    const tree = { [`${OWN}/base.yaml`]: text('base') };
    const expected = {
      code: 'refused',
      status: 2,
      message: expect.stringContaining('would hide the profile base'),
    };
    await expect(loadProfile('base', sourceOf(tree))).rejects.toMatchObject(expected);
    await expect(loadProfile('database', sourceOf(tree))).rejects.toMatchObject(expected);
  });
});

describe('a path', () => {
  test('is read where the command runs, and its parents on the host', async () => {
    const files = { '/home/me/mine.yaml': text('mine', 'extends: [shop]\n') };
    const profile = await loadProfile('/home/me/mine.yaml', sourceOf({ [SHOP]: text('shop') }, ROOT, files));
    expect(profile).toMatchObject({ name: 'mine', file: '/home/me/mine.yaml', lineage: ['shop', 'mine'] });
  });

  test.each(['./no.yaml', 'no.yml', '/no'])('%s that leads nowhere', async (path) => {
    await expect(loadProfile(path, sourceOf({}))).rejects.toMatchObject({
      code: 'unreadable',
      status: 2,
      at: { file: path },
      message: 'the profile cannot be read: there is no such file',
    });
  });
});

describe('unchecked keys', () => {
  test.each<[string, string, MemoryTree, string]>([
    ['in its directory', 'shop', { [SHOP]: UNCHECKED }, 'taken'],
    ['by its path', SHOP, { [SHOP]: UNCHECKED }, 'taken'],
    ['which its group may write', SHOP, { [SHOP]: { text: UNCHECKED, mode: 0o664 } }, 'refused'],
    ['which root does not own', SHOP, { [SHOP]: { text: UNCHECKED, uid: STRANGER } }, 'refused'],
    [
      'below a directory that others may write',
      '/tmp/a/shop.yaml',
      { '/tmp': { kind: 'directory', mode: 0o1777 }, '/tmp/a/shop.yaml': UNCHECKED },
      'refused',
    ],
    [
      'reached through a link',
      '/srv/shop.yaml',
      { '/srv/shop.yaml': { link: SHOP }, [SHOP]: UNCHECKED },
      'refused',
    ],
    [
      'by a relative path, of which that cannot be told',
      './shop.yaml',
      { '/shop.yaml': UNCHECKED },
      'refused',
    ],
  ])("of root's own file %s", async (_, given, tree, expected) => {
    const loading = loadProfile(given, sourceOf(tree, STRANGER)).then(
      () => 'taken',
      (thrown: unknown) => {
        expect(thrown).toMatchObject({ status: 2, message: expect.stringContaining('nobody vouches') });
        return 'refused';
      },
    );
    expect(await loading).toBe(expected);
  });
});

describe('the list', () => {
  test('has ours and those of the host, and says which one cannot be used', async () => {
    const tree = {
      [SHOP]: text('shop'),
      [`${OWN}/broken.yaml`]: text('broken', 'extends: [no]\n'),
      [`${OWN}/README`]: 'not a profile',
    };
    const listed = await listProfiles(sourceOf(tree));
    expect(listed.filter(({ kind }) => kind === 'shipped')).toHaveLength(6);
    expect(listed.filter(({ kind }) => kind !== 'shipped')).toEqual([
      {
        kind: 'unusable',
        file: `${OWN}/broken.yaml`,
        name: 'broken',
        problem: `${OWN}/broken.yaml:7:11: unknown profile 'no'`,
      },
      { kind: 'own', profile: expect.objectContaining({ name: 'shop' }) },
    ]);
  });

  test('has ours where there is nothing else', async () => {
    expect(await listProfiles(sourceOf({}))).toHaveLength(6);
  });
});
