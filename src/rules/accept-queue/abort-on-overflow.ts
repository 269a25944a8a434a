import { key, text, value } from '../../core/text.ts';
import { parseNumbers } from '../../sysctl/codec.ts';
import { defineRule } from '../rule.ts';
import { deleteLine, linesBehind, requireSetting } from '../support/settings.ts';
import { keySubject } from '../support/subjects.ts';

const KEY = 'net.ipv4.tcp_abort_on_overflow';

const messages = {
  on: ({ live }: { readonly live: number }) =>
    text`${key(KEY)} is ${value(live)}: a burst that fills an accept queue resets the clients' connections instead of letting them retry`,
};

function isOn(setting: string): boolean {
  return parseNumbers(setting)?.[0] !== 0;
}

export const abortOnOverflow = defineRule({
  id: 'accept-queue/abort-on-overflow',
  title: 'A full accept queue resets connections',
  why: 'Without it the handshake is finished as soon as the queue has room; with it a short burst becomes failed requests, and SYNs that meet a full queue are still only dropped.',
  references: ['Documentation/networking/ip-sysctl.rst (tcp_abort_on_overflow)', 'man 7 tcp'],
  requires: ['sysctl:net.ipv4.tcp_abort_on_overflow'],
  uses: ['resolution'],
  messages,
  check({ resolution, ...facts }) {
    const live = facts[`sysctl:${KEY}`];
    if (live === 0) return { kind: 'pass' };
    const because = text`a full accept queue should let clients retry, not reset them`;
    return {
      kind: 'fail',
      reports: [
        {
          messageId: 'on',
          args: { live },
          subject: keySubject(KEY),
          cause: KEY,
          severity: 'medium',
          confidence: 'measured',
          evidence: [
            { name: text`${key(KEY)}`, measured: text`${value(live)}`, expected: text`${value(0)}` },
          ],
          remedies: [
            requireSetting(facts, { key: KEY, relation: 'exactly', value: '0', because }),
            ...linesBehind(facts, resolution, KEY, isOn).map((at) =>
              deleteLine(
                at,
                'bad-setting',
                text`delete the line that sets ${key(KEY)}; the kernel's own value is 0`,
              ),
            ),
          ],
        },
      ],
    };
  },
});
