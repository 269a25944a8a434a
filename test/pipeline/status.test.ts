import { describe, expect, test } from '@jest/globals';
import { writtenBy } from '../../src/apply/baseline.ts';
import type { Transaction } from '../../src/apply/journal.ts';
import { isUnfinished } from '../../src/apply/recover.ts';
import type { Modules } from '../../src/pipeline/key-verdict.ts';
import { status } from '../../src/pipeline/status.ts';
import type { Step } from '../../src/plan/plan.ts';
import type { StatusDocument } from '../../src/report/change-document.ts';
import { statusDocument } from '../../src/report/change-json.ts';
import { renderStatus } from '../../src/report/text/status-text.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { DROP_IN, FACTS, file, live, planOf } from '../apply/host.ts';
import { hostOf } from '../rules/host.ts';

const KEY = 'net.core.somaxconn';
const LINE = `# why\n${KEY} = 8192\n`;

type Past = {
  readonly forLoad?: boolean;
  /** Of KEY; null where it is not known. */
  readonly now: number | null;
  /** Since the boot, in milliseconds. */
  readonly bootTimeMs?: number;
  /** The sysctl files as they stand. */
  readonly files?: Readonly<Record<string, string>>;
  /** null: the journal cannot be read. */
  readonly steps: readonly Step[] | null;
  readonly state?: Transaction['state'];
  readonly bootId?: string;
  readonly sysctls?: Readonly<Record<string, string | number>>;
  readonly absent?: readonly string[];
  readonly modules?: Modules;
  readonly all?: boolean;
  readonly loader?: 'procps';
  readonly snapshot?: Snapshot;
};

function withModules(snapshot: Snapshot, { named, loaded }: Modules = { named: [], loaded: [] }): Snapshot {
  return {
    ...snapshot,
    modulesLoad: named.map((each) => ({ ...each })),
    ...(loaded === null ? {} : { loadedModules: [...loaded] }),
  };
}

function found(past: Past) {
  const { now, files = {}, steps, state, bootId = 'boot-1', sysctls = {}, absent = [], loader } = past;
  const transaction = (each: readonly Step[]): Transaction => ({
    intent: {
      kind: 'transaction',
      schemaVersion: 0,
      id: '000001',
      at: '2026-11-20T10:00:00Z',
      why: null,
      ...FACTS,
      plan: planOf(each),
    },
    state: state ?? { kind: 'committed', at: '2026-11-20T10:00:00Z' },
    torn: false,
    records: [],
  });
  const transactions = steps === null ? null : [transaction(steps)];
  const text = files[DROP_IN];
  const ours = {
    dropIn: { path: DROP_IN, state: text === undefined ? null : { text, mode: '0644', uid: 0, gid: 0 } },
    written: writtenBy(transactions ?? [], { ...FACTS, bootId }),
  };
  const facts = { sysctls: { ...(now === null ? {} : { [KEY]: now }), ...sysctls }, absent, files };
  const moment = { bootId, bootTimeMs: past.bootTimeMs ?? 1000 };
  return status({
    snapshot:
      past.snapshot ?? withModules(hostOf(loader === undefined ? facts : { ...facts, loader }), past.modules),
    ours,
    transactions,
    now: moment,
    unfinished: (transactions ?? [])
      .filter((each) => isUnfinished(each, moment))
      .map(({ intent: { id, at } }) => ({ ...OUTLOOK, id, begunAt: at })),
    all: past.all ?? false,
    apply: 'backlogctl apply --profile web',
    forLoad: past.forLoad ?? false,
  });
}

const OUTLOOK = { was: 'applying', values: 1, files: 2, leftAlone: 0 } as const;
const LIVE = live(KEY, '4096', '8192');
const FILE = file(DROP_IN, null, LINE);

type JudgedKey = StatusDocument['keys'][number];

/** As they are printed: with each way in a sentence. */
function keysOf(past: Past): readonly JudgedKey[] {
  return statusDocument(found(past)).keys;
}

