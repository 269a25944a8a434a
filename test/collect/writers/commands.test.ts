import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Command, commandsIn } from '../../../src/collect/writers/commands.ts';
import type { MemoryTree } from '../../tools/memory-host.ts';
import { enabled, factsOf, masked, WANTS, writersIn } from './writers.ts';

/** `a.b=1` is set, `?` a value that is not told; `(?)` may be run, `(net)` is run in another network namespace. */
function inShort(command: Command): string {
  const doubt = `${command.sure ? '' : ' (?)'}${command.isOtherNamespace ? ' (net)' : ''}`;
  switch (command.kind) {
    case 'set':
      return `${command.key}=${command.value ?? '?'}${doubt}`;
    case 'load':
      return `load ${command.file ?? '?'}${doubt}`;
    case 'load-text':
      return `load text ${command.body.text.trimEnd()}${doubt}`;
    case 'run':
      return `${command.isRead ? 'read' : 'run'} ${command.file}${doubt}`;
    case 'system':
      return `system${doubt}`;
  }
}

function commands(text: string): readonly string[] {
  return commandsIn(text).map(inShort);
}

test.each<readonly [line: string, expected: readonly string[]]>([
  ['sysctl -w net.core.somaxconn=4096', ['net.core.somaxconn=4096']],
  [
    '/sbin/sysctl -qw vm.swappiness=1 vm.dirty_ratio=5 >/dev/null 2>&1',
    ['vm.swappiness=1', 'vm.dirty_ratio=5'],
  ],
  ['sudo sysctl net/ipv4/ip_forward=1 || true', ['net.ipv4.ip_forward=1']],
  ['sysctl -w "net.ipv4.tcp_rmem=4096 87380 6291456" # wide', ['net.ipv4.tcp_rmem=4096 87380 6291456']],
  ["sysctl -w net.ipv4.tcp_rmem='1 2 3'; sysctl -w a.b=1", ['net.ipv4.tcp_rmem=1 2 3', 'a.b=1']],
  ['sysctl -w vm.x=$(nproc)', ['vm.x=?']],
  ['sysctl net.core.somaxconn', []],
  ['echo sysctl', []],
  ['# sysctl -w a.b=1', []],
  ['echo 1 > /proc/sys/net/ipv4/ip_forward', ['net.ipv4.ip_forward=1']],
  ['echo -n "4096 1 2" >/proc/sys/net/ipv4/tcp_rmem', ['net.ipv4.tcp_rmem=4096 1 2']],
  ['echo 0 | sudo tee /proc/sys/vm/swappiness', ['vm.swappiness=0']],
  ['echo $X > /proc/sys/vm/swappiness', ['vm.swappiness=?']],
  ['printf "%s\\n" 7 >/proc/sys/vm/swappiness', ['vm.swappiness=7']],
  ["printf '7\\n' > /proc/sys/vm/swappiness", ['vm.swappiness=7']],
  ['printf "%s %s" 1 2 > /proc/sys/vm/x', ['vm.x=1 2']],
  ['printf "%x" 7 > /proc/sys/vm/x', ['vm.x=?']],
  ['cat /proc/sys/vm/swappiness', []],
  ['sysctl -a | grep x=1', []],
])('%s', (line, expected) => {
  expect(commands(line)).toEqual(expected);
});

test.each<readonly [line: string, expected: readonly string[]]>([
  ['sysctl -p', ['/etc/sysctl.conf']],
  ['sysctl -e -q -p /etc/x.conf /etc/y.conf', ['/etc/x.conf', '/etc/y.conf']],
  ['sysctl -p/etc/x.conf', ['/etc/x.conf']],
  ['sysctl --load=/etc/x.conf', ['/etc/x.conf']],
  ['sysctl -f /etc/x.conf', ['/etc/x.conf']],
  ['sysctl -f', ['/etc/sysctl.conf']],
  ['sysctl -p /etc/sysctl.d/*.conf', ['/etc/sysctl.d/*.conf']],
  ['sysctl -p "$CONF"', ['?']],
  ['sysctl -p tune.conf', ['?']],
  ['sysctl -p -', ['?']],
  ['sysctl -p - < /etc/x.conf', ['?']],
])('%s loads', (line, expected) => {
  expect(commands(line)).toEqual(expected.map((file) => `load ${file}`));
});

