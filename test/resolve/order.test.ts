import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loaderTraits } from '../../src/resolve/loader-traits.ts';
import { orderFiles } from '../../src/resolve/order.ts';
import type { SysctlFile } from '../../src/snapshot/sysctl-file.ts';
import { SYSCTL_CREDENTIALS } from '../../src/sysctl/credentials.ts';

const SYSTEMD = loaderTraits('systemd', '252');
const SYSTEMD_262 = loaderTraits('systemd', '262');
const PROCPS = loaderTraits('procps', '4.0.4');
const BUSYBOX = loaderTraits('busybox', '1.37.0');
const OPENRC_BUSYBOX = loaderTraits('openrc-busybox', null);
const NONE = loaderTraits('none', null);

function file(path: string, more: Partial<SysctlFile> = {}): SysctlFile {
  return { path, kind: 'file', text: '', ...more };
}

const TREE = [
  file('/etc/sysctl.conf'),
  file('/etc/sysctl.d/.hidden.conf'),
  file('/etc/sysctl.d/.conf'),
  file('/etc/sysctl.d/10-a.conf'),
  file('/etc/sysctl.d/9-b.conf'),
  file('/etc/sysctl.d/90-web.conf.bak'),
  file('/etc/sysctl.d/README'),
  file('/etc/ufw/sysctl.conf'),
  file('/lib/sysctl.d/20-lib.conf'),
  file('/run/sysctl.d/10-a.conf'),
  file('/usr/lib/sysctl.d/10-a.conf'),
  file('/usr/lib/sysctl.d/50-default.conf'),
];

function paths(files: readonly SysctlFile[]): readonly string[] {
  return files.map(({ path }) => path);
}

