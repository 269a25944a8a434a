import type { ResolveRequest } from '../../src/pipeline/sysctl-resolve.ts';
import { parseLoaderName } from '../../src/resolve/loader-traits.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { type Inventory, inventoryOf } from '../../src/sysctl/inventory.ts';
import { hostOf } from '../rules/host.ts';

export const SOMAXCONN = 'net.core.somaxconn';
export const A = '/etc/sysctl.d/10-a.conf';
export const B = '/etc/sysctl.d/20-b.conf';
export const MAIN = '/etc/sysctl.conf';

const CONF = 'net/ipv4/conf';
const PATHS = [
  'net/core/somaxconn',
  'net/core/rmem_max',
  'net/ipv4/ip_forward',
  'vm/dirty_ratio',
  'vm/dirty_bytes',
  ...['all', 'default', 'lo', 'eth0'].flatMap((device) => [
    `${CONF}/${device}/rp_filter`,
    `${CONF}/${device}/forwarding`,
  ]),
];

export const INVENTORY: Inventory = inventoryOf(
  PATHS.map((path) => [path, { kind: 'file', mode: 0o644 }] as const),
);

type Asked = {
  readonly loader?: string;
  readonly keys?: readonly string[];
  readonly live?: boolean;
  readonly inventory?: Inventory | null;
  readonly sysctls?: Readonly<Record<string, string | number>>;
  readonly absent?: readonly string[];
  readonly otherWriters?: readonly OtherWriter[];
  readonly maskedBy?: string;
};

/** What `sysctl resolve` is asked on a host with these files. */
export function requestFor(files: Readonly<Record<string, string>>, asked: Asked = {}): ResolveRequest {
  const { loader, keys = [], live = true, inventory = INVENTORY, ...facts } = asked;
  return {
    snapshot: hostOf({ files, ...facts }),
    loader: loader === undefined ? null : parseLoaderName(loader),
    inventory,
    keys,
    kernel: null,
    ticksPerSecond: null,
    untouched: false,
    live,
  };
}

/** systemd's rule, which has the lines of an interface applied when it is added. */
export const UDEV_RULE: OtherWriter = {
  by: 'udev',
  key: 'net.ipv4.conf.*.*',
  file: '/usr/lib/udev/rules.d/99-systemd.rules',
  line: 60,
  relation: 'exactly',
  when: 'on-new-interface',
  how: 'rerun',
  sure: true,
};
