import { describe, expect, it } from '@jest/globals';
import { type KernelState, simulatedKernel } from '../../src/resolve/kernel.ts';
import { inventoryOf } from '../../src/sysctl/inventory.ts';
import { traitsAt } from '../tools/sysctl-sources.ts';

const SOMAXCONN = 'net/core/somaxconn';
const DEFAULT = 'net/ipv4/conf/default/rp_filter';
const ETH0 = 'net/ipv4/conf/eth0/rp_filter';
const ETH1 = 'net/ipv4/conf/eth1/rp_filter';
const FORWARDING = 'net/ipv4/conf/eth0/forwarding';

function stateOf(values: Readonly<Record<string, string>>, pinned: readonly string[] = []): KernelState {
  const traits = traitsAt('6.18');
  return {
    inventory: inventoryOf(Object.keys(values).map((path) => [path, { kind: 'file', mode: 0o644 }] as const)),
    initial: (path) => values[path] ?? null,
    isPinned: (path) => pinned.includes(path),
    rules: { rangesOf: (entry) => traits.current(entry.range), ticksPerSecond: null },
  };
}

describe('a kernel that is only thought of', () => {
  it('begins with what it is given, and remembers what is written', () => {
    const kernel = simulatedKernel(stateOf({ [SOMAXCONN]: '4096' }));
    expect(kernel.value(SOMAXCONN)).toBe('4096');
    expect(kernel.value('net/core/rmem_max')).toBeNull();
    expect(kernel.write(SOMAXCONN, '512')).toEqual({
      kind: 'stored',
      value: '512',
      changed: true,
      effects: [],
    });
    expect(kernel.write(SOMAXCONN, '-1')).toEqual({
      kind: 'refused',
      value: '512',
      changed: false,
      effects: [],
    });
    expect(kernel.value(SOMAXCONN)).toBe('512');
  });

  it('forgets what it knew where a write leaves it open', () => {
    const kernel = simulatedKernel(stateOf({ 'net/ipv4/tcp_rmem': 'unreadable' }));
    kernel.write('net/ipv4/tcp_rmem', '1');
    expect(kernel.value('net/ipv4/tcp_rmem')).toBeNull();
  });

  it('changes what belongs to a write, where it has it', () => {
    const kernel = simulatedKernel(stateOf({ 'net/ipv4/ip_forward': '0', [FORWARDING]: '0' }));
    expect(kernel.write('net/ipv4/ip_forward', '1').effects).toEqual([{ path: FORWARDING, value: '1' }]);
    expect(kernel.value(FORWARDING)).toBe('1');
    expect(kernel.value('net/ipv4/conf/all/forwarding')).toBeNull();
  });

  it('gives a default to the interfaces that were written neither before nor by the run', () => {
    const values = { [DEFAULT]: '0', [ETH0]: '0', [ETH1]: '0' };
    const kernel = simulatedKernel(stateOf(values, [ETH1]));
    expect(kernel.write(DEFAULT, '1').effects).toEqual([{ path: ETH0, value: '1' }]);
    kernel.write(ETH0, '2');
    expect(kernel.write(DEFAULT, '0').effects).toEqual([]);
    expect([ETH0, ETH1].map(kernel.value)).toEqual(['2', '0']);
  });

  it('can be run on from where it was left', () => {
    const first = simulatedKernel(stateOf({ [DEFAULT]: '0', [ETH0]: '0' }));
    first.write(ETH0, '2');
    const second = simulatedKernel(first.state);
    expect(second.value(ETH0)).toBe('2');
    expect(second.write(DEFAULT, '1').effects).toEqual([]);
    expect(first.value(DEFAULT)).toBe('0');
  });
});
