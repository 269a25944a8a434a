import { baseName } from '../../core/paths.ts';

/** Whom a command reaches that others run: this host, perhaps, another network namespace of it, or nobody here. */
export type Reach = 'here' | 'maybe' | 'other-namespace' | 'elsewhere';

/** They run a command as it stands, and as root. */
const TRANSPARENT =
  /^(?:sudo|doas|nice|ionice|env|nohup|exec|command|builtin|timeout|setsid|chrt|stdbuf|busybox|time|eatmydata)$/;
/** They may run it as somebody who sets nothing. */
const OTHER_USERS = /^(?:sudo|doas|su|runuser|setpriv)$/;
/** `-u nobody`, `-u1000` and `--user=nobody`. */
const ANOTHER_USER = / (?:-u(?! )|-u |--user[= ])(?!(?:root|0) )/;
/** They run it on another host, or not at all. */
const ELSEWHERE = /^(?:ssh|sshpass|rsh|pdsh|pssh|ansible|salt|logger|wall|which|type|man)$/;
const OF_CONTAINERS = /^(?:docker|podman|nerdctl|crictl|kubectl|lxc|lxc-attach|incus|machinectl|unshare)$/;

/** Also for `-n`, `10`, `5s` and `LC_ALL=C`. */
function isTransparent(word: string, before: string | undefined): boolean {
  if (/^-|^[\d.,]+[smhd]?$|^\w+=/.test(word)) return true;
  return TRANSPARENT.test(baseName(word)) || (word === 'root' && /^(?:-u|--user)$/.test(before ?? ''));
}

/** Where the first word stands that is neither one of those, nor an argument that they may have. */
export function strangerAt(words: readonly string[]): number {
  return words.findIndex((word, index) => !isTransparent(word, words[index - 1]));
}

/** @param before the words that stand in front of a program */
export function reachOf(before: readonly string[]): Reach {
  const names = before.map(baseName);
  const isOfUsers = names.some((name) => OTHER_USERS.test(name));
  if (isOfUsers && ANOTHER_USER.test(` ${before.join(' ')} `)) return 'elsewhere';
  const at = strangerAt(before);
  if (at < 0) return 'here';
  if (names.some((name) => ELSEWHERE.test(name))) return 'elsewhere';
  const [stranger = '', argument] = names.slice(at);
  if (OF_CONTAINERS.test(stranger) || (stranger === 'ip' && argument === 'netns')) return 'other-namespace';
  return isOfUsers ? 'elsewhere' : 'maybe';
}
