import { formatFigure } from '../../core/figure.ts';
import { command, key, type Text, text, value } from '../../core/text.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import type { SysctlKey } from '../../sysctl/key.ts';
import type { Remedy } from '../remedy.ts';
import { defineRule, type Evidence, type Report, type RuleFacts, type Surroundings } from '../rule.ts';
import { exactDefault, leastDefault } from '../support/defaults.ts';
import { deleteLine, linesBehind, requireSetting, shown, winningLine } from '../support/settings.ts';
import { keySubject } from '../support/subjects.ts';

const KEYS: readonly SysctlKey[] = ['net.ipv4.tcp_mem', 'net.ipv4.udp_mem'];

const PAGE_BYTES = 4096;
const MIB = 1024 * 1024;

type LiveArgs = { readonly key: string; readonly value: string; readonly beyondMemory: boolean };
type LineArgs = LiveArgs & { readonly line: string };

const messages = {
  live: (args: LiveArgs) =>
    text`${key(args.key)} is ${value(args.value)}, which looks like bytes, but the unit is pages: ${consequence(args)}`,
  line: (args: LineArgs) =>
    text`${args.line} sets ${key(args.key)} to ${value(args.value)}, which looks like bytes, but the unit is pages: ${consequence(args)}`,
};

function consequence({ beyondMemory }: LiveArgs): string {
  return beyondMemory
    ? 'that is more than the memory of this host, so nothing limits it'
    : 'the limits are nowhere near what was meant';
}

type Facts = Surroundings &
  Pick<RuleFacts, 'sysctls' | 'defaults' | 'memoryBytes'> & {
    readonly pageBytes: number | null;
    readonly resolution: RuleFacts['resolution'] | null;
  };

type Verdict = 'beyond-memory' | 'known-bytes' | null;

/** Start values of tcp_rmem and tcp_wmem over the years, found in tcp_mem by copying. */
const BUFFER_DEFAULTS: ReadonlySet<number> = new Set([16384, 65536, 87380, 131072]);

function looksCopied([low = 0, middle = 0, high = 0]: readonly number[]): boolean {
  const fromBuffers = low === 4096 && BUFFER_DEFAULTS.has(middle);
  const isThrice = low === middle && middle === high && high >= 4 * MIB && Number.isInteger(Math.log2(high));
  return fromBuffers || isThrice;
}

function verdictOn(setting: string, { memoryBytes, pageBytes }: Facts): Verdict {
  const numbers = parseNumbers(setting, 3);
  if (numbers === null || numbers.length < 3) return null;
  if (Math.max(...numbers) * (pageBytes ?? PAGE_BYTES) > memoryBytes) return 'beyond-memory';
  return looksCopied(numbers) ? 'known-bytes' : null;
}

function ownText(sysctl: SysctlKey, { defaults }: Facts): string | null {
  return defaults.kernelDefault(sysctl)?.map(formatFigure).join(', ') ?? null;
}

/** Where the own value is known for certain; it rests on memory that only the kernel counts exactly. */
function restore(sysctl: SysctlKey, facts: Facts): readonly Remedy[] {
  const own = exactDefault(facts.defaults.kernelDefault(sysctl));
  const because = text`the kernel's own value, in pages`;
  return own === null
    ? []
    : [requireSetting(facts, { key: sysctl, relation: 'exactly', value: own, because })];
}

/** What brings the kernel's own value back, at the next boot or before. */
function backText(sysctl: SysctlKey, facts: Facts): Text {
  const own = facts.defaults.kernelDefault(sysctl);
  const until =
    own === null
      ? []
      : text`; until then ${command(`sysctl -w ${sysctl}='${leastDefault(own)}'`)} comes close`;
  return text`at boot the kernel computes ${key(sysctl)} from the memory${until}`;
}

function deleteLines(sysctl: SysctlKey, facts: Facts): readonly Remedy[] {
  const isBad = (setting: string) => verdictOn(setting, facts) !== null;
  return linesBehind(facts, facts.resolution, sysctl, isBad).map((at) =>
    deleteLine(at, 'bad-setting', text`delete the line: ${backText(sysctl, facts)}`),
  );
}

function findWriter(sysctl: SysctlKey, facts: Facts): Remedy {
  const instruction = text`find out what wrote ${key(sysctl)}; ${backText(sysctl, facts)}`;
  return { kind: 'investigate', instruction };
}

function evidenceOf(sysctl: SysctlKey, setting: string, facts: Facts): Evidence {
  const own = ownText(sysctl, facts);
  const pages = Math.floor(facts.memoryBytes / (facts.pageBytes ?? PAGE_BYTES));
  return {
    name: text`${key(sysctl)}`,
    measured: text`${value(setting)} pages; the memory has ${value(pages)}`,
    expected: own === null ? null : text`${value(own)} pages, the kernel's own`,
  };
}

function reportsOn(sysctl: SysctlKey, facts: Facts): readonly Report<typeof messages>[] {
  const raw = facts.sysctls.raw(sysctl);
  const live = raw === null ? null : shown(raw);
  const verdict = live === null ? null : verdictOn(live, facts);
  const deletions = deleteLines(sysctl, facts);
  const common = { subject: keySubject(sysctl), cause: sysctl, confidence: 'inferred' } as const;
  if (live !== null && verdict !== null) {
    const remedies = [...restore(sysctl, facts), ...deletions];
    return [
      {
        ...common,
        messageId: 'live',
        args: { key: sysctl, value: live, beyondMemory: verdict === 'beyond-memory' },
        severity: 'high',
        evidence: [evidenceOf(sysctl, live, facts)],
        remedies: remedies.length > 0 ? remedies : [findWriter(sysctl, facts)],
      },
    ];
  }
  const boot = facts.filesApply ? facts.resolution?.bootValue(sysctl) : undefined;
  const line = boot === undefined ? null : winningLine(boot);
  const onLine = line === null ? null : verdictOn(line.value, facts);
  if (line === null || onLine === null) return [];
  const [beyondMemory, said] = [onLine === 'beyond-memory', shown(line.value)];
  return [
    {
      ...common,
      messageId: 'line',
      args: { key: sysctl, value: said, beyondMemory, line: `${line.file}:${line.line}` },
      severity: 'medium',
      evidence: [evidenceOf(sysctl, said, facts)],
      remedies: deletions,
    },
  ];
}

export const tcpMemInBytes = defineRule({
  id: 'memory/tcp-mem-in-bytes',
  title: 'tcp_mem or udp_mem is given in bytes instead of pages',
  why: 'A limit a thousand times too high lets socket buffers take all memory; one copied from tcp_rmem throttles every connection at some hundred MiB.',
  references: ['man 7 tcp (tcp_mem)', 'man 7 udp (udp_mem)'],
  requires: ['sysctls', 'defaults', 'memoryBytes'],
  uses: ['pageBytes', 'resolution'],
  messages,
  check(facts) {
    const reports = KEYS.flatMap((sysctl) => reportsOn(sysctl, facts));
    return reports.length === 0 ? { kind: 'pass' } : { kind: 'fail', reports };
  },
});
