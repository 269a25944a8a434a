/**
 * A key in dotted form, as every other part of the project passes it around: `net.core.somaxconn`,
 * `net.ipv4.conf.eth0/1.rp_filter` for the interface `eth0.1`.
 */
export type SysctlKey = string;