test('a masked loader is named, with the way to let it run again', () => {
  const maskedBy = '/etc/systemd/system/systemd-sysctl.service';
  const snapshot = hostOf({ sysctls: { [KEY]: 8192 }, files: { [DROP_IN]: LINE }, maskedBy });
  const keys = keysOf({ now: null, files: { [DROP_IN]: LINE }, steps: [LIVE, FILE], snapshot });
  expect(keys).toMatchObject([
    {
      verdict: 'shadowed',
      boot: '4096',
      why: `nothing applies ${DROP_IN} at boot: ${maskedBy} masks systemd-sysctl.service`,
      ways: ['let it run again: systemctl unmask systemd-sysctl.service'],
    },
  ]);
});

describe('status', () => {
  test.each<readonly [string, Past, Partial<JudgedKey> | null]>([
    [
      'as it was set',
      { now: 8192, files: { [DROP_IN]: LINE }, steps: [LIVE, FILE] },
      { verdict: 'in-step', boot: '8192', bootFrom: { file: DROP_IN, line: 2 } },
    ],
    [
      'set for this boot only',
      { now: 8192, steps: [LIVE] },
      { verdict: 'until-boot', boot: '4096', bootFrom: null },
    ],
    ['set for this boot only, and the boot is over', { now: 4096, steps: [LIVE], bootId: 'boot-2' }, null],
    [
      'set to what the kernel sets by itself, so that no line is needed',
      { now: 4096, steps: [live(KEY, '128', '4096')] },
      { verdict: 'in-step', boot: '4096', bootFrom: null },
    ],
    [
      'the live value was changed',
      { now: 1000, files: { [DROP_IN]: LINE }, steps: [LIVE, FILE] },
      { verdict: 'drifted-live', planned: '8192', live: '1000' },
    ],
    [
      'the line was edited: what we set stands in the journal',
      { now: 8192, files: { [DROP_IN]: `${KEY} = 12000\n` }, steps: [LIVE, FILE] },
      { verdict: 'changes-at-boot', planned: '8192', boot: '12000', bootFrom: { file: DROP_IN, line: 1 } },
    ],
    [
      'the drop-in was removed',
      { now: 8192, steps: [LIVE, FILE] },
      { verdict: 'changes-at-boot', boot: '4096', bootFrom: null },
    ],
    [
      'another file wins',
      {
        now: 8192,
        files: { [DROP_IN]: LINE, '/etc/sysctl.d/99-x.conf': `${KEY} = 1\n` },
        steps: [LIVE, FILE],
      },
      {
        verdict: 'shadowed',
        boot: '1',
        bootFrom: { file: '/etc/sysctl.d/99-x.conf', line: 1 },
        why: `${KEY} = 8192 would not last: /etc/sysctl.d/99-x.conf:1 is read after ${DROP_IN} and sets 1`,
        ways: [
          'let our file be read after it: backlogctl apply --profile web --file-name 99-zz-backlogctl.conf',
          'have the line commented out, until a rollback brings it back: backlogctl apply --profile web --takeover',
          'delete /etc/sysctl.d/99-x.conf:1',
          'set the wanted value there instead, if somebody else maintains that file',
        ],
      },
    ],
    [
      'sysctl.conf wins, which no name can be read after, and the boot has shown it',
      {
        now: 1,
        files: { [DROP_IN]: LINE, '/etc/sysctl.conf': `${KEY} = 1\n` },
        steps: [LIVE, FILE],
        loader: 'procps',
      },
      {
        verdict: 'shadowed',
        live: '1',
        boot: '1',
        ways: [
          'have the line commented out, until a rollback brings it back: backlogctl apply --profile web --takeover',
          'delete /etc/sysctl.conf:1, which this loader reads after every drop-in',
        ],
      },
    ],
    [
      'another file takes the key back',
      { now: 8192, files: { [DROP_IN]: LINE, '/etc/sysctl.d/99-x.conf': `-${KEY}\n` }, steps: [LIVE, FILE] },
      { verdict: 'shadowed', boot: '4096', bootFrom: null },
    ],
    [
      'another file sets the same',
      {
        now: 8192,
        files: { [DROP_IN]: LINE, '/etc/sysctl.d/99-x.conf': `${KEY} = 8192\n` },
        steps: [LIVE, FILE],
        loader: 'procps',
      },
      { verdict: 'in-step', bootFrom: { file: '/etc/sysctl.d/99-x.conf', line: 1 } },
    ],
    [
      'this kernel does not have it',
      {
        now: null,
        sysctls: { 'net.core.rmem_max': 1 },
        absent: [KEY],
        files: { [DROP_IN]: LINE },
        steps: null,
      },
      { verdict: 'unknown-to-kernel', live: null, why: `${KEY} does not exist on this kernel` },
    ],
    [
      'nobody could read it',
      { now: null, sysctls: { 'net.core.rmem_max': 1 }, files: { [DROP_IN]: LINE }, steps: null },
      { verdict: 'unknown', live: null },
    ],
    [
      'of an image the next boot alone is judged',
      { now: null, files: { [DROP_IN]: LINE }, steps: null },
      { verdict: 'set-at-boot', live: null, boot: '8192' },
    ],
    [
      'without the journal the drop-in alone tells',
      { now: 1000, files: { [DROP_IN]: LINE }, steps: null },
      { verdict: 'drifted-live', planned: '8192' },
    ],
  ])('%s', (_name, past, expected) => {
    const keys = keysOf(past);
    expect(keys).toMatchObject(expected === null ? [] : [{ key: KEY, ...expected }]);
  });

  test('a link in the place of ours hides it', () => {
    const host = hostOf({ sysctls: { [KEY]: 8192 }, files: { [DROP_IN]: '' } });
    const linked = { path: DROP_IN, kind: 'link' as const, target: '/dev/null', text: '' };
    const keys = keysOf({ now: 8192, steps: [LIVE, FILE], snapshot: { ...host, sysctlFiles: [linked] } });
    expect(keys).toMatchObject([
      {
        verdict: 'shadowed',
        boot: '4096',
        why: `${DROP_IN} is a link to /dev/null, so the lines that we wrote there are not read`,
        ways: ['remove it, and write ours again: backlogctl apply --profile web'],
      },
    ]);
  });

  test('a key that another manager sets behind the sysctl files', () => {
    const ufw = { '/etc/ufw/sysctl.conf': 'net/core/somaxconn=1024\n', '/etc/ufw/ufw.conf': 'ENABLED=yes\n' };
    const files = { [DROP_IN]: LINE, ...ufw };
    expect(keysOf({ now: 8192, files, steps: [LIVE, FILE] })).toMatchObject([
      {
        verdict: 'changes-at-boot',
        why: `the files set ${KEY} to 8192 at boot, and then ufw sets it to 1024 after the sysctl files are applied (/etc/ufw/sysctl.conf:1)`,
      },
    ]);
  });

  describe('judged by what stands once another manager has come', () => {
    const ufw = {
      '/etc/ufw/sysctl.conf': 'net/core/somaxconn=02000\n',
      '/etc/ufw/ufw.conf': 'ENABLED=yes\n',
    };
    const end = { boot: '1024', bootFrom: { file: '/etc/ufw/sysctl.conf', line: 1 } };
    const why = `the files set ${KEY} to 8192 at boot, and then ufw sets it to 1024 after the sysctl files are applied (/etc/ufw/sysctl.conf:1)`;
    const other = '/etc/sysctl.d/99-z.conf';
    const OTHERS = { [other]: `${KEY} = 8192\n`, ...ufw };

    test.each<readonly [string, number, Readonly<Record<string, string>>, Partial<JudgedKey>]>([
      ['as we set it', 8192, { [DROP_IN]: LINE, ...ufw }, { ...end, verdict: 'changes-at-boot', why }],
      ['as the manager sets it', 1024, { [DROP_IN]: LINE, ...ufw }, { ...end, verdict: 'drifted-live', why }],
      [
        'as we set it and the manager too, although another file says otherwise',
        1024,
        { [DROP_IN]: `${KEY} = 1024\n`, ...OTHERS },
        { ...end, verdict: 'in-step' },
      ],
    ])('ours is %s', (_what, now, files, expected) => {
      expect(keysOf({ now, files, steps: null })).toMatchObject([expected]);
    });

    test.each<readonly [number, Partial<JudgedKey>]>([
      [8192, { ...end, verdict: 'changes-at-boot', why }],
      [1024, { ...end, verdict: 'in-step', why: null }],
      [7, { ...end, verdict: 'changes-at-boot', why }],
    ])("somebody's is %i", (now, expected) => {
      const { others, othersDiffer } = found({ now, files: OTHERS, steps: null, all: true });
      expect(others?.filter(({ key }) => key === KEY)).toMatchObject([expected]);
      expect(othersDiffer).toEqual(expected.verdict === 'changes-at-boot' ? [KEY] : []);
    });
  });

  const TRACK = 'net.netfilter.nf_conntrack_max';
  const TRACKED = { [DROP_IN]: `${TRACK} = 100000\n` };
  const NAMED = [{ module: 'nf_conntrack', file: '/etc/modules-load.d/x.conf', line: 3 }];
  const there = { now: 4096, files: TRACKED, steps: null, sysctls: { [TRACK]: 100_000 } } as const;
  const gone = { now: 4096, files: TRACKED, steps: null, absent: [TRACK] } as const;

  test.each<readonly [string, Past, Partial<JudgedKey>]>([
    [
      'that is not loaded',
      gone,
      {
        verdict: 'before-module',
        why: `${TRACK} is there only once the kernel module nf_conntrack is loaded`,
        ways: [
          'load it now: modprobe nf_conntrack',
          'have it loaded before the sysctl files are read: echo nf_conntrack >/etc/modules-load.d/nf_conntrack.conf',
        ],
      },
    ],
    [
      'that the next boot loads in time',
      { ...gone, modules: { named: NAMED, loaded: [] } },
      {
        verdict: 'before-module',
        why: expect.stringContaining('which /etc/modules-load.d/x.conf:3 does') as unknown as string,
        ways: ['load it now: modprobe nf_conntrack'],
      },
    ],
    [
      'that something loads later than the files are read',
      { ...there, modules: { named: [], loaded: ['nf_conntrack'] } },
      { verdict: 'before-module', live: '100000' },
    ],
    [
      'that is loaded in time',
      { ...there, modules: { named: NAMED, loaded: ['nf_conntrack'] } },
      { verdict: 'in-step' },
    ],
    ['that is built in', { ...there, modules: { named: [], loaded: [] } }, { verdict: 'in-step' }],
    [
      'of which an image does not say whether it is built in',
      { now: null, files: TRACKED, steps: null, modules: { named: [], loaded: null } },
      { verdict: 'before-module', why: expect.stringContaining('unless this kernel') as unknown as string },
    ],
  ])('a key of a module %s', (_what, past, expected) => {
    expect(keysOf(past)).toMatchObject([{ key: TRACK, ...expected }]);
  });

  describe('what is none of ours', () => {
    const RMEM = 'net.core.rmem_max';
    const WMEM = 'net.core.wmem_max';
    const FIN = 'net.ipv4.tcp_fin_timeout';
    const past: Past = {
      now: 9000,
      sysctls: { [RMEM]: 300_000, [WMEM]: 400_000, [FIN]: 60 },
      absent: ['net.core.no_such_key'],
      files: {
        [DROP_IN]: `${WMEM} = 1\n`,
        '/etc/sysctl.d/50-a.conf': `${RMEM} = 250000\n-${FIN}\nnet.core.no_such_key = 1\n`,
        '/etc/sysctl.d/60-b.conf': `${RMEM} = 200000\n${FIN} = 60\n`,
        '/etc/sysctl.conf': 'net.core.optmem_max = 1\n',
      },
      steps: [],
    };

    test('is counted where its live value is not what the files set, as an audit counts it', () => {
      // The value of KEY, which no file sets, was changed by hand.
      expect(found(past)).toMatchObject({ othersDiffer: [RMEM], others: null });
    });

    test('is listed where somebody asks', () => {
      expect(found({ ...past, all: true }).others).toEqual([
        {
          key: 'net.core.no_such_key',
          live: null,
          boot: null,
          bootFrom: null,
          verdict: 'unknown-to-kernel',
          why: 'net.core.no_such_key does not exist on this kernel',
        },
        {
          key: 'net.core.optmem_max',
          live: null,
          boot: '131072',
          bootFrom: null,
          verdict: 'shadowed',
          why: '/etc/sysctl.conf:1 is in a file that the loader does not read at boot',
        },
        {
          key: RMEM,
          live: '300000',
          boot: '200000',
          bootFrom: { file: '/etc/sysctl.d/60-b.conf', line: 1 },
          verdict: 'changes-at-boot',
          why: null,
        },
        {
          key: FIN,
          live: '60',
          boot: '60',
          bootFrom: { file: '/etc/sysctl.d/60-b.conf', line: 2 },
          verdict: 'in-step',
          why: null,
        },
      ]);
    });
  });

  describe('what is none of ours and set by a pattern', () => {
    const LO = 'net.ipv4.conf.lo.rp_filter';
    const ETH0 = 'net.ipv4.conf.eth0.rp_filter';
    const FIN = 'net.ipv4.tcp_fin_timeout';
    const KEEP = 'net.ipv4.tcp_keepalive_time';
    const files = {
      '/etc/sysctl.d/50-a.conf': `net.ipv4.conf.*.rp_filter = 2\n${FIN} = "30"\n${KEEP} = 010\n`,
    };
    const modes: [string, string][] = [
      ['net/ipv4/conf/eth0/rp_filter', '0644'],
      ['net/ipv4/conf/lo/rp_filter', '0644'],
    ];
    const snapshot = {
      ...hostOf({ files, sysctls: { [LO]: 0, [ETH0]: 2, [FIN]: 60, [KEEP]: 7200 } }),
      globs: { 'net/ipv4/conf/*/rp_filter': modes },
    };
    const past: Past = { now: null, steps: [], snapshot };

    test('is listed key by key, with what the kernel makes of the lines', () => {
      expect(found({ ...past, all: true }).others).toMatchObject([
        { key: ETH0, live: '2', boot: '2', verdict: 'in-step' },
        { key: LO, live: '0', boot: '2', verdict: 'changes-at-boot' },
        {
          key: FIN,
          boot: '60',
          verdict: 'shadowed',
          why: '/etc/sysctl.d/50-a.conf:2 sets a value that the kernel refuses',
        },
        { key: KEEP, live: '7200', boot: '8', verdict: 'changes-at-boot' },
      ]);
    });

    test('is counted as it is listed', () => {
      const { othersDiffer, others } = found({ ...past, all: true });
      const listed = others?.filter(({ verdict }) => verdict === 'changes-at-boot');
      expect(othersDiffer).toEqual(listed?.map(({ key }) => key));
      expect(found(past).othersDiffer).toEqual([LO, KEEP]);
    });

    test('of an image is set at boot, and not in step with anything', () => {
      const image = { ...hostOf({ files }), globs: { 'net/ipv4/conf/*/rp_filter': modes } };
      expect(found({ ...past, all: true, snapshot: image }).others).toMatchObject([
        { key: ETH0, verdict: 'set-at-boot' },
        { key: LO, verdict: 'set-at-boot' },
        { key: FIN, verdict: 'shadowed' },
        { key: KEEP, boot: '8', verdict: 'set-at-boot' },
      ]);
    });
  });

  const TEXT = {
    color: false,
    sourceOptions: '',
    undo: 'backlogctl rollback',
    confirm: 'backlogctl confirm',
    recover: 'backlogctl recover',
    isSnapshot: false,
  };

  test('what shows more looks at the same place', () => {
    const past = { now: 9000, files: { '/etc/sysctl.d/50.conf': `${KEY} = 1\n` }, steps: [] };
    const text = renderStatus(found(past), { ...TEXT, columns: 80, sourceOptions: '--netns blue' });
    expect(text.replace(/\s+/g, ' ')).toContain(
      'backlogctl status --all --netns blue shows it, and backlogctl audit --netns blue says',
    );
  });

  test.each<readonly [string, Past, RegExp]>([
    ['nothing', { now: 4096, steps: [] }, /^backlogctl has set nothing here\.\n$/],
    [
      'nothing, and others have drifted',
      { now: 9000, files: { '/etc/sysctl.d/50.conf': `${KEY} = 1\n` }, steps: [] },
      /^backlogctl has set nothing here\.\nOne key has another value now than the sysctl files set: backlogctl status --all/,
    ],
    [
      'not seen',
      { now: 4096, steps: null },
      /^No drop-in of backlogctl stands here, [^\n]*\nThe journal is for root/,
    ],
    [
      'in the middle',
      { now: 8192, steps: [LIVE], state: { kind: 'begun' } },
      /^Transaction 000001, begun \S+, was left in the middle of being applied: the next apply or rollback\nfirst puts back 1 live value and 2 files\. To do just that: [^\n]*\n/,
    ],
    [
      'until the next boot',
      { now: 8192, steps: [LIVE] },
      /: until the next boot: it was written to no file\n/,
    ],
    [
      'an image',
      { now: null, files: { [DROP_IN]: LINE }, steps: [] },
      /^As it was set\n {2}net\.core\.somaxconn: set at boot\n {6}plan 8192 {3}boot 8192, by [^\n]*\n\nThere are no live values here/,
    ],
  ])('in words: %s', (_name, past, expected) => {
    expect(renderStatus(found(past), { ...TEXT, columns: 120 })).toMatch(expected);
  });

  const VECTOR = 'net.ipv4.tcp_rmem';
  const DRIFTED: Past = {
    now: 1000,
    sysctls: { [VECTOR]: '4096 131072 6291456' },
    files: {
      [DROP_IN]: `${LINE}${VECTOR} = 4096 131072 16777216\n`,
      '/etc/sysctl.d/99-site.conf': `${VECTOR} = 4096 131072 6291456\n`,
    },
    steps: null,
  };

  test('a load that was stated is asked for in words, beside a command that is whole', () => {
    const text = renderStatus(found({ ...DRIFTED, forLoad: true }), { ...TEXT, columns: 120 });
    expect(text).toContain(
      'set it again, with the options of the load that it was given: backlogctl apply --profile web\n',
    );
    expect(text).toMatch(/ backlogctl apply --profile web --takeover\n/);
  });

  test('in 80 columns', () => {
    expect(renderStatus(found(DRIFTED), { ...TEXT, columns: 80 })).toBe(`Not as it was set
  net.core.somaxconn: changed since
      plan 8192                   live 1000
      boot 8192, by /etc/sysctl.d/90-backlogctl.conf:2
  net.ipv4.tcp_rmem: shadowed
      plan 4096 131072 16777216   live 4096 131072 6291456
      boot 4096 131072 6291456, by /etc/sysctl.d/99-site.conf:1
      net.ipv4.tcp_rmem = 4096 131072 16777216 would not last:
      /etc/sysctl.d/99-site.conf:1 is read after
      /etc/sysctl.d/90-backlogctl.conf and sets 4096 131072 6291456

What to do
  - set it again: backlogctl apply --profile web
  - let our file be read after it:
    backlogctl apply --profile web --file-name 99-zz-backlogctl.conf
  - have the line commented out, until a rollback brings it back:
    backlogctl apply --profile web --takeover
  - delete /etc/sysctl.d/99-site.conf:1
  - set the wanted value there instead, if somebody else maintains that file
  - take everything back: backlogctl rollback

The journal is for root to read: what was set without a file is not seen.
`);
  });

  test('in 120 columns', () => {
    const lines = renderStatus(found(DRIFTED), { ...TEXT, columns: 120 }).split('\n');
    expect(lines.slice(1, 5)).toEqual([
      '  net.core.somaxconn: changed since',
      '      plan 8192                   live 1000                  boot 8192, by /etc/sysctl.d/90-backlogctl.conf:2',
      '  net.ipv4.tcp_rmem: shadowed',
      '      plan 4096 131072 16777216   live 4096 131072 6291456   boot 4096 131072 6291456, by /etc/sysctl.d/99-site.conf:1',
    ]);
  });
});
