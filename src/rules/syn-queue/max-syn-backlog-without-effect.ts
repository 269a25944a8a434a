import type { BootResolution } from '../../assess/assessment.ts';
import { key, text, value } from '../../core/text.ts';
import { defineRule, type RuleFacts, type Surroundings } from '../rule.ts';
import { limitOf } from '../support/pressure.ts';
import { winningLine } from '../support/settings.ts';
import { keySubject, lineText } from '../support/subjects.ts';

const KEY = 'net.ipv4.tcp_max_syn_backlog';

type Args = { readonly live: number; readonly line: string | null };

const messages = {
  withoutEffect: ({ live, line }: Args) =>
    text`${key(KEY)}, ${value(live)}${line === null ? '' : text` by ${line}`}, has no effect on this kernel while SYN cookies are on: the backlog of each listener bounds its SYN queue`,
};

type Facts = Surroundings & {
  readonly resolution: BootResolution | null;
  readonly listeners: RuleFacts['listeners'] | null;
  readonly defaults: RuleFacts['defaults'] | null;
};

/** Above the kernel's own value and above every listener's limit: raised by somebody who hoped for longer queues. */
function isRaised(live: number, { listeners, defaults }: Facts): boolean {
  const own = defaults?.kernelDefault(KEY)?.[0];
  const limits = (listeners ?? []).map((listener) => limitOf(listener) ?? 0);
  return own !== undefined && live > own.high && limits.every((limit) => live > limit);
}

export const maxSynBacklogWithoutEffect = defineRule({
  id: 'syn-queue/max-syn-backlog-without-effect',
  title: 'tcp_max_syn_backlog was set, but has no effect',
  why: 'From Linux 4.4 on it is read only when SYN cookies are off, so raising it lengthens no queue and lowering it does no harm.',
  references: ['kernel commit ef547f2ac16b', 'tcp_conn_request() in net/ipv4/tcp_input.c'],
  requires: ['sysctl:net.ipv4.tcp_max_syn_backlog', 'sysctl:net.ipv4.tcp_syncookies'],
  uses: ['resolution', 'listeners', 'defaults'],
  messages,
  check(facts) {
    const live = facts[`sysctl:${KEY}`];
    if (facts.traits.synQueueFull.includes('power-of-two')) {
      return { kind: 'notApplicable', why: `up to Linux 4.3 ${KEY} bounds the SYN queue` };
    }
    if (facts['sysctl:net.ipv4.tcp_syncookies'] === 0) {
      return { kind: 'notApplicable', why: `without SYN cookies ${KEY} has an effect` };
    }
    // advice/max-syn-backlog-negative says more of those.
    if (live <= 0) return { kind: 'pass' };
    const boot = facts.filesApply ? facts.resolution?.bootValue(KEY) : undefined;
    const line = boot === undefined ? null : winningLine(boot);
    if (line === null && !isRaised(live, facts)) return { kind: 'pass' };
    const where = line === null ? null : `${line.file}:${line.line}`;
    return {
      kind: 'fail',
      reports: [
        {
          messageId: 'withoutEffect',
          args: { live, line: where },
          subject: keySubject(KEY),
          cause: KEY,
          severity: 'info',
          confidence: 'inferred',
          evidence: [
            {
              name: line === null ? text`${key(KEY)}` : text`${key(KEY)} by ${lineText(line)}`,
              measured: text`${value(live)}`,
              expected: text`any value: it is not read`,
            },
          ],
          remedies: [],
        },
      ],
    };
  },
});
