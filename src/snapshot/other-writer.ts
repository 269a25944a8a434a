import * as z from 'zod';
import { FileLine } from './fact.ts';

/** Who sets a sysctl outside of what the loader reads. */
export const WriterKind = z.enum([
  'kernel-command-line',
  'systemd',
  'initramfs',
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
  'cilium',
  'cloud-init',
  'unit',
  'rc-local',
  'login-shell',
  'cron',
]);
export type WriterKind = z.infer<typeof WriterKind>;

/**
 * `before-loader` loses to every line of a sysctl file, `with-loader` is read by the loader itself, behind the files.
 * `at-login` and `at-times` come back for as long as the host runs, and decide nothing about what a boot leaves.
 */
export const WriterTime = z.enum([
  'before-loader',
  'with-loader',
  'on-new-interface',
  'after-loader',
  'at-login',
  'at-times',
]);
export type WriterTime = z.infer<typeof WriterTime>;

/**
 * Something on the host that sets a sysctl besides the files that the loader reads, found in files and units alone.
 * `how`: `line` is an assignment in the notation of sysctl.d, `command` a program that is run, `setting` a directive of
 * the manager's own configuration, `default` what it does where its configuration says nothing, `rerun` the sysctl files
 * applied once more, and `copy` a copy of them that may be older.
 */
export const OtherWriter = z.object({
  by: WriterKind,
  /** Dotted; `*` stands for any one name, which is an interface's, and alone for every key. */
  key: z.string(),
  /** Left out where the file does not tell. */
  value: z.exactOptional(z.string()),
  /** `at-least` leaves a greater value alone, `at-most` a smaller one. */
  relation: z.enum(['exactly', 'at-least', 'at-most']),
  file: z.string(),
  line: z.exactOptional(z.int().min(1)),
  when: WriterTime,
  how: z.enum(['line', 'command', 'setting', 'default', 'rerun', 'copy']),
  /** False where it hangs on something that the file does not tell. */
  sure: z.boolean(),
});
export type OtherWriter = z.infer<typeof OtherWriter>;

/** A kernel module that is loaded at boot before the loader runs (modules-load.d(5)). */
export const ModuleLoad = FileLine.extend({ module: z.string() });
export type ModuleLoad = z.infer<typeof ModuleLoad>;
