import type { OtherWriter, WriterTime } from '../snapshot/other-writer.ts';

const TIMES: readonly WriterTime[] = [
  'before-loader',
  'with-loader',
  'on-new-interface',
  'after-loader',
  'at-login',
  'at-times',
];

/**
 * In which they come at one time of a boot, as a rule: a firewall before the network, what needs the network behind it.
 * What the units order is in isOrdered().
 */
const ORDER: readonly OtherWriter['by'][] = [
  'kernel-command-line',
  'initramfs',
  'cilium',
  'credential',
  'udev',
  'ufw',
  'systemd-networkd',
  'networkmanager',
  'ifupdown',
  'tuned',
  'docker',
  'k3s',
  'kubelet',
  'kube-proxy',
  'cloud-init',
  'unit',
  'rc-local',
  'login-shell',
  'cron',
];

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
  const place = ({ when, by }: OtherWriter) => TIMES.indexOf(when) * ORDER.length + ORDER.indexOf(by);
  return [...writers].sort((a, b) => place(a) - place(b));
}
