import type { OtherWriter, WriterTime } from '../snapshot/other-writer.ts';

/** In the order of a boot. */
const TIMES: Readonly<Record<WriterTime, number>> = {
  'before-loader': 0,
  'with-loader': 1,
  'on-new-interface': 2,
  'after-loader': 3,
  'at-login': 4,
  'at-times': 5,
};

/**
 * In which they come at one time of a boot, as a rule: a firewall before the network, what needs the network behind it.
 * What the units order is in isOrdered().
 */
const ORDER: Readonly<Record<OtherWriter['by'], number>> = {
  'kernel-command-line': 0,
  systemd: 1,
  initramfs: 2,
  cilium: 3,
  credential: 4,
  udev: 5,
  ufw: 6,
  'systemd-networkd': 7,
  networkmanager: 8,
  ifupdown: 9,
  tuned: 10,
  docker: 11,
  k3s: 12,
  kubelet: 13,
  'kube-proxy': 14,
  'cloud-init': 15,
  unit: 16,
  'rc-local': 17,
  'login-shell': 18,
  cron: 19,
};

/** Behind network.target in tuned.service, docker.service and rc-local.service; ufw.service is before it. */
const BEHIND_UFW: ReadonlySet<OtherWriter['by']> = new Set(['tuned', 'docker', 'rc-local']);
/** Of these each file is started by itself. */
const BY_FILE: ReadonlySet<OtherWriter['by']> = new Set(['unit', 'cron', 'cloud-init']);

/**
 * Whether something says that one comes before the other. Nothing does so of most services: networkd and
 * NetworkManager set up interfaces whenever these appear, and TuneD, Docker and the kubelet start side by side.
 */
export function isOrdered(earlier: OtherWriter, later: OtherWriter): boolean {
  if (earlier.when !== later.when) return true;
  if (earlier.by === later.by) return !BY_FILE.has(earlier.by) || earlier.file === later.file;
  return earlier.by === 'ufw' && BEHIND_UFW.has(later.by);
}

/** Those of one manager stay as they are. */
export function inOrder(writers: readonly OtherWriter[]): readonly OtherWriter[] {
  return [...writers].sort((a, b) => TIMES[a.when] - TIMES[b.when] || ORDER[a.by] - ORDER[b.by]);
}
