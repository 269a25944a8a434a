import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareLoaders, resolveSysctls } from '../../src/pipeline/sysctl-resolve.ts';
import { renderComparison } from '../../src/report/text/resolve-comparison-text.ts';
import type { ResolveTextOptions } from '../../src/report/text/resolve-layout.ts';
import { renderResolution } from '../../src/report/text/resolve-text.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { A, B, MAIN, requestFor, SOMAXCONN, UDEV_RULE } from '../pipeline/resolved.ts';

type Files = Readonly<Record<string, string>>;
type Asked = NonNullable<Parameters<typeof requestFor>[1]>;

const OPTIONS: ResolveTextOptions = {
  columns: 120,
  color: false,
  verbosity: 'normal',
  live: true,
  sourceOptions: '',
};

function rendered(files: Files, asked: Asked = {}, options: Partial<ResolveTextOptions> = {}): string {
  const resolution = resolveSysctls(requestFor(files, asked));
  return renderResolution(resolution, (asked.keys ?? []).length > 0, { ...OPTIONS, ...options });
}

function compared(files: Files, options: Partial<ResolveTextOptions> = {}): string {
  return renderComparison(compareLoaders(requestFor(files), '4.0.4'), { ...OPTIONS, ...options });
}

const UFW: OtherWriter = {
  by: 'ufw',
  key: SOMAXCONN,
  value: '7',
  file: '/etc/ufw/sysctl.conf',
  line: 3,
  relation: 'exactly',
  when: 'after-loader',
  how: 'line',
  sure: true,
};

