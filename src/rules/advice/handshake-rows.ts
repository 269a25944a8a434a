import { formatFigure } from '../../core/figure.ts';
import { key, text, value } from '../../core/text.ts';
import { CATALOGUE, catalogueEntry } from '../../sysctl/catalogue.ts';
import { isBelow } from '../support/defaults.ts';
import { type AdviceRow, bad, type Judgement, type Setting, type View } from './row.ts';

const COOKIES = 'net.ipv4.tcp_syncookies';
const ABORT = 'net.ipv4.tcp_abort_on_overflow';
const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';
const SOMAXCONN = 'net.core.somaxconn';
const SYNACK_RETRIES = 'net.ipv4.tcp_synack_retries';
const FAST_OPEN = 'net.ipv4.tcp_fastopen';

const IP_SYSCTL = 'Documentation/networking/ip-sysctl.rst';

function setCookiesOn() {
  return {
    key: COOKIES,
    relation: 'exactly',
    value: '1',
    because: text`a cookie is sent where the SYN queue is full, and nowhere else`,
  } as const;
}

function judgeAlways({ numbers: [mode], at }: Setting, { facts }: View): Judgement {
  if (mode !== 2 || !facts.traits.alwaysCookies.includes(true)) return null;
  const says =
    'every SYN is answered with a cookie, which is a mode for tests: connections lose options, and full SYN queues show no more';
  // Who tests sets it by hand, and it is gone with the next boot.
  return bad(at === null ? 'info' : 'low', says, { require: setCookiesOn() });
}

/** Somebody whom a somaxconn of that many would cut at the next listen(). */
function cutsSomebody(most: number, { facts }: View): boolean {
  return (facts.listeners ?? []).some(
    ({ backlog }) => backlog.followsSomaxconn || (backlog.requested ?? 0) > most,
  );
}

function judgeLowered({ key: sysctl, numbers }: Setting, view: View): Judgement {
  const own = view.own(sysctl);
  const harm = catalogueEntry(sysctl)?.belowDefault;
  if (harm === undefined) return null;
  if (own === null) return { kind: 'unknown', why: `this kernel's own ${sysctl} is not known` };
  if (!isBelow(numbers, own)) return null;
  const below = `that is below this kernel's own ${own.map(formatFigure).join(', ')}`;
  if (sysctl === SOMAXCONN && view.facts.listeners !== null && !cutsSomebody(numbers[0], view)) {
    return bad('info', `${below}, but cuts no listener that is there now`);
  }
  return bad('low', `${below}: ${harm}`, {
    byHand: text`delete the line: the kernel's own ${key(sysctl)} is higher`,
  });
}