describe('orderFiles', () => {
  it.each([
    [
      SYSTEMD,
      [
        '/etc/sysctl.d/10-a.conf',
        '/lib/sysctl.d/20-lib.conf',
        '/usr/lib/sysctl.d/50-default.conf',
        '/etc/sysctl.d/9-b.conf',
      ],
    ],
    [SYSTEMD_262, ['/etc/sysctl.d/10-a.conf', '/usr/lib/sysctl.d/50-default.conf', '/etc/sysctl.d/9-b.conf']],
    [
      PROCPS,
      [
        '/etc/sysctl.d/.conf',
        '/etc/sysctl.d/.hidden.conf',
        '/etc/sysctl.d/10-a.conf',
        '/lib/sysctl.d/20-lib.conf',
        '/usr/lib/sysctl.d/50-default.conf',
        '/etc/sysctl.d/9-b.conf',
        '/etc/sysctl.conf',
      ],
    ],
    [BUSYBOX, ['/etc/sysctl.conf']],
    [OPENRC_BUSYBOX, ['/etc/sysctl.conf', '/etc/sysctl.d/10-a.conf', '/etc/sysctl.d/9-b.conf']],
    [NONE, []],
  ])('$name', (traits, opened) => {
    const order = orderFiles(TREE, traits);
    expect(paths(order.opened)).toEqual(opened);
    // Every file is in one of the three, but for those of other managers.
    const all = [...order.opened, ...order.masked, ...order.notRead];
    const ofLoaders = paths(TREE).filter((path) => !path.startsWith('/etc/ufw/'));
    expect([...paths(all)].sort()).toEqual([...ofLoaders].sort());
    expect(order.messages).toEqual([]);
  });

  it('knows what is masked', () => {
    expect(paths(orderFiles(TREE, SYSTEMD).masked)).toEqual([
      '/run/sysctl.d/10-a.conf',
      '/usr/lib/sysctl.d/10-a.conf',
    ]);
    const old = orderFiles(TREE, loaderTraits('procps', '3.3.16'));
    expect(paths(old.opened)).toContain('/run/sysctl.d/10-a.conf');
    expect(paths(old.masked)).toContain('/etc/sysctl.d/10-a.conf');
  });

  it('does not depend on the order in which the files come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(TREE, { minLength: TREE.length }), (shuffled) => {
        expect(paths(orderFiles(shuffled, PROCPS).opened)).toEqual(paths(orderFiles(TREE, PROCPS).opened));
      }),
    );
  });

  it('does not count a file twice that a link leads to', () => {
    const link = file('/etc/sysctl.d/99-sysctl.conf', { kind: 'link', target: '../sysctl.conf' });
    const main = file('/etc/sysctl.conf');
    const systemd = orderFiles([link, main], SYSTEMD);
    expect([paths(systemd.opened), paths(systemd.notRead)]).toEqual([['/etc/sysctl.d/99-sysctl.conf'], []]);
    expect(paths(orderFiles([link, main], PROCPS).opened)).toEqual([
      '/etc/sysctl.d/99-sysctl.conf',
      '/etc/sysctl.conf',
    ]);
    expect(paths(orderFiles([main], SYSTEMD).notRead)).toEqual(['/etc/sysctl.conf']);
  });

  it.each(['directory', 'fifo', 'dangling', 'loop'] as const)(
    'procps passes over a sysctl.conf that is a %s',
    (kind) => {
      expect(orderFiles([{ path: '/etc/sysctl.conf', kind }], PROCPS).opened).toEqual([]);
    },
  );

  it('OpenRC around busybox reads nothing where there is no sysctl.conf', () => {
    const without = TREE.filter(({ path }) => path !== '/etc/sysctl.conf');
    const { opened, notRead } = orderFiles(without, OPENRC_BUSYBOX);
    expect(opened).toEqual([]);
    expect(paths(notRead)).toContain('/usr/lib/sysctl.d/50-default.conf');
  });

  it('reads a credential behind all files, from systemd 252 on, and only the first that is there', () => {
    const [own = '', extra = ''] = SYSCTL_CREDENTIALS;
    const tree = [file(extra), file('/etc/sysctl.d/99-z.conf'), file(own)];
    expect(paths(orderFiles(tree, SYSTEMD).opened)).toEqual(['/etc/sysctl.d/99-z.conf', own]);
    expect(paths(orderFiles(tree, loaderTraits('systemd', '251')).opened)).toEqual([
      '/etc/sysctl.d/99-z.conf',
    ]);
    expect(paths(orderFiles(tree, PROCPS).notRead)).toEqual([extra, own]);
  });

  it('reads a credential that the unit is given before those of stores, or where there is no other', () => {
    const [own = ''] = SYSCTL_CREDENTIALS;
    const set = {
      ...file('/etc/systemd/system/systemd-sysctl.service.d/a.conf'),
      credential: 'set',
    } as const;
    const loaded = { ...file('/root/extra'), credential: 'loaded' } as const;
    const opened = (...tree: readonly SysctlFile[]) => paths(orderFiles(tree, SYSTEMD).opened);
    expect(opened(set)).toEqual([set.path]);
    expect(opened(set, file(own))).toEqual([own]);
    expect(opened(set, file(own), loaded)).toEqual([loaded.path]);
    expect(opened(file('/root/extra'))).toEqual([]);
  });

  it('opens what a file name with pattern characters matches', () => {
    const tree = ['a*.conf', 'abc.conf', 'b[.conf', 'x[y].conf', 'xy.conf'].map((name) =>
      file(`/etc/sysctl.d/${name}`),
    );
    const names = (traits: typeof PROCPS) =>
      paths(orderFiles(tree, traits).opened).map((path) => path.slice(14));
    expect(names(SYSTEMD)).toEqual(['a*.conf', 'abc.conf', 'b[.conf', 'x[y].conf', 'xy.conf']);
    expect(names(PROCPS)).toEqual(['a*.conf', 'abc.conf', 'abc.conf', 'b[.conf', 'xy.conf', 'xy.conf']);
  });

  it('a loop masks up to systemd 258', () => {
    const tree: readonly SysctlFile[] = [
      { path: '/etc/sysctl.d/50-x.conf', kind: 'loop', target: '50-x.conf' },
      file('/usr/lib/sysctl.d/50-x.conf'),
    ];
    expect(paths(orderFiles(tree, SYSTEMD).opened)).toEqual(['/etc/sysctl.d/50-x.conf']);
    const later = orderFiles(tree, SYSTEMD_262);
    expect(paths(later.opened)).toEqual(['/usr/lib/sysctl.d/50-x.conf']);
    expect(later.messages).toMatchObject([{ file: '/etc/sysctl.d/50-x.conf', severity: 'warning' }]);
  });
});