describe('a key that is asked after', () => {
  const files = { [A]: `${SOMAXCONN} = 1\n`, [B]: `\n${SOMAXCONN} = 0x200\n` };

  test('is told in one block: what, by which line, what it beats, and what is now', () => {
    const text = rendered(files, { keys: [SOMAXCONN], sysctls: { [SOMAXCONN]: 4096 } });
    expect(text).toBe(
      [
        'net.core.somaxconn will be 512 after the next boot',
        `  Decides   ${B}:2, written there as 0x200`,
        `  Beaten    ${A}:1 = 1: a later file sets it again`,
        '  Now       4096, so the next boot changes it',
        '  Read by   systemd-sysctl, 2 files',
        '',
      ].join('\n'),
    );
  });

  test('is told with who sets it later', () => {
    const cron: OtherWriter = { ...UFW, by: 'networkmanager', file: '/n', sure: false };
    const asked = { keys: [SOMAXCONN], otherWriters: [UFW, cron], sysctls: { [SOMAXCONN]: 512 } };
    expect(rendered(files, asked)).toBe(
      [
        'net.core.somaxconn will be 7 after the next boot: ufw sets it after the sysctl files are applied',
        '  Decides   ufw, /etc/ufw/sysctl.conf:3',
        `  Beaten    ${B}:2 = 512: ufw sets it again`,
        `            ${A}:1 = 1: a later file sets it again`,
        '  Others    NetworkManager may set it to 7 after the sysctl files are applied (/n:3)',
        '  Now       512, so the next boot changes it',
        '  Read by   systemd-sysctl, 2 files',
        '',
      ].join('\n'),
    );
  });

  test('and it is now as they leave it', () => {
    const asked = {
      keys: [SOMAXCONN],
      otherWriters: [{ ...UFW, value: '010' }],
      sysctls: { [SOMAXCONN]: 8 },
    };
    const text = rendered(files, asked);
    expect(text).toContain('\n  Decides   ufw, /etc/ufw/sysctl.conf:3, written there as 010\n');
    expect(text).toContain('\n  Now       8\n');
    expect(rendered(files, asked, { verbosity: 'quiet' })).toBe(`${SOMAXCONN} = 8\n`);
  });

  test('by way of another key', () => {
    const docker: OtherWriter = { ...UFW, by: 'docker', key: 'net.ipv4.ip_forward', value: '1', file: '/d' };
    const text = rendered(
      {},
      { keys: ['net.ipv4.conf.eth0.forwarding'], otherWriters: [docker] },
      { columns: 400 },
    );
    expect(text).toMatch(/ will be 1 after the next boot: Docker sets net\.ipv4\.ip_forward after /);
    expect(text).toContain(
      '\n  Decides   Docker, /d:3, which sets net.ipv4.ip_forward to 1: the kernel changes this key along with that one\n',
    );
  });

  test('cannot be told where two are at odds', () => {
    const docker: OtherWriter = { ...UFW, by: 'docker', value: '9', file: '/d' };
    const tuned: OtherWriter = { ...UFW, by: 'tuned', value: '8', file: '/t' };
    const asked = { keys: [SOMAXCONN], otherWriters: [docker, tuned], sysctls: { [SOMAXCONN]: 9 } };
    const text = rendered(files, asked, { columns: 400 });
    expect(text).toMatch(
      /^What net\.core\.somaxconn will be after the next boot cannot be told: TuneD and Docker set it to different values, /,
    );
    expect(text).not.toContain('Decides');
    expect(text).toContain(`\n  Beaten    ${B}:2 = 512: another program sets it again\n`);
    expect(text).toContain('\n  Now       9\n');
    expect(rendered(files, asked, { verbosity: 'quiet' })).toBe(`${SOMAXCONN} = ?\n`);
  });

  test('is named with a value that the kernel refuses', () => {
    const text = rendered(
      files,
      { keys: [SOMAXCONN], otherWriters: [{ ...UFW, value: 'x' }] },
      { columns: 400 },
    );
    expect(text).toMatch(/^net\.core\.somaxconn will be 512 after the next boot$/m);
    expect(text).toMatch(/Others {4}ufw sets it to x .*, but the kernel refuses the\s+value$/m);
  });

  test('is printed alone where that is wanted, be it the kernel that sets it', () => {
    expect(rendered({}, { keys: [SOMAXCONN] }, { verbosity: 'quiet' })).toBe(`${SOMAXCONN} = 4096\n`);
    expect(rendered({}, { keys: [SOMAXCONN], otherWriters: [UFW] }, { verbosity: 'quiet' })).toBe(
      `${SOMAXCONN} = 7\n`,
    );
  });

  test.each<readonly [string, Files, string, RegExp]>([
    [
      'nobody sets',
      {},
      SOMAXCONN,
      /^net\.core\.somaxconn will be 4096 .*, the kernel's own value: no line sets it$/m,
    ],
    [
      'no line counts for',
      { [MAIN]: `${SOMAXCONN} = 1\n` },
      SOMAXCONN,
      /the kernel's own value: no line that sets it counts$/m,
    ],
    [
      'has no default that is known',
      {},
      'net.core.example',
      /will be what the kernel gives it: no line sets it$/m,
    ],
    [
      'another changes along',
      { [A]: 'net.ipv4.ip_forward = 1\n' },
      'net.ipv4.conf.eth0.forwarding',
      /Decides {3}\/etc\/sysctl\.d\/10-a\.conf:1, which sets net\.ipv4\.ip_forward to 1: the kernel changes this key along/,
    ],
    [
      'is emptied',
      { [A]: 'kernel.core_pattern =\n' },
      'kernel.core_pattern',
      /^kernel\.core_pattern will be empty after/m,
    ],
  ])('that %s', (_what, texts, key, expected) => {
    expect(rendered(texts, { keys: [key], inventory: null })).toMatch(expected);
  });

  test('an exclusion is named', () => {
    const text = rendered({ [A]: `${SOMAXCONN} = 1\n`, [B]: `-${SOMAXCONN}\n` }, { keys: [SOMAXCONN] });
    expect(text).toContain(`  Excluded  by ${B}:1\n  Beaten    ${A}:1 = 1: an exclusion takes it out\n`);
  });

  test('many lines that lose are counted, and shown where somebody asks for more', () => {
    const many = { [A]: Array.from({ length: 40 }, (_, index) => `${SOMAXCONN} = ${index + 1}\n`).join('') };
    const text = rendered(many, { keys: [SOMAXCONN] });
    expect(text.split('\n').length).toBeLessThan(15);
    expect(text).toContain('32 more: -v shows them');
    expect(
      rendered(many, { keys: [SOMAXCONN] }, { verbosity: 'verbose' }).split('\n').length,
    ).toBeGreaterThan(40);
  });

  test('of a tree that does not run is one of any boot', () => {
    expect(rendered(files, { keys: [SOMAXCONN] }, { live: false })).toMatch(
      /^net\.core\.somaxconn will be 512 after a boot$/m,
    );
  });

  test('several are blocks with an empty line between them', () => {
    const text = rendered(files, { keys: [SOMAXCONN, 'net.core.rmem_max'] });
    expect(text.split('\n\n').map((block) => block.split(' ')[0])).toEqual(['net.core.rmem_max', SOMAXCONN]);
  });
});

