/**
 * Where systemd finds the credential `sysctl.extra`, which systemd-sysctl reads behind all files: what the service was
 * started with, what the machine was given from outside, and the stores of the host (systemd.exec(5)).
 */
export const SYSCTL_CREDENTIALS: readonly string[] = [
  '/run/credentials/systemd-sysctl.service/sysctl.extra',
  '/run/credentials/@system/sysctl.extra',
  '/etc/credstore/sysctl.extra',
  '/run/credstore/sysctl.extra',
  '/usr/local/lib/credstore/sysctl.extra',
  '/usr/lib/credstore/sysctl.extra',
];
