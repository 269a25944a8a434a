import type { CatalogueEntry } from '../catalogue-entry.ts';
import { always, fixed, IP_SYSCTL, ON_OR_OFF, ours, PER_NAMESPACE, SWITCH } from './parts.ts';

/** The kernel takes any integer for these, but for bindv6only on newer ones. */
const SWITCHED = {
  ...SWITCH,
  reference: IP_SYSCTL,
  scope: PER_NAMESPACE,
  range: always(ours(ON_OR_OFF)),
} as const;
const ACCEPT_RA = { ...SWITCHED, range: always(ours({ min: 0, max: 2 })), oneOf: [0, 1, 2] } as const;

const KERNEL_COMMAND_LINE = 'ipv6.disable_ipv6 on the kernel command line';

/** net.ipv6; all of them are absent where the kernel was started with ipv6.disable=1. */
export const IPV6_ENTRIES: readonly CatalogueEntry[] = [
  {
    ...SWITCHED,
    key: 'net.ipv6.conf.all.forwarding',
    summary: 'Forwards IPv6 packets from one interface to another: makes the host a router.',
    defaults: fixed('0'),
    // addrconf_fixup_forwarding()
    sideEffects:
      'a change sets forwarding of every interface, new ones included; switched on, routers are no longer listened to where accept_ra is 1, and default routes learnt from them are deleted',
    reversible: {
      is: false,
      why: 'interfaces whose own forwarding differed do not get theirs back, and deleted default routes return with the next router advertisement only',
    },
    coupled: ['net.ipv6.conf.all.accept_ra', 'net.ipv6.conf.default.accept_ra'],
    alsoSetBy: ['Docker', 'libvirt', 'NetworkManager', 'systemd-networkd', 'Kubernetes network plugins'],
  },
  {
    ...SWITCHED,
    key: 'net.ipv6.conf.all.disable_ipv6',
    summary: 'Takes IPv6 off every interface.',
    defaults: fixed('0'),
    // Measured on 5.10 to 7.2: only the link-local address comes back.
    sideEffects:
      'a change sets disable_ipv6 of every interface, new ones included; switched on, they lose their IPv6 addresses and routes at once',
    reversible: {
      is: false,
      why: 'addresses and routes that were set by hand or by a network manager do not come back by themselves',
    },
    coupled: ['net.ipv6.conf.default.disable_ipv6'],
    alsoSetBy: [KERNEL_COMMAND_LINE],
  },
  {
    ...SWITCHED,
    key: 'net.ipv6.conf.default.disable_ipv6',
    summary: 'Whether new interfaces start without IPv6.',
    defaults: fixed('0'),
    reversible: { is: false, why: 'interfaces that appear meanwhile keep the value that they started with' },
    coupled: ['net.ipv6.conf.all.disable_ipv6'],
    alsoSetBy: [KERNEL_COMMAND_LINE],
  },
  {
    ...ACCEPT_RA,
    key: 'net.ipv6.conf.all.accept_ra',
    summary: 'Stands for no interface: each has its own, and new ones start with conf.default.accept_ra.',
    defaults: fixed('1'),
    coupled: ['net.ipv6.conf.default.accept_ra'],
  },
  {
    ...ACCEPT_RA,
    key: 'net.ipv6.conf.default.accept_ra',
    summary:
      'Whether new interfaces listen to routers: never (0), unless the host forwards (1), even then (2).',
    defaults: fixed('1'),
    reversible: { is: false, why: 'interfaces that appear meanwhile keep the value that they started with' },
    coupled: ['net.ipv6.conf.all.forwarding'],
  },
  {
    ...SWITCHED,
    key: 'net.ipv6.bindv6only',
    summary: 'Whether a socket that binds [::] leaves IPv4 to others, unless its program says what it wants.',
    defaults: fixed('0'),
    // inet6_create() copies it into the socket.
    reversible: { is: false, why: 'sockets made meanwhile keep what they were made with' },
  },
];
