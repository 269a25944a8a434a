import { describe, expect, test } from '@jest/globals';
import type { MemoryTree } from '../../tools/memory-host.ts';
import { enabled, writersIn } from './writers.ts';

const RC = '/etc/rc.local';
const TUNE = '/usr/local/sbin/tune.sh';
const X = 'sysctl -w vm.x=1';

function script(...lines: readonly string[]): { readonly text: string; readonly mode: number } {
  return { text: ['#!/bin/sh', ...lines, ''].join('\n'), mode: 0o755 };
}

function rc(...lines: readonly string[]): MemoryTree {
  return { [RC]: script(...lines) };
}

describe('rc.local', () => {
  test('what a here-document sets, with its lines', () => {
    expect(writersIn(rc(':', 'sysctl -p - <<EOF', '# more', 'vm.x = 1', 'vm.y = $Y', 'EOF'))).toEqual([
      `set vm.x to 1 by ${RC}:5`,
      `set vm.y to ? by ${RC}:6`,
    ]);
    expect(writersIn(rc("sysctl -p - <<'EOF'", 'vm.y = $Y', 'EOF'))).toEqual([`set vm.y to $Y by ${RC}:3`]);
  });

  test.each(['sysctl -p "$CONF"', 'sysctl -p tune.conf', 'sysctl -p -'])('%s may set any key', (line) => {
    const tree = { ...rc(line), '/etc/sysctl.conf': 'vm.x = 1\n', '/tune.conf': 'vm.x = 1\n' };
    expect(writersIn(tree)).toEqual([`set * to ? by ${RC}:2 (?)`]);
  });

  test('another network namespace has other variables of the network, and no others', () => {
    const tree = {
      ...rc(
        'ip netns exec blue sysctl -w net.core.somaxconn=1 vm.x=1',
        'ip netns exec blue sysctl -p /etc/b.conf',
      ),
      '/etc/b.conf': 'net.core.somaxconn = 2\nkernel.x = 1\n',
    };
    expect(writersIn(tree)).toEqual([
      `set vm.x to 1 by ${RC}:2 (?)`,
      'set kernel.x to 1 by /etc/b.conf:2 (?)',
    ]);
  });

  test('an interface that only the shell knows may be any', () => {
    expect(writersIn(rc('for i in eth0 eth1; do sysctl -w net.ipv4.conf.$i.rp_filter=1; done'))).toEqual([
      `set net.ipv4.conf.*.rp_filter to 1 by ${RC}:2 (?)`,
    ]);
    expect(writersIn(rc('sysctl -w net.ipv4.conf.$IF.rp_filter=1'))).toEqual([
      `set net.ipv4.conf.*.rp_filter to 1 by ${RC}:2 (?)`,
    ]);
  });
});

describe('a script that is run', () => {
  test('by rc.local, with its own lines and conditions', () => {
    const tree = { ...rc(TUNE), [TUNE]: script(X, '[ -e /x ] && sysctl -w vm.y=1') };
    expect(writersIn(tree)).toEqual([`set vm.x to 1 by ${TUNE}:2`, `set vm.y to 1 by ${TUNE}:3 (?)`]);
  });

  test('by rc.local on a condition', () => {
    expect(writersIn({ ...rc(`[ -x ${TUNE} ] && ${TUNE}`), [TUNE]: script(X) })).toEqual([
      `set vm.x to 1 by ${TUNE}:2 (?)`,
    ]);
  });

  test('by an enabled unit, and by cron at boot', () => {
    const unit = '/etc/systemd/system/tune.service';
    const tree = { [unit]: `[Service]\nExecStart=-${TUNE} --now\n`, [TUNE]: script(X) };
    expect(writersIn({ ...tree, ...enabled('tune.service') })).toEqual([`set vm.x to 1 by ${TUNE}:2`]);
    expect(writersIn(tree)).toEqual([]);
    expect(writersIn({ '/etc/crontab': `@reboot root ${TUNE}\n`, [TUNE]: script(X) })).toEqual([
      `set vm.x to 1 by ${TUNE}:2`,
    ]);
    expect(writersIn({ '/etc/crontab': `@daily root ${TUNE}\n`, [TUNE]: script(X) })).toEqual([]);
  });

  test('is rc.local once, whatever unit starts it', () => {
    const unit = { '/etc/systemd/system/rc-local.service': '[Service]\nExecStart=/etc/rc.local start\n' };
    expect(writersIn({ ...rc(X), ...unit, ...enabled('rc-local.service') })).toEqual([
      `set vm.x to 1 by ${RC}:2`,
    ]);
  });

  test('and itself runs another is followed one step only', () => {
    const tree = {
      ...rc(TUNE),
      [TUNE]: script('/opt/more.sh', X),
      '/opt/more.sh': script('sysctl -w vm.y=1'),
    };
    expect(writersIn(tree)).toEqual([`set vm.x to 1 by ${TUNE}:3`]);
  });

  test.each<readonly [string, MemoryTree[string]]>([
    ['is a program', { text: `\u007fELF\0${X}\n`, mode: 0o755 }],
    ['is in another language', { text: `#!/usr/bin/python3\n${X}\n`, mode: 0o755 }],
    ['may not be executed', { ...script(X), mode: 0o644 }],
    ['is larger than scripts are', script(X, '#'.repeat(70_000))],
    ['is a FIFO', { kind: 'fifo' }],
    ['is not there', { link: '/nowhere' }],
  ])('but %s', (_what, file) => {
    expect(writersIn({ ...rc(TUNE), [TUNE]: file })).toEqual([]);
  });

  test('by a shell, which need not be able to execute it', () => {
    expect(writersIn({ ...rc(`sh ${TUNE}`), [TUNE]: `${X}\n` })).toEqual([`set vm.x to 1 by ${TUNE}:1`]);
  });

  test('without an interpreter may be', () => {
    expect(writersIn({ ...rc(TUNE), [TUNE]: { text: `${X}\n`, mode: 0o755 } })).toEqual([
      `set vm.x to 1 by ${TUNE}:1 (?)`,
    ]);
  });

  test('among many: only so many are read', () => {
    const paths = Array.from({ length: 40 }, (_, index) => `/opt/${index}.sh`);
    const tree = { ...rc(...paths), ...Object.fromEntries(paths.map((path) => [path, script(X)])) };
    expect(writersIn(tree)).toHaveLength(30);
  });
});

describe('a condition on a line', () => {
  test('of cron', () => {
    expect(writersIn({ '/etc/crontab': `@reboot root [ -e /x ] && ${X}\n` })).toEqual([
      'set vm.x to 1 by /etc/crontab:1 (?)',
    ]);
  });

  test('of a unit', () => {
    const unit = '/etc/systemd/system/tune.service';
    const tree = { [unit]: `[Service]\nExecStart=/bin/sh -c "test -e /x && ${X}"\n` };
    expect(writersIn({ ...enabled('tune.service'), ...tree })).toEqual([`set vm.x to 1 by ${unit}:2 (?)`]);
  });
});