test.each<readonly [text: string, expected: readonly string[]]>([
  ['sysctl --system', ['system']],
  ['sysctl --dry-run --system', []],
  ['sysctl -n kernel.pid_max=4444', ['kernel.pid_max=4444']],
  ['sysctl -w \\\n  vm.swappiness=5 \\\n  vm.x=1', ['vm.swappiness=5', 'vm.x=1']],
  ['(sysctl -w kernel.panic=3)', ['kernel.panic=3']],
  ['{ sysctl -w kernel.panic=3; }', ['kernel.panic=3']],
  ['sh -c "sysctl -w a.b=1 && sysctl -w c.d=2"', ['a.b=1', 'c.d=2 (?)']],
  ["[ -e /x ] && bash -ec 'sysctl -w a.b=1'", ['a.b=1 (?)']],
  ["ssh other 'sysctl -w a.b=1; sysctl -w c.d=2'", []],
  ['ssh other sysctl -w a.b=1', []],
  ['ip netns exec blue sysctl -w net.core.somaxconn=1', ['net.core.somaxconn=1 (?) (net)']],
  ["sudo ip netns exec blue sh -c 'sysctl -w a.b=1'", ['a.b=1 (?) (net)']],
  ['docker exec web sysctl -w a.b=1', ['a.b=1 (?) (net)']],
  ['nsenter -t 1 -n sysctl -w a.b=1', ['a.b=1 (?)']],
  ['chroot /srv sysctl -w a.b=1', ['a.b=1 (?)']],
  ['sudo -u nobody sysctl -w a.b=1', []],
  ['sudo -u 1000 sysctl -w a.b=1', []],
  ['sudo --user=nobody sysctl -w a.b=1', []],
  ['su nobody -c sysctl -w a.b=1', []],
  ['sudo -uroot sysctl -w a.b=1', ['a.b=1']],
  ['env -u X sysctl -w a.b=1', ['a.b=1 (?)']],
  ['sudo -u root nice -n 10 sysctl -w a.b=1', ['a.b=1']],
  ['LC_ALL=C /sbin/sysctl -w a.b=1 &', ['a.b=1']],
  ['logger sysctl -w a.b=1', []],
  ['echo sysctl -w a.b=1', []],
  ['echo \'it is "sysctl -w a.b=1"\'', []],
  ['sysctl -w net.ipv4.conf.$IF.rp_filter=1', ['net.ipv4.conf.*.rp_filter=1']],
  ['sysctl -w "$key=1"', ['*=1']],
  [`echo 1 > /proc/sys/net/ipv4/conf/$\{IF}/rp_filter`, ['net.ipv4.conf.*.rp_filter=1']],
  ['nproc > /proc/sys/vm/x', ['vm.x=?']],
  ['sysctl -p - <<EOF\na.b = 1\nEOF\nsysctl -w c.d=2', ['load text a.b = 1', 'c.d=2']],
  ['cat <<EOF | sysctl -p -\na.b = 1\nEOF', ['load text a.b = 1']],
  ['echo a.b=1 | sysctl -p -', ['load text a.b=1']],
  ['sysctl -p /dev/stdin <<< a.b=1', ['load text a.b=1']],
  ['cat > /etc/x <<EOF\nsysctl -w a.b=1\nEOF', []],
  ['x=$((1 << 2)); sysctl -w a.b=1', ['a.b=1']],
  ['(( x << 2 ))\nsysctl -w a.b=1', ['a.b=1']],
  ['list=(sysctl -w c.d=1)\nsysctl -w a.b=1', ['a.b=1']],
  ['x="$(echo "a)b" \'(\')"; sysctl -w a.b=1', ['a.b=1']],
  ['/usr/local/sbin/tune.sh --all', ['run /usr/local/sbin/tune.sh']],
  ['[ -x /opt/tune ] && nice /opt/tune', ['run /opt/tune (?)']],
  ['bash -e /root/tune.sh', ['read /root/tune.sh']],
  ['. /etc/default/tune', ['read /etc/default/tune']],
  ['cat /etc/tune.sh', []],
  ['ip netns exec blue /usr/local/sbin/tune.sh', []],
  ['/usr/bin/tune', []],
  ['case $1 in /opt/a|/opt/b) sysctl -w a.b=1;; esac', ['a.b=1 (?)']],
])('%j', (text, expected) => {
  expect(commands(text)).toEqual(expected);
});

