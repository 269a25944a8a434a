import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'fast-string-width';
import { audit } from '../../src/pipeline/audit.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { renderAuditText, type TextOptions } from '../../src/report/text/audit-text.ts';
import type { PlanCommands } from '../../src/report/text/mend-lines.ts';
import type { Listener } from '../../src/snapshot/listener.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { hostOf } from '../rules/host.ts';
import { auditPlan } from './audit-plan.ts';
import { clampedHost, hostWith, tcp, unix } from './snapshots.ts';

const PLAIN: TextOptions = {
  columns: 80,
  color: false,
  verbosity: 'normal',
  sourceOptions: '',
  undo: 'backlogctl rollback',
};

function textOf(snapshot: Snapshot, options: Partial<TextOptions> = {}): string {
  const report = audit({ snapshot, waivers: [], loader: null });
  return renderAuditText(report, (rule) => `why ${rule}.`, { ...PLAIN, ...options });
}

const CLAMPED: readonly Listener[] = [
  tcp(80, { limit: 128, length: 3, unit: 'nginx.service' }),
  tcp(6379, { limit: 511, server: 'redis', processes: [{ name: 'redis-server', pid: 81 }] }),
  unix('/run/php/php8.2-fpm.sock', {
    limit: 4096,
    server: 'php-fpm',
    backlog: { ok: true, value: 4294967295, from: 'default' },
  }),
];

test('a host with nothing wrong is told so in one line', () => {
  const text = textOf(hostWith([tcp(80), tcp(443)]));
  expect(text.split('\n').filter((line) => line.startsWith('Nothing to change'))).toEqual([
    'Nothing to change: 2 listeners, no finding.',
  ]);
  expect(text).not.toMatch(/\b(HIGH|MEDIUM|LOW)\b/);
});

test('figures that were only read in source are said to be so', () => {
  const caveat = 'The queue figures of kernels before 5.10 are read in their source, not measured.';
  expect(textOf(hostWith([tcp(80)], { host: { kernel: { release: '4.19.78' } } }))).toContain(caveat);
  expect(textOf(hostWith([tcp(80)]))).not.toContain(caveat);
});

test.each([
  {
    sysctls: { 'net.core.somaxconn': 4096 },
    edit: 'systemctl unmask systemd-sysctl.service;',
    undo: 'systemctl mask systemd-sysctl.service',
  },
  {
    sysctls: {},
    edit: 'systemctl --root=DIR unmask systemd-sysctl.service',
    undo: 'systemctl --root=DIR mask systemd-sysctl.service',
  },
])('a masked loader is unmasked where it stands, and masked again: $edit', ({ sysctls, edit, undo }) => {
  const files = { '/etc/sysctl.d/60-backlogctl.conf': 'net.core.somaxconn = 8192\n' };
  const maskedBy = '/etc/systemd/system/systemd-sysctl.service';
  const text = textOf(hostOf({ sysctls, files, maskedBy }), { columns: 200 });
  expect(text).toContain(`let it run again: ${edit}`);
  expect(text).toMatch(new RegExp(`Undo +${undo}`));
});

test('a host without any listener', () => {
  expect(textOf(hostWith([]))).toContain('No listener.');
});

test('each listener on a line of its own, with what it asked for and what binds it', () => {
  const rows = textOf(hostWith(CLAMPED))
    .split('\n')
    .slice(2, 6)
    .map((line) => line.split(/ {2,}/));
  expect(rows).toEqual([
    ['Listener', 'Server', 'Backlog', 'Limit', 'Queued', 'SYN', 'Bound by'],
    ['0.0.0.0:80', 'nginx', '511 default', '128', '3', '129', 'old somaxconn'],
    ['0.0.0.0:6379', 'redis', '511 default', '511', '0', '512', 'its backlog'],
    ['/run/php/ph….2-fpm.sock', 'php-fpm', 'max default', '4096', '0', '-', 'somaxconn'],
  ]);
});

test('a finding says what, measured against expected, why, what to type and where to read on', () => {
  const lines = textOf(hostWith(CLAMPED)).split('\n');
  const labels = lines
    .map((line) => /^ {2}(\S+(?: \S+)*) {2,}\S/.exec(line)?.[1])
    .filter((label) => label !== undefined);
  expect(labels).toEqual(['Measured', 'Why', 'Then', 'Undo', 'More']);
  expect(lines.find((line) => line.includes('Then'))).toContain('systemctl restart nginx.service');
});

test('what to type is one line, however long, and what it interrupts is a comment behind or below it', () => {
  const unit = `${'app-'.repeat(15)}web.service`;
  const text = textOf(hostWith([tcp(80, { limit: 128, unit })]));
  expect(text).toContain(
    `\n  Then       systemctl restart ${unit}\n             # interrupts its connections\n`,
  );
});

