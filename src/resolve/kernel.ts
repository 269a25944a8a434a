import type { Inventory } from '../sysctl/inventory.ts';
import { type KernelRules, type Taken, type Taker, takerOf } from '../sysctl/kernel-takes.ts';
import {
  type Effect,
  type KernelView,
  mayHaveEffects,
  pins,
  sideEffectsOf,
  type Write,
} from './side-effects.ts';

/** The kernel that a loader meets. Paths are below /proc/sys, without a leading slash. */
export type KernelState = {
  readonly inventory: Inventory;
  /** What a variable shows before the loader runs; null where that is not known. */
  initial(path: string): string | null;
  /** Whether a variable of an interface was written, or the interface given an IPv4 address, before the loader runs. */
  isPinned(path: string): boolean;
  readonly rules: KernelRules;
};

export type WriteResult = Pick<Taken, 'kind' | 'value'> & {
  /** Whether the variable holds something else than before, or may. */
  readonly changed: boolean;
  readonly effects: readonly Effect[];
};

/** A kernel that takes writes one after the other and remembers what they leave. */
export type SimulatedKernel = {
  /** As the writes so far leave it. */
  readonly state: KernelState;
  value(path: string): string | null;
  write(path: string, text: string): WriteResult;
};

function viewOf(
  { inventory, isPinned }: KernelState,
  value: KernelView['value'],
  written: ReadonlySet<string>,
): KernelView {
  const named = (family: 'ipv4' | 'ipv6') =>
    inventory.list(`net/${family}/conf`).filter((name) => name !== 'all' && name !== 'default');
  const interfaces = { ipv4: named('ipv4'), ipv6: named('ipv6') };
  return {
    value,
    isPinned: (path) => written.has(path) || isPinned(path),
    interfaces: (family) => interfaces[family],
  };
}

/** What is the same of every write to one variable. */
type Kind = { readonly take: Taker; readonly pins: boolean; readonly hasEffects: boolean };

/** Files write the same few variables many times. */
function kindsOf(rules: KernelRules): (path: string) => Kind {
  const known = new Map<string, Kind>();
  return (path) => {
    const kind = known.get(path) ?? {
      take: takerOf(path, rules),
      pins: pins(path),
      hasEffects: mayHaveEffects(path),
    };
    known.set(path, kind);
    return kind;
  };
}

const NO_EFFECTS: readonly Effect[] = [];

export function simulatedKernel(state: KernelState): SimulatedKernel {
  const values = new Map<string, string | null>();
  const written = new Set<string>();
  const value = (path: string) => values.get(path) ?? (values.has(path) ? null : state.initial(path));
  const view = viewOf(state, value, written);
  const kindOf = kindsOf(state.rules);
  const effectsOf = (write: Write): readonly Effect[] =>
    sideEffectsOf(write, view).filter(({ path }) => state.inventory.entry(path) !== undefined);
  return {
    value,
    state: { ...state, initial: value, isPinned: view.isPinned },
    write(path, text) {
      const before = value(path);
      const own = kindOf(path);
      const taken = own.take(text, before);
      if (own.pins) written.add(path);
      values.set(path, taken.value);
      const refused = taken.kind === 'refused';
      const effects = own.hasEffects ? effectsOf({ path, before, after: taken.value, refused }) : NO_EFFECTS;
      for (const effect of effects) values.set(effect.path, effect.value);
      const changed = before !== taken.value || taken.partly === true;
      return { kind: taken.kind, value: taken.value, changed, effects };
    },
  };
}
