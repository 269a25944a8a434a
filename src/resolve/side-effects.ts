import { followsDefault, interfacePath } from '../sysctl/interface-keys.ts';

/** A variable that a write to another one changes. */
export type Effect = { readonly path: string; readonly value: string | null };

/** What side effects depend on besides the write. */
export type KernelView = {
  /** null where it is not known. */
  value(path: string): string | null;
  /** Names of the network interfaces that have variables of the family, without `all` and `default`. */
  interfaces(family: 'ipv4' | 'ipv6'): readonly string[];
  /** Whether somebody wrote the variable of that interface, or gave the interface an IPv4 address. */
  isPinned(path: string): boolean;
};

export type Write = {
  readonly path: string;
  /** null where it is not known. */
  readonly before: string | null;
  readonly after: string | null;
  readonly refused: boolean;
};

const IP_FORWARD = 'net/ipv4/ip_forward';
const ALL_FORWARDING = 'net/ipv4/conf/all/forwarding';

/** Where the value before is not known, the write counts as a change. */
function isChange({ before, after, refused }: Write): boolean {
  return !refused && (before === null || before !== after);
}

/** ip_forward is conf.all.forwarding under another name; inet_forward_change() in net/ipv4/devinet.c. */
function forwarding(write: Write, view: KernelView): readonly Effect[] {
  const { path, after } = write;
  if ((path !== IP_FORWARD && path !== ALL_FORWARDING) || !isChange(write)) return [];
  const devices = ['default', ...view.interfaces('ipv4')];
  return [
    { path: path === IP_FORWARD ? ALL_FORWARDING : IP_FORWARD, value: after },
    { path: 'net/ipv4/conf/all/accept_redirects', value: after === null ? null : after === '0' ? '1' : '0' },
    ...devices.map((device) => ({ path: `net/ipv4/conf/${device}/forwarding`, value: after })),
  ];
}

/**
 * What is written to `default`, even where the kernel refuses it, is copied to each interface that nobody wrote yet:
 * devinet_conf_proc() and devinet_copy_dflt_conf() in net/ipv4/devinet.c.
 */
function ipv4Default({ path }: Write, view: KernelView): readonly Effect[] {
  const written = interfacePath(path);
  if (written === null || written.device !== 'default' || !followsDefault(written)) return [];
  const value = view.value(path);
  return view
    .interfaces('ipv4')
    .map((device) => `net/ipv4/conf/${device}/${written.leaf}`)
    .filter((each) => !view.isPinned(each))
    .map((each) => ({ path: each, value }));
}

/** addrconf_fixup_forwarding(), addrconf_disable_ipv6(), addrconf_fixup_linkdown() in net/ipv6/addrconf.c. */
const COPIED_ALWAYS: ReadonlySet<string> = new Set([
  'forwarding',
  'disable_ipv6',
  'ignore_routes_with_linkdown',
]);
/** addrconf_sysctl_addr_gen_mode() in net/ipv6/addrconf.c */
const COPIED_ON_CHANGE = 'addr_gen_mode';

/** All other variables of `all`, and all of `default`, are copied to nobody. */
function ipv6All(write: Write, view: KernelView): readonly Effect[] {
  const written = interfacePath(write.path);
  if (written?.family !== 'ipv6' || written.device !== 'all' || write.refused) return [];
  const { leaf } = written;
  if (!COPIED_ALWAYS.has(leaf) && !(leaf === COPIED_ON_CHANGE && isChange(write))) return [];
  return ['default', ...view.interfaces('ipv6')].map((device) => ({
    path: `net/ipv6/conf/${device}/${leaf}`,
    value: write.after,
  }));
}

/** Each of the two forms of one limit sets the other to 0: dirty_ratio_handler() and its like in mm/page-writeback.c. */
const ONE_OF_TWO: ReadonlyMap<string, string> = new Map([
  ['vm/dirty_ratio', 'vm/dirty_bytes'],
  ['vm/dirty_bytes', 'vm/dirty_ratio'],
  ['vm/dirty_background_ratio', 'vm/dirty_background_bytes'],
  ['vm/dirty_background_bytes', 'vm/dirty_background_ratio'],
  ['vm/overcommit_ratio', 'vm/overcommit_kbytes'],
]);

/** Setting kbytes leaves a ratio as it was set; the other way round kbytes is cleared (overcommit_ratio_handler()). */
function otherForm(write: Write): readonly Effect[] {
  const other = ONE_OF_TWO.get(write.path);
  return other === undefined || !isChange(write) ? [] : [{ path: other, value: '0' }];
}

const MAY_HAVE_EFFECTS =
  /^(?:net\/ipv4\/ip_forward|net\/ipv[46]\/conf\/(?:all|default)\/|vm\/(?:dirty|overcommit)_)/;

/** Most variables stand for themselves. */
export function mayHaveEffects(path: string): boolean {
  return MAY_HAVE_EFFECTS.test(path);
}

/** Every other variable that a write changes or keeps in step, in the order in which the kernel sets them. */
export function sideEffectsOf(write: Write, view: KernelView): readonly Effect[] {
  return [
    ...forwarding(write, view),
    ...ipv4Default(write, view),
    ...ipv6All(write, view),
    ...otherForm(write),
  ];
}

/** Where a variable is copied to by a write to another one; null for any other. */
function causeOfInterface(path: string): string | null {
  const found = interfacePath(path);
  if (found === null || found.device === 'all') return null;
  const { family, device, leaf } = found;
  if (family === 'ipv6')
    return COPIED_ALWAYS.has(leaf) || leaf === COPIED_ON_CHANGE ? `net/ipv6/conf/all/${leaf}` : null;
  return device !== 'default' && followsDefault(found) ? `net/ipv4/conf/default/${leaf}` : null;
}

const FORWARDED = /^net\/ipv4\/(?:ip_forward|conf\/(?:all\/accept_redirects|[^/]+\/forwarding))$/;

/** The variables whose write may change this one along with their own. */
export function causesOf(path: string): readonly string[] {
  const forwarding = FORWARDED.test(path) ? [IP_FORWARD, ALL_FORWARDING] : [];
  const others = [...ONE_OF_TWO].flatMap(([cause, other]) => (other === path ? [cause] : []));
  const ofInterface = causeOfInterface(path);
  return [...forwarding, ...others, ...(ofInterface === null ? [] : [ofInterface])].filter(
    (each) => each !== path,
  );
}

/** Whether a write keeps the interface's variable from following `default`. */
export function pins(path: string): boolean {
  const written = interfacePath(path);
  return (
    written !== null && followsDefault(written) && written.device !== 'all' && written.device !== 'default'
  );
}