describe('what is not there when the loader runs', () => {
  const WG0 = 'net.ipv4.conf.wg0.rp_filter';
  const files = { [A]: `${WG0} = 2\n` };

  test('an interface has its lines applied once it is added', () => {
    const text = rendered(files, { keys: [WG0], otherWriters: [UDEV_RULE] });
    expect(text).toMatch(
      /^net\.ipv4\.conf\.wg0\.rp_filter will be 2 once its interface is added, which is not there now\n/,
    );
    expect(text).toContain(`  Decides   ${A}:1\n`);
    expect(text).not.toContain('Beaten');
  });

  test('and they are none that do nothing, nor any that the boot sets', () => {
    const text = rendered(files, { otherWriters: [UDEV_RULE] });
    expect(text).toMatch(/ sets 0 keys at boot\.\n/);
    expect(text).toContain(`Set once the interface is added\n  - ${WG0} = 2, by ${A}:1\n`);
    expect(text).not.toContain('Lines that do nothing');
    expect(text).not.toContain('in trouble');
  });

  test('the module of a key is named, with what has it loaded in time', () => {
    const key = 'net.netfilter.nf_conntrack_max';
    const text = rendered({ [A]: `${key} = 9\n` }, { keys: [key], inventory: null });
    expect(text).toContain(`${A}:1 = 9: the key is not there yet at boot`);
    expect(text).toMatch(/Module {4}nf_conntrack: name it in \/etc\/modules-load\.d\/nf_conntrack\.conf/);
  });
});

describe('all keys', () => {
  const files = {
    [A]: `net.core.rmem_max = 300000\nnet.ipv4.ip_forward = 1\nnothing here\n`,
    [B]: `${SOMAXCONN} = 1\n${SOMAXCONN} = many\n`,
    [MAIN]: 'vm.dirty_ratio = 5\n',
  };

  test('stand by the file and line that set them, in the order of the files', () => {
    expect(rendered(files)).toBe(
      [
        'systemd-sysctl reads 2 files and sets 6 keys at boot.',
        '',
        A,
        '   1  net.core.rmem_max = 300000',
        '   2  net.ipv4.ip_forward = 1',
        '      along with it net.ipv4.conf.all.forwarding and 3 more = 1',
        '',
        'Lines that do nothing',
        `  - net.core.somaxconn, ${B}:2 = many: the kernel refuses the value`,
        `  - ${MAIN}, 1 line: its file is not read`,
        '',
        'Files and lines in trouble',
        `  - ${A}:3 is no assignment and is passed over (an error to the loader)`,
        '',
        'The loader ends with exit status 1, and systemd-sysctl.service counts as failed; what it could set is set all the same.',
        '',
        'Why a line loses  backlogctl sysctl resolve KEY',
        '',
      ].join('\n'),
    );
  });

  test('with --verbose, each key that a line changes along', () => {
    expect(rendered(files, {}, { verbosity: 'verbose' })).toContain(
      'along with it net.ipv4.conf.all.forwarding, net.ipv4.conf.default.forwarding,',
    );
  });

  test('with --quiet, are lines of a sysctl file', () => {
    expect(rendered(files, { loader: 'procps' }, { verbosity: 'quiet' })).toBe(
      [
        'net.core.rmem_max = 300000',
        'net.core.somaxconn = 1',
        'net.ipv4.conf.all.forwarding = 1',
        'net.ipv4.conf.default.forwarding = 1',
        'net.ipv4.conf.eth0.forwarding = 1',
        'net.ipv4.conf.lo.forwarding = 1',
        'net.ipv4.ip_forward = 1',
        'vm.dirty_bytes = 0',
        'vm.dirty_ratio = 5',
        '',
      ].join('\n'),
    );
  });

  test('that others set later are told, with who does', () => {
    expect(rendered({ [A]: `${SOMAXCONN} = 1\n` }, { otherWriters: [UFW] })).toMatch(
      /\nSet by others\n {2}- ufw sets net\.core\.somaxconn to 7 /,
    );
  });

  test('of one file', () => {
    expect(rendered({ [A]: `${SOMAXCONN} = 1\n` })).toMatch(
      /^systemd-sysctl reads 1 file and sets 1 key at boot\.\n/,
    );
  });
});

test('what leads on is one line, however long', () => {
  const sourceOptions = `--root /${'tree/'.repeat(20)}`;
  expect(
    rendered({ [A]: `${SOMAXCONN} = 1\n`, [B]: `${SOMAXCONN} = 2\n` }, {}, { columns: 80, sourceOptions }),
  ).toContain(`\nWhy a line loses  backlogctl sysctl resolve KEY ${sourceOptions}\n`);
  expect(
    compared({ [A]: `${SOMAXCONN} = 1\n`, [MAIN]: `${SOMAXCONN} = 2\n` }, { columns: 80, sourceOptions }),
  ).toContain(`\nWhat a boot does  backlogctl sysctl resolve ${sourceOptions}\n`);
});