const COMMANDS = {
  applyRenamed: null,
  applyTakingOver: null,
  see: 'backlogctl plan',
  apply: 'backlogctl apply',
  applyThere: false,
  undo: 'backlogctl rollback',
};

function plannedText(snapshot: Snapshot, commands: Partial<PlanCommands> = {}, columns = 80): string {
  const report = audit({ snapshot, waivers: [], loader: null });
  const mend = { plan: auditPlan(snapshot), commands: { ...COMMANDS, ...commands } };
  return renderAuditText(report, (rule) => `why ${rule}.`, { ...PLAIN, columns }, mend);
}

/** What stands below the verdict. */
function blockOf(text: string): string {
  return (
    text
      .split('\n\n')
      .at(-1)
      ?.split(/^\d+ finding.*\n/m)
      .at(-1) ?? ''
  );
}

describe('a setting', () => {
  test('says what it has to become, and that rollback takes it back', () => {
    const text = plannedText(clampedHost(8192));
    expect(text).toContain('Set        net.core.somaxconn to 8192, now and at boot (it is 128)\n');
    expect(text).toContain('Undo       backlogctl rollback takes it back\n');
    expect(text).not.toContain('sysctl -w');
  });

  test("needs no line where the kernel's own value is wanted and no file says otherwise", () => {
    const text = plannedText(clampedHost(511));
    expect(text).toContain('Set        net.core.somaxconn to 4096 now (it is 128)');
    expect(text).toContain('At boot    nothing to write: 4096 is what this kernel starts with');
  });

  test('promises nothing where nothing was planned', () => {
    const text = textOf(clampedHost(8192));
    expect(text).toContain('Set        net.core.somaxconn to at least 8192, now and at boot (it is 128)');
    expect(text).toContain('Undo       set net.core.somaxconn to 128 again');
    expect(text).not.toMatch(/backlogctl (?:apply|rollback)/);
  });

  test('nor where a person has to decide first', () => {
    const late = {
      path: '/etc/sysctl.d/99-x.conf',
      kind: 'file',
      mode: '0644',
      text: 'net.core.somaxconn=128\n',
    };
    const text = plannedText(clampedHost(8192, { sysctlFiles: [late] } as Partial<Snapshot>));
    expect(text.replace(/\s+/g, ' ')).toContain(
      'But net.core.somaxconn = 8192 would not last: /etc/sysctl.d/99-x.conf:1',
    );
    expect(text).toContain('Undo       set net.core.somaxconn to 128 again');
    expect(text.split('\n').slice(-4)).toEqual([
      '',
      'The plan changes nothing until a person decides 1 conflict.',
      '  See it     backlogctl plan',
      '',
    ]);
  });
});

describe('the end of an audit', () => {
  test('says what the plan changes, and what to type', () => {
    expect(blockOf(plannedText(clampedHost(8192)))).toBe(`The plan changes 1 value and the drop-in.
  See it     backlogctl plan
  Do it      backlogctl apply
  Undo it    backlogctl rollback
`);
  });

  test('and where, for facts of elsewhere', () => {
    const commands = { see: 'backlogctl plan --snapshot host.json', applyThere: true };
    expect(blockOf(plannedText(clampedHost(511), commands))).toBe(`The plan changes 1 value.
  See it     backlogctl plan --snapshot host.json
  Do it      backlogctl apply  # on that host
  Undo it    backlogctl rollback
`);
  });

  test('says nothing where nothing would change', () => {
    for (const snapshot of [hostWith(CLAMPED), hostWith([tcp(80)])]) {
      expect(plannedText(snapshot)).not.toContain('The plan');
    }
    expect(plannedText(hostWith([tcp(80)]))).toMatch(/\nNothing to change: 1 listener, no finding\.\n$/);
  });

  test('leaves out what is in conflict, and says so', () => {
    const mend = {
      plan: {
        ...auditPlan(clampedHost(8192)),
        conflicts: [
          { kind: 'lowers', netns: '1', key: 'net.ipv4.tcp_rmem', message: 'no', ways: [], because: [] },
        ],
      } satisfies Plan,
      commands: { ...COMMANDS, apply: 'backlogctl apply --profile web-frontend --on-conflict skip' },
    };
    const report = audit({ snapshot: hostWith([tcp(80)]), waivers: [], loader: null });
    const lines = renderAuditText(report, () => 'why.', PLAIN, mend).split('\n');
    expect(lines.slice(-8)).toEqual([
      'No finding on 1 listener.',
      '',
      'The plan changes 1 value and the drop-in. 1 conflict to decide first.',
      '  See it     backlogctl plan',
      '  Do it      backlogctl apply --profile web-frontend --on-conflict skip',
      '             # all but what is in conflict',
      '  Undo it    backlogctl rollback',
      '',
    ]);
  });

  test.each([80, 120])('fits %d columns, but for a command, which is whole', (columns) => {
    const wanted = '--profile web-frontend '.repeat(9).trimEnd();
    const commands = {
      see: `backlogctl plan ${wanted}`,
      apply: `backlogctl apply ${wanted}`,
      applyTakingOver: `backlogctl apply ${wanted} --takeover`,
      undo: `backlogctl rollback --root ${'/x'.repeat(60)}`,
    };
    const lines = plannedText(clampedHost(8192), commands, columns).split('\n');
    const wide = lines.filter((line) => stringWidth(line) > columns);
    expect(wide).toEqual([
      `  See it     ${commands.see}`,
      `  Do it      ${commands.apply}`,
      `  Do it all  ${commands.applyTakingOver}`,
      `  Undo it    ${commands.undo}`,
    ]);
    expect(lines).toContain('             # with the lines that beat ours commented out');
  });
});