test('any line is read without failing, and in little time', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'sysctl',
          ' ',
          '-w',
          '=',
          '"',
          "'",
          'echo',
          '>',
          '/proc/sys/',
          'a.b',
          '|',
          'tee',
          '$',
          '$(',
          '${',
          '(',
          ')',
          '`',
          '<<',
          'sh -c ',
          '\\',
          '\n',
        ),
      ),
      (parts) => {
        expect(Array.isArray(commandsIn(parts.join('')))).toBe(true);
      },
    ),
  );
  const started = process.cpuUsage().user;
  commandsIn(`echo ${' '.repeat(4000)}/proc/sys/`);
  commandsIn(`${'echo '.repeat(10_000)} > /proc/sys/`);
  for (const each of ['$(', '(', '((', '"', 'if ', '/opt/x ', 'sh -c ', '<<x\n', '\\\n', 'f() { ', '| ', '`'])
    commandsIn(each.repeat(10_000));
  expect(process.cpuUsage(undefined).user - started).toBeLessThan(1_000_000);
});

/** A service without the dependencies that others have. */
function alone(unit: string, service: string): string {
  return `[Unit]\nDefaultDependencies=no\n${unit}\n[Service]\n${service}`;
}

describe('scripts', () => {
  const rc = '/etc/rc.local';
  const text =
    '#!/bin/sh\nsysctl -w vm.swappiness=1\nif true; then\n  sysctl -w vm.dirty_ratio=5\nfi\n[ -e /x ] && sysctl -w kernel.x=1\nsysctl -p /etc/mine.conf\nexit 0\n';

  test('rc.local where it may be executed', () => {
    const tree: MemoryTree = {
      [rc]: { text, mode: 0o755 },
      '/etc/mine.conf': 'a.b = 1\n-c.d = 2\nnonsense\n',
    };
    expect(writersIn(tree)).toEqual([
      `set vm.swappiness to 1 by ${rc}:2`,
      `set vm.dirty_ratio to 5 by ${rc}:4 (?)`,
      `set kernel.x to 1 by ${rc}:6 (?)`,
      'set a.b to 1 by /etc/mine.conf:1',
      'set c.d to 2 by /etc/mine.conf:2',
    ]);
    expect(writersIn({ ...tree, [rc]: { text, mode: 0o644 } })).toEqual([]);
    expect(writersIn({ ...tree, ...masked('rc-local.service') })).toEqual([]);
  });

  test('rc.local that names no shell, which not everything can start', () => {
    expect(writersIn({ [rc]: { text: 'sysctl -w vm.x=1\n', mode: 0o755 } })).toEqual([
      `set vm.x to 1 by ${rc}:1 (?)`,
    ]);
  });

  test('cron where it is started', () => {
    const tree = { '/etc/crontab': '@reboot root sysctl -w vm.x=1\n' };
    const found = ['set vm.x to 1 by /etc/crontab:1'];
    const unit = { '/usr/lib/systemd/system/cron.service': '[Unit]\n' };
    expect(writersIn(tree)).toEqual(found);
    expect(writersIn({ ...tree, ...enabled('cron.service') })).toEqual(found);
    expect(writersIn({ ...tree, ...unit })).toEqual([]);
    expect(writersIn({ ...tree, ...enabled('crond.service'), ...masked('crond.service') })).toEqual([]);
  });

  test('cron: at boot and at its times; names with a dot are passed over', () => {
    const tree = {
      '/etc/crontab': 'SHELL=/bin/sh\n@reboot root sysctl -w vm.swappiness=1\n',
      '/etc/cron.d/tune': '*/5 * * * * root /usr/sbin/sysctl -w vm.dirty_ratio=5\n',
      '/etc/cron.d/old.bak': '@reboot root sysctl -w a.b=1\n',
    };
    expect(factsOf(tree).otherWriters.map(({ key, when }) => [key, when])).toEqual([
      ['vm.swappiness', 'after-loader'],
      ['vm.dirty_ratio', 'at-times'],
    ]);
  });

  test("root's own table of cron has no user in its lines", () => {
    const root = '/var/spool/cron/crontabs/root';
    const tree = { [root]: '@reboot sysctl -w vm.swappiness=1\n5 4 * * * sysctl -w vm.x=1\n' };
    expect(writersIn(tree)).toEqual([`set vm.swappiness to 1 by ${root}:1`, `set vm.x to 1 by ${root}:2`]);
    expect(factsOf(tree).otherWriters.map(({ when }) => when)).toEqual(['after-loader', 'at-times']);
  });

  test('ifupdown, as interfaces come up', () => {
    const main = '/etc/network/interfaces';
    const tree = {
      [main]:
        'auto eth0\niface eth0 inet dhcp\n  up sysctl -w net.ipv4.conf.eth0.rp_filter=2\n  down sysctl -w vm.x=1\n',
      [`${main}.d/wan`]: 'post-up echo 1 > /proc/sys/net/ipv4/ip_forward\n',
      [`${main}.d/wan.bak`]: 'up sysctl -w vm.x=1\n',
    };
    expect(writersIn(tree)).toEqual([
      `set net.ipv4.conf.eth0.rp_filter to 2 by ${main}:3 (?)`,
      `set net.ipv4.ip_forward to 1 by ${main}.d/wan:1 (?)`,
    ]);
  });

  test('login shells', () => {
    expect(
      factsOf({ '/etc/profile.d/x.sh': 'sysctl -w a.b=1\n', '/etc/profile.d/x.csh': 'sysctl -w c.d=1\n' })
        .otherWriters,
    ).toEqual([
      {
        by: 'login-shell',
        key: 'a.b',
        value: '1',
        relation: 'exactly',
        file: '/etc/profile.d/x.sh',
        line: 1,
        when: 'at-login',
        how: 'command',
        sure: false,
      },
    ]);
  });

  test("units of the administrator's own, and drop-ins for others", () => {
    const own = '/etc/systemd/system/tune.service';
    const unit =
      "[Service]\nExecStart=-/bin/sh -c 'sysctl -w vm.swappiness=1'\nExecStop=/sbin/sysctl -w vm.swappiness=60\n";
    const dropIn = '/etc/systemd/system/redis.service.d/x.conf';
    expect(
      writersIn({
        ...enabled('tune.service'),
        [own]: unit,
        '/etc/systemd/system/alias.service': { link: own },
        [dropIn]: '[Service]\nExecStartPre=+/sbin/sysctl -w vm.overcommit_memory=1\n',
      }),
    ).toEqual([
      `set vm.overcommit_memory to 1 by ${dropIn}:2 (?)`,
      `set vm.swappiness to 1 by ${own}:2`,
      `set vm.swappiness to 60 by ${own}:3 (?)`,
    ]);
  });

  const TUNE = '/etc/systemd/system/tune.service';
  const SETS = 'ExecStart=/sbin/sysctl -w vm.x=1\n';
  const drop = `${TUNE}.d/o.conf`;
  test.each<readonly [string, MemoryTree, readonly string[]]>([
    ['with a condition', { [TUNE]: `[Unit]\nConditionPathExists=/x\n[Service]\n${SETS}` }, [`${TUNE}:4 (?)`]],
    [
      'with a drop-in that takes the command back',
      { [TUNE]: `[Service]\n${SETS}`, [drop]: 'ExecStart=\n' },
      [],
    ],
    [
      'with a drop-in that has another one',
      { [TUNE]: `[Service]\n${SETS}`, [drop]: `[Service]\nExecStart=\n${SETS}` },
      [`${drop}:3`],
    ],
    ['that is masked, with a drop-in', { ...masked('tune.service'), [drop]: `[Service]\n${SETS}` }, []],
    [
      'behind the loader by its own words',
      { [TUNE]: alone(`After=systemd-sysctl.service`, SETS) },
      [`${TUNE}:5`],
    ],
    ['that nothing orders with the loader', { [TUNE]: alone('', SETS) }, [`${TUNE}:5 (?)`]],
  ])('a unit %s', (_what, tree, expected) => {
    expect(writersIn({ ...enabled('tune.service'), ...tree })).toEqual(
      expected.map((place) => `set vm.x to 1 by ${place}`),
    );
  });

  test('a unit for another time than a boot', () => {
    const resume = { '/etc/systemd/system/suspend.target.wants/tune.service': { link: TUNE } };
    expect(writersIn({ ...resume, [TUNE]: `[Service]\n${SETS}` })).toEqual([
      `set vm.x to 1 by ${TUNE}:2 (?)`,
    ]);
    expect(writersIn({ [`${WANTS}/tune.service`]: { link: TUNE }, [TUNE]: `[Service]\n${SETS}` })).toEqual([
      `set vm.x to 1 by ${TUNE}:2`,
    ]);
  });

  test.each<readonly [string, string, boolean]>([
    ['ends before it', alone('Before=systemd-sysctl.service', `Type=oneshot\n${SETS}`), true],
    ['may end later', alone('Before=systemd-sysctl.service', SETS), false],
    [
      'is behind it as well',
      `[Unit]\nBefore=systemd-sysctl.service\n[Service]\nType=oneshot\n${SETS}`,
      false,
    ],
  ])('a unit before the loader that %s', (_what, text, sure) => {
    const { otherWriters } = factsOf({ ...enabled('tune.service'), [TUNE]: text });
    expect(otherWriters).toMatchObject([{ key: 'vm.x', when: 'before-loader', sure }]);
  });

  test('cloud-init: commands, and sysctl files that it writes', () => {
    const cfg = '/etc/cloud/cloud.cfg.d/99-tune.cfg';
    const content = [
      '#cloud-config',
      'write_files:',
      '- content: |',
      '    vm.swappiness = 1',
      '  path: /etc/sysctl.d/50-x.conf',
      '- path: /etc/motd',
      '  content: |',
      '    a.b = 1',
      'runcmd:',
      '- sysctl -w kernel.x=1',
      '- [ sysctl, -w, "kernel.y=2" ]',
    ].join('\n');
    const userData = '/var/lib/cloud/instance/user-data.txt';
    const tree: MemoryTree = {
      [cfg]: content,
      [userData]: { text: 'runcmd:\n- sysctl -w c.d=1\n', mode: 0o600 },
    };
    expect(writersIn(tree)).toEqual([
      `set kernel.x to 1 by ${cfg}:10 (?)`,
      `set kernel.y to 2 by ${cfg}:11 (?)`,
      `set vm.swappiness to 1 by ${cfg}:4 (?)`,
    ]);
    expect(writersIn({ ...tree, '/etc/cloud/cloud-init.disabled': '' })).toEqual([]);
    const stages = ['cloud-init', 'cloud-config', 'cloud-final'].map((name) => masked(`${name}.service`));
    expect(writersIn(Object.assign({ ...tree }, ...stages))).toEqual([]);
    expect(writersIn({ ...tree, ...stages[0] })).not.toEqual([]);
    expect(writersIn({ ...tree, ...masked('cloud-init-main.service') })).toEqual([]);
    expect(writersIn({ ...tree, [userData]: 'runcmd:\n- sysctl -w c.d=1\n' })).toContain(
      `set c.d to 1 by ${userData}:2 (?)`,
    );
  });
});