describe('sysctl --system after a boot', () => {
  test('changes nothing where both read the same', () => {
    expect(compared({ [A]: `${SOMAXCONN} = 1\n` })).toBe(
      'sysctl --system (procps sysctl 4.0.4) leaves everything as systemd-sysctl sets it at boot.\n',
    );
  });

  test('is shown side by side where it does', () => {
    expect(compared({ [A]: `${SOMAXCONN} = 1\n`, [MAIN]: `${SOMAXCONN} = 2\nvm.dirty_ratio = 5\n` })).toBe(
      [
        'sysctl --system (procps sysctl 4.0.4) would change 3 keys after a boot with systemd-sysctl; the next boot takes that',
        'back.',
        '',
        'net.core.somaxconn',
        `  At boot   1, from ${A}:1`,
        `  By hand   2, from ${MAIN}:1`,
        '',
        'vm.dirty_bytes',
        "  At boot   not known, the kernel's own",
        `  By hand   0, from ${MAIN}:2 through vm.dirty_ratio`,
        '',
        'vm.dirty_ratio',
        "  At boot   not known, the kernel's own",
        `  By hand   5, from ${MAIN}:2`,
        '',
        'What a boot does  backlogctl sysctl resolve',
        '',
      ].join('\n'),
    );
  });
});

const LONG = 'net.ipv4.conf.an-interface-name-that-is-long.rp_filter';
const WIDE = {
  [A]: `${LONG} = 1\nnet.core.somaxconn = 1\nnet.ipv4.ip_forward = 1\nwhat a line is this, which has no sign of being one\n`,
  [B]: 'net.core.somaxconn = many words that the kernel refuses because it wants a number there and nothing else at all\n',
  '/usr/lib/sysctl.d/10-a.conf': 'net.core.rmem_max = 1\n',
  [MAIN]: 'vm.dirty_ratio = 5\nnet.core.somaxconn = 2\n',
};

describe.each([80, 120])('in %p columns', (columns) => {
  test.each([
    ['all keys', () => rendered(WIDE, { otherWriters: [UFW] }, { columns })],
    ['all keys, with --verbose', () => rendered(WIDE, {}, { columns, verbosity: 'verbose' })],
    ['one key', () => rendered(WIDE, { keys: [SOMAXCONN], otherWriters: [UFW] }, { columns })],
    ['a comparison', () => compared(WIDE, { columns })],
  ])('%s: no line is longer', (_what, text) => {
    const lines = text().split('\n');
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });
});

test('nothing of a file reaches the terminal as a control character', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\u001b[31m',
      '\u009b',
      '\u202e',
      '\u0007',
      SOMAXCONN,
      ' = ',
      '\n',
      'net/',
      '*',
      '-',
      '1',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (own, main) => {
      const files = { '/etc/sysctl.d/\u001b]0;x\u0007.conf': own, [MAIN]: main };
      for (const verbosity of ['quiet', 'normal', 'verbose'] as const) {
        const shown = [
          rendered(files, { loader: 'procps', inventory: null }, { verbosity }),
          rendered(files, { keys: [SOMAXCONN] }, { verbosity }),
          compared(files, { verbosity }),
        ];
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        for (const each of shown) expect(each).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      }
    }),
    { numRuns: 15 },
  );
});

test('what may be set besides is listed with what is', () => {
  const sealed: OtherWriter = {
    by: 'credential',
    key: '*',
    file: '/c',
    relation: 'exactly',
    when: 'with-loader',
    how: 'line',
    sure: false,
  };
  const image: OtherWriter = {
    ...sealed,
    by: 'initramfs',
    file: '/boot/i',
    when: 'before-loader',
    how: 'copy',
  };
  const udev: OtherWriter = {
    ...sealed,
    by: 'udev',
    key: 'net.ipv4.conf.*.*',
    file: '/u',
    how: 'rerun',
    sure: true,
  };
  const many = ['a', 'b', 'c', 'd'].map((name): OtherWriter => ({ ...UFW, key: `vm.${name}`, sure: false }));
  const text = rendered({}, { otherWriters: [sealed, image, udev, ...many] }, { columns: 400 });
  const [, listed = ''] = text.split('Set by others\n');
  expect(listed).toContain('- a system credential may set any key behind all sysctl files (/c)\n');
  expect(listed).toMatch(/- the image \/boot\/i is older than .*\s+sets any key at the next boot\n/);
  expect(listed).toContain('- ufw may set 4 keys (/etc/ufw/sysctl.conf)\n');
  expect(listed).not.toContain('udev');
});

test('what is typed by hand is compared with what others have set by then', () => {
  const files = { [A]: `${SOMAXCONN} = 44\n` };
  const of = (otherWriters: readonly OtherWriter[]) =>
    renderComparison(compareLoaders(requestFor(files, { otherWriters }), '4.0.4'), OPTIONS);
  expect(of([])).toMatch(/^sysctl --system .* leaves everything as /);
  expect(of([{ ...UFW, value: '33' }])).toContain(
    [
      '\nnet.core.somaxconn',
      `  At boot   44, from ${A}:1`,
      '  Then      33, by ufw, /etc/ufw/sysctl.conf:3',
      `  By hand   44, from ${A}:1\n`,
    ].join('\n'),
  );
});