test('another look at the same facts takes the same options', () => {
  expect(textOf(hostWith(CLAMPED), { sourceOptions: '--snapshot host.json' })).toMatch(
    /More {7}backlogctl explain stale-listener-[0-9a-f]+ --snapshot host\.json\n/,
  );
});

test('--quiet is one line a finding and the verdict', () => {
  const lines = textOf(hostWith(CLAMPED), { verbosity: 'quiet', columns: 120 }).trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^MEDIUM nginx on 0\.0\.0\.0:80 .* \[stale-listener-[0-9a-f]+\]$/);
  expect(lines.at(-1)).toBe('1 finding on 3 listeners.');
});

describe('on a host with many listeners', () => {
  const many = Array.from({ length: 2000 }, (_, index) => tcp(10_000 + index, { limit: 128 }));

  test('those that say the same share a row, unless --verbose', () => {
    const folded = textOf(hostWith(many));
    expect(folded).toContain('0.0.0.0:10000 +1999');
    expect(folded.split('\n').length).toBeLessThan(40);
    expect(textOf(hostWith(many), { verbosity: 'verbose' }).split('\n').length).toBeGreaterThan(2000);
  });

  test('and thousands of findings do not stall the report', () => {
    const full = Array.from({ length: 4000 }, (_, index) =>
      tcp(10_000 + index, {
        server: `p${index}`,
        limit: 128,
        length: 129,
        backlog: { ok: true, value: 128, from: 'config' },
      }),
    );
    const badges = textOf(hostWith(full)).match(/^HIGH /gm);
    expect(badges?.length).toBeGreaterThanOrEqual(4000);
  });

  test('their restarts do not fill the screen', () => {
    const units = many.map((listener, index) => ({ ...listener, unit: `app-${index}.service` }));
    const text = textOf(hostWith(units));
    expect(text.split('\n').length).toBeLessThan(60);
    expect(text).toMatch(/and \d+ more \(--verbose\)/);
  });

  test('a full one is not hidden among them', () => {
    const one = tcp(9, { limit: 128, length: 129 });
    expect(textOf(hostWith([...many, one]))).toMatch(/0\.0\.0\.0:9 .* 129 FULL/);
  });
});

test.each([80, 100, 120, 200])('no line is wider than %d columns', (columns) => {
  const long = '/run/containers/0123456789abcdef0123456789abcdef/a-service-with-a-long-name/listen.sock';
  const listeners = [
    ...CLAMPED,
    unix(long, { limit: 5, length: 6 }),
    tcp(1, { processes: [{ name: 'x'.repeat(15), pid: 9 }] }),
  ];
  const text = textOf(
    hostWith(listeners, { unseen: [{ what: 'owners of 3 listeners', why: 'not permitted: run as root' }] }),
    { columns },
  );
  for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(Math.min(columns, 120));
});

test('nothing from the host can act on the terminal or forge a line', () => {
  const hostile = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(hostile, hostile, (path, name) => {
      const listeners = [unix(path, { limit: 5, length: 6, processes: [{ name, pid: 5 }] })];
      const text = textOf(hostWith(listeners, { unseen: [{ what: path, why: name }] }));
      // Every control and format character but the newlines that we write ourselves.
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
      expect(text.split('\n').filter((line) => line.startsWith('Linux '))).toHaveLength(1);
    }),
    { numRuns: 200 },
  );
});

test('colours only where they are asked for, and the same text below them', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the sequences under test
  const sequences = /\u001b\[\d+(?:;\d+)*m/g;
  const colored = textOf(hostWith(CLAMPED), { color: true });
  const plain = textOf(hostWith(CLAMPED));
  expect(colored).toMatch(sequences);
  expect(plain).not.toMatch(sequences);
  expect(colored.replace(sequences, '').split(/\s+/)).toEqual(plain.split(/\s+/));
});

test('the same snapshot gives the same text', () => {
  expect(textOf(hostWith(CLAMPED))).toBe(textOf(structuredClone(hostWith(CLAMPED))));
});