test.each<readonly [version: string, expected: readonly string[]]>([
  ['4.0.4', []],
  ['3.3.17', ['set vm.swappiness to 1 by /etc/mine.conf:4']],
])('a file that a script loads is read as procps %s reads it', (version, more) => {
  const found = writersIn({
    '/etc/rc.local': { text: '#!/bin/sh\nsysctl -p /etc/mine.conf\n', mode: 0o755 },
    '/etc/mine.conf':
      'net/core/somaxconn = 7 \r\nnet.ipv4.conf.*.rp_filter = 1\n# x\n=vm.swappiness=1\n-vm.x\n',
    '/var/lib/dpkg/status': `Package: procps\nVersion: 2:${version}-1\n\n`,
  });
  expect(found).toEqual([
    'set net.core.somaxconn to 7 by /etc/mine.conf:1',
    'set net.ipv4.conf.*.rp_filter to 1 by /etc/mine.conf:2 (?)',
    ...more,
  ]);
});

describe('a script', () => {
  const RC = '/etc/rc.local';
  const of = (...lines: readonly string[]) =>
    writersIn({ [RC]: { text: ['#!/bin/sh', ...lines, ''].join('\n'), mode: 0o755 } }).map((each) =>
      each.replace(/^set (\S+) to (\S+) by \/etc\/rc\.local:\d+/, '$1=$2'),
    );
  const X = 'sysctl -w vm.x=1';
  const SURE = ['vm.x=1'];
  const MAY = ['vm.x=1 (?)'];

  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['a command', [X], SURE],
    ['indented', [`  ${X}`], SURE],
    ['behind its end', ['exit 0', X], []],
    ['behind its end on a line', [`${X}; exit 0; sysctl -w vm.y=1`], SURE],
    ['behind another program', ['exec /usr/bin/thing', X], []],
    ['behind redirections', ['exec >/var/log/rc 2>&1', X], SURE],
    ['behind an end that hangs on something', ['[ -e /x ] || exit 0', X], MAY],
    ['behind an end in a condition', ['if [ -e /x ]; then', 'exit 0', 'fi', X], MAY],
    ['in a condition', ['if [ -e /x ]; then', X, 'fi'], MAY],
    ['in a condition of one line', [`if [ -e /x ]; then ${X}; fi`], MAY],
    ['behind a condition', ['if [ -e /x ]; then', ':', 'fi', X], SURE],
    ['in a loop', ['for i in 1 2; do', X, 'done'], MAY],
    ['in a case', ['case $1 in', 'start)', X, ';;', 'esac'], MAY],
    ['in a function', ['tune() {', X, '}'], MAY],
    ['in a function, written apart', ['tune () {', X, '}', 'sysctl -w vm.y=1'], ['vm.x=1 (?)', 'vm.y=1']],
    ['in a function with its word', ['function tune {', X, '}'], MAY],
    ['in a function with the brace below', ['tune()', '{', X, '}'], MAY],
    ['in a function that is a subshell', ['tune() (', X, ')', 'sysctl -w vm.y=1'], ['vm.x=1 (?)', 'vm.y=1']],
    ['behind the end of a function', ['tune() {', 'return 0', '}', X], SURE],
    ['behind the end of a subshell', ['(exit 0)', X], SURE],
    [
      'in a group that hangs on something',
      ['[ -e /x ] && {', X, '}', 'sysctl -w vm.y=1'],
      ['vm.x=1 (?)', 'vm.y=1'],
    ],
    ['behind an operator and a line end', ['[ -e /x ] &&', X], MAY],
    ['in front of what happens otherwise', [`${X} || true`], SURE],
    ['continued', ['sysctl -w \\', '  vm.x=1'], SURE],
    ['in quotes over several lines', ["x='", X, "'"], []],
    ['in what is written elsewhere', ['cat >/etc/x <<EOF', X, 'EOF'], []],
    ['behind what is written elsewhere', ["cat >/etc/x <<-'EOF'", 'x', '\tEOF', X], SURE],
  ])('%s', (_what, lines, expected) => {
    expect(of(...lines)).toEqual(expected);
  });

  test('that loads several files, or all that a pattern stands for', () => {
    const tree: MemoryTree = {
      [RC]: { text: '#!/bin/sh\nsysctl -p /etc/b.conf /etc/sysctl.d/*.conf\n', mode: 0o755 },
      '/etc/b.conf': 'vm.b = 1\n',
      '/etc/sysctl.d/1.conf': 'vm.one = 1\n',
      '/etc/sysctl.d/2.conf': 'vm.two = 1\n',
      '/etc/sysctl.d/README': 'vm.x = 1\n',
    };
    expect(writersIn(tree)).toEqual([
      'set vm.b to 1 by /etc/b.conf:1',
      'set vm.one to 1 by /etc/sysctl.d/1.conf:1',
      'set vm.two to 1 by /etc/sysctl.d/2.conf:1',
    ]);
  });

  test('that applies all sysctl files says so', () => {
    expect(factsOf({ [RC]: { text: '#!/bin/sh\nsysctl --system\n', mode: 0o755 } }).otherWriters).toEqual([
      {
        by: 'rc-local',
        key: '*',
        relation: 'exactly',
        file: RC,
        line: 2,
        when: 'after-loader',
        how: 'rerun',
        sure: true,
      },
    ]);
  });
});
