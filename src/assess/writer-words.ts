import { command, key, name, path, spaced, type Text, text, value } from '../core/text.ts';
import type { OtherWriter, WriterKind } from '../snapshot/other-writer.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { names } from './writer-keys.ts';
import type { Ending } from './writer-run.ts';

const NAMES: Readonly<Record<WriterKind, string>> = {
  'kernel-command-line': 'the kernel command line',
  systemd: 'systemd',
  initramfs: 'the initramfs',
  credential: 'a system credential',
  udev: 'udev',
  ufw: 'ufw',
  'systemd-networkd': 'systemd-networkd',
  networkmanager: 'NetworkManager',
  ifupdown: 'ifupdown',
  tuned: 'TuneD',
  docker: 'Docker',
  k3s: 'k3s',
  kubelet: 'the kubelet',
  'kube-proxy': 'kube-proxy',
  cilium: 'Cilium',
  'cloud-init': 'cloud-init',
  unit: 'a systemd unit',
  'rc-local': 'rc.local',
  'login-shell': 'a login shell',
  cron: 'cron',
};

/** As a sentence names it. */
export function writerName({ by }: OtherWriter): string {
  return NAMES[by];
}

/** `/etc/ufw/sysctl.conf:12` */
export function writerPlace({ file, line }: OtherWriter): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** When it comes, for behind a verb. */
export function writerTime(writer: OtherWriter): string {
  return `${writer.how === 'default' ? 'by default ' : ''}${timeOf(writer)}`;
}

function timeOf({ by, when, how }: OtherWriter): string {
  if (by === 'tuned' && how === 'rerun') return 'when it applies this file behind its profile';
  switch (when) {
    case 'before-loader':
      return 'before the sysctl files are applied';
    case 'with-loader':
      return by === 'cilium' ? 'at each start of its agent' : 'behind all sysctl files';
    case 'on-new-interface':
      return 'whenever an interface is added';
    case 'after-loader':
      return 'after the sysctl files are applied';
    case 'at-login':
      return 'whenever root logs in';
    case 'at-times':
      return 'at its times, not at boot';
  }
}

function verbOf({ relation, sure }: OtherWriter): string {
  const verb = { exactly: 'set', 'at-least': 'raise', 'at-most': 'lower' }[relation];
  return sure ? `${verb}s` : `may ${verb}`;
}

/** Of which key it may be said more than that the value is not known. */
function toWhat({ relation, value: to }: OtherWriter): Text {
  if (to === undefined) return [];
  return relation === 'exactly'
    ? text` to ${value(spaced(to))}`
    : text` to ${value(spaced(to))} where it is ${relation === 'at-least' ? 'less' : 'more'}`;
}

/** What it does to a key, as a clause: `ufw sets it to 1 after the sysctl files are applied (/etc/ufw/sysctl.conf:12)`. */
export function writerText(writer: OtherWriter, subject: Text = text`it`): Text {
  const who = name(writerName(writer));
  const place = path(writerPlace(writer));
  if (writer.how === 'copy') {
    return text`the image ${place} is older than the last change of a sysctl file: a line that it still holds, and no file any more, sets ${subject} at the next boot`;
  }
  if (writer.how === 'rerun' && writer.by !== 'tuned') {
    return text`${who} applies the sysctl files to ${subject} ${writerTime(writer)} (${place})`;
  }
  return text`${who} ${verbOf(writer)} ${subject}${toWhat(writer)} ${writerTime(writer)} (${place})`;
}

/** What it does to the key, be it by way of another one. @param subject what the key is called */
export function touchText(writer: OtherWriter, sysctl: SysctlKey, subject?: Text): Text {
  if (names(writer, sysctl)) return writerText(writer, subject);
  return text`${writerText(writer, text`${key(writer.key)}`)}, and ${subject ?? text`this key`} along with it`;
}

/** Who has the last word, and with what, as a clause. */
export function endingText({ by, value: to, through }: Ending, subject: Text = text`it`): Text {
  if (through === null) return writerText({ ...by, value: to, relation: 'exactly' }, subject);
  return text`${writerText(by, text`${key(through)}`)}, and ${subject} to ${value(spaced(to))} along with that`;
}

/** How to have the writer set something else, or nothing, as an instruction. */
export function changeWriter(writer: OtherWriter, sysctl: SysctlKey, wanted: string): Text {
  const place = path(writerPlace(writer));
  const instead = text`${key(sysctl)} to ${value(spaced(wanted))}`;
  switch (writer.by) {
    case 'docker':
      return writer.key === 'net.ipv4.ip_forward'
        ? text`set ${key('"ip-forward": false')} in ${path('/etc/docker/daemon.json')}, which leaves containers without a way out of the host, or delete the line of the sysctl files`
        : text`change the option in ${place}: Docker sets ${key(sysctl)} because of it`;
    case 'kubelet':
      return text`leave ${key(sysctl)} to the kubelet, and delete the line of the sysctl files: with ${key('protectKernelDefaults: true')} in its configuration it would not set it, but refuse to start with any other value`;
    case 'k3s':
      return text`leave ${key(sysctl)} to k3s, and delete the line of the sysctl files: it sets it each time it starts`;
    case 'kube-proxy':
      return text`change the configuration of kube-proxy (${place}), which sets ${key(sysctl)} each time it starts, or delete the line of the sysctl files`;
    case 'tuned':
      if (writer.how === 'rerun')
        return text`set ${instead} in ${place}: TuneD applies that file behind its profile and all others`;
      return text`set ${instead} in a profile of your own that includes this one (${place}), or in a file of ${path('/etc/sysctl.d')}: a file of a package's own profile is replaced by its next version`;
    case 'systemd-networkd':
      if (writer.how === 'default')
        return text`leave ${key(sysctl)} to systemd-networkd: it sets it on every interface that ${place} matches`;
      return text`change the directive in ${place}`;
    case 'networkmanager':
      return text`change it in the connection, with ${command('nmcli connection modify')} (${place})`;
    default:
      if (!names(writer, sysctl))
        return text`set ${instead} behind the line in ${place}, which sets ${key(writer.key)} and that one along with it, or delete the line`;
      return writer.how === 'command'
        ? text`delete the command in ${place}, or have it set ${instead}`
        : text`set ${instead} in ${place}, or delete the line`;
  }
}