/** The SYN queue, the accept queue, and what a recipe would make of them at the next boot. */
export const HANDSHAKE_ROWS: readonly AdviceRow[] = [
  {
    id: 'abort-on-overflow',
    title: 'A line makes a full accept queue reset connections from the next boot on',
    why: 'A short burst then becomes failed requests, where clients would only have waited for the next try.',
    references: [`${IP_SYSCTL} (tcp_abort_on_overflow)`],
    keys: [ABORT],
    live: 'another-rule',
    judge({ numbers: [on] }) {
      if (on === 0) return null;
      return bad(
        'medium',
        'a burst that fills an accept queue will reset connections instead of letting the clients retry',
        {
          expected: text`${value(0)}`,
        },
      );
    },
  },
  {
    id: 'fast-open-listeners',
    title: 'tcp_fastopen is turned on for listeners, which each of them has to ask for',
    why: 'Bit 2 only allows it: without TCP_FASTOPEN in the program every handshake stays as it was.',
    references: ['man 7 tcp (TCP_FASTOPEN)', `${IP_SYSCTL} (tcp_fastopen)`],
    keys: [FAST_OPEN],
    live: 'here',
    judge({ numbers: [bits] }) {
      const says =
        'bit 2 only allows Fast Open to listeners that ask for it with TCP_FASTOPEN, and changes nothing for the others';
      // Bit 0x400 makes every listener a Fast Open one.
      return (bits & 2) !== 0 && (bits & 0x400) === 0 ? bad('info', says) : null;
    },
  },
  {
    id: 'line-below-default',
    title: 'A line lowers a setting below what this kernel sets by itself, from the next boot on',
    why: 'Defaults have grown over the years, so an old recipe that once raised a value now lowers it.',
    references: ['kernel commit 19f92a030ca6 (somaxconn)', 'kernel commit 572be9bf9d0d (tcp_rmem)'],
    keys: CATALOGUE.filter(({ belowDefault }) => belowDefault !== undefined).map(({ key: sysctl }) => sysctl),
    live: 'another-rule',
    judge: judgeLowered,
  },
  {
    id: 'max-syn-backlog-negative',
    title: 'tcp_max_syn_backlog is 0 or negative',
    why: 'The kernel takes the number unchecked, and without SYN cookies no client that it does not know gets in.',
    references: ['tcp_conn_request() in net/ipv4/tcp_input.c'],
    keys: [MAX_SYN_BACKLOG],
    live: 'here',
    judge({ numbers: [most], at }, view) {
      if (most > 0) return null;
      const cookies = view.numbersOf(COOKIES)?.[0];
      // Without cookies syn-queue/cookies-off speaks of the live value, and of what it costs.
      if (at === null && cookies === 0) return null;
      const says =
        'the kernel takes it unchecked, and only SYN cookies keep it from refusing every client that it does not know';
      const byHand = text`delete the line: the kernel computes ${key(MAX_SYN_BACKLOG)} by itself`;
      return bad(at === null ? 'info' : 'low', says, { byHand });
    },
  },
  {
    id: 'synack-retries-low',
    title: 'tcp_synack_retries is 0 or 1',
    why: 'A single lost packet then costs a client its handshake.',
    references: [`${IP_SYSCTL} (tcp_synack_retries)`],
    keys: [SYNACK_RETRIES],
    live: 'here',
    judge({ numbers: [retries] }) {
      if (retries > 1) return null;
      const says =
        retries < 1
          ? 'a handshake whose SYN-ACK is lost fails, for it is never sent again'
          : 'a handshake fails where two packets are lost, and half-open requests live 3 s';
      const because = text`the kernel's own value; 2 or 3 will do during an attack`;
      return bad('low', says, {
        require: { key: SYNACK_RETRIES, relation: 'at-least', value: '5', because },
        byHand: text`delete the line: the kernel's own value is 5, and 2 or 3 will do during an attack`,
      });
    },
  },
  {
    id: 'syncookies-always',
    title: 'SYN cookies are sent for every SYN',
    why: 'Value 2 is for tests: a connection from a cookie loses what does not fit into one, and no SYN queue is used.',
    references: [`${IP_SYSCTL} (tcp_syncookies)`, 'kernel commit 5ad37d5deee1'],
    keys: [COOKIES],
    live: 'here',
    judge: judgeAlways,
  },
  {
    id: 'syncookies-meaningless',
    title: 'tcp_syncookies is a number without a meaning',
    why: 'The kernel checks no range and takes whatever is not 0 or 2 as 1, so the line does not say what it does.',
    references: [`${IP_SYSCTL} (tcp_syncookies)`],
    keys: [COOKIES],
    live: 'here',
    judge({ numbers: [mode] }) {
      return mode === 0 || mode === 1 || mode === 2
        ? null
        : bad('info', 'only 0, 1 and 2 mean something, and the kernel takes it as 1');
    },
  },
  {
    id: 'syncookies-off',
    title: 'A line turns SYN cookies off from the next boot on',
    why: 'Without cookies a full SYN queue drops every SYN, and unknown peers are dropped already when three quarters of tcp_max_syn_backlog are in use.',
    references: [`${IP_SYSCTL} (tcp_syncookies)`],
    keys: [COOKIES],
    live: 'another-rule',
    judge({ numbers: [mode] }) {
      if (mode !== 0) return null;
      return bad('medium', 'once a SYN queue is full, every further SYN will be dropped', {
        expected: text`${value(1)}`,
        require: setCookiesOn(),
      });
    },
  },
];
