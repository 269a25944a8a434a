import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { KernelState } from '../../src/resolve/kernel.ts';
import type { SysctlFile } from '../../src/snapshot/sysctl-file.ts';
import { interfaceDefault, interfacePath } from '../../src/sysctl/interface-keys.ts';
import { type Inventory, inventoryOf } from '../../src/sysctl/inventory.ts';
import { swapSeparators } from '../../src/sysctl/key.ts';
import { traitsAt } from '../tools/sysctl-sources.ts';

/**
 * Runs of the real loaders over small trees, and the trees. systemd's `attempts` come from its debug log, the `writes`
 * from strace; both hold keys in dotted form, and one character per byte.
 */
const Entry = z.object({
  path: z.string(),
  type: z.string().optional(),
  content: z.string().optional(),
  content_b64: z.string().optional(),
  parts: z.array(z.tuple([z.string(), z.number()])).optional(),
  symlink: z.string().optional(),
  mode: z.string().optional(),
});
type Entry = z.infer<typeof Entry>;

export const Tree = z.object({
  files: z.array(Entry),
  ifaces: z.array(z.string()).optional(),
  /** `explicit`: every variable of every interface was written before. */
  sentinel: z.enum(['fresh', 'explicit']).optional(),
  preset: z.record(z.string(), z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});
export type Tree = z.infer<typeof Tree>;

export const Run = z.object({
  exit: z.union([z.number(), z.string()]),
  attempts: z.array(z.tuple([z.string(), z.string()])).optional(),
  writes: z.array(z.tuple([z.string(), z.string(), z.string().nullable()])),
});
export type Run = z.infer<typeof Run>;

const Vector = z.object({
  name: z.string(),
  desc: z.string(),
  tree: Tree,
  before: z.record(z.string(), z.string()),
  expected: z.array(
    Run.extend({ loaders: z.array(z.string()), changed: z.record(z.string(), z.string()).optional() }),
  ),
});
export type Vector = z.infer<typeof Vector>;

function read(fixture: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/loaders/${fixture}`, import.meta.url), 'utf8'));
}

export function vectors(): readonly Vector[] {
  return z.array(Vector).parse(read('vectors.json'));
}

/** What stood below /proc/sys where the loaders ran. */
export function inventory(): Inventory {
  const Entries = z.record(z.string(), z.tuple([z.enum(['f', 'd']), z.string()]));
  const kinds = { f: 'file', d: 'directory' } as const;
  return inventoryOf(
    Object.entries(Entries.parse(read('inventory.json'))).map(([path, [kind, mode]]) => [
      path,
      { kind: kinds[kind], mode: Number.parseInt(mode, 8) },
    ]),
  );
}

function bytesOf({ content, content_b64, parts }: Entry): Buffer {
  if (content_b64 !== undefined) return Buffer.from(content_b64, 'base64');
  return Buffer.from(parts?.map(([text, times]) => text.repeat(times)).join('') ?? content ?? '');
}

function stored(bytes: Buffer): { readonly text: string } | { readonly base64: string } {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') };
}

function target(entry: Entry): string {
  return new URL(entry.symlink ?? '', `file:///${entry.path}`).pathname;
}

const SYSTEM_CREDENTIAL = '/run/credentials/@system/sysctl.extra';

function linked(entry: Entry, tree: readonly Entry[]): SysctlFile {
  const link = { path: `/${entry.path}`, target: entry.symlink ?? '' };
  if (entry.symlink === '/dev/null') return { ...link, kind: 'link', text: '' };
  let led: Entry | undefined = entry;
  for (let hops = 0; led?.symlink !== undefined; hops += 1) {
    if (hops > 30) return { ...link, kind: 'loop' };
    const to: string = target(led);
    led = tree.find((other) => `/${other.path}` === to);
  }
  if (led === undefined) return { ...link, kind: 'dangling' };
  return led.type === 'dir'
    ? { ...link, kind: 'directory' }
    : { ...link, kind: 'link', ...stored(bytesOf(led)) };
}

/** The tree as collecting it would store it. */
export function sysctlFiles(tree: readonly Entry[]): readonly SysctlFile[] {
  const directoryLink = tree.find(({ path, symlink }) => path === 'etc/sysctl.d' && symlink !== undefined);
  const from = directoryLink === undefined ? null : target(directoryLink);
  return tree.flatMap((entry): readonly SysctlFile[] => {
    if (entry === directoryLink) return [];
    if (entry.symlink !== undefined) return [linked(entry, tree)];
    const path = `/${entry.path}`;
    if (entry.type === 'dir') return [{ path, kind: 'directory' }];
    if (entry.path === 'run/cred/sysctl.extra')
      return [{ path: SYSTEM_CREDENTIAL, kind: 'file', ...stored(bytesOf(entry)) }];
    const seenAs = from !== null && path.startsWith(`${from}/`) ? path.replace(from, '/etc/sysctl.d') : path;
    return [{ path: seenAs, kind: 'file', ...stored(bytesOf(entry)) }];
  });
}

/** Variables of interfaces that were written before the loaders ran, where all were. */
const WRITTEN_BEFORE: ReadonlySet<string> = new Set([
  'rp_filter',
  'accept_redirects',
  'log_martians',
  'arp_ignore',
  'forwarding',
  'send_redirects',
]);

const MEASURED_ON = traitsAt('6.18');

/** The kernel that the loaders met, as its values were read before. */
export function kernelBefore(tree: Tree, before: Readonly<Record<string, string>>): KernelState {
  const { ifaces = ['va0', 'va1', 'eth0.1'], sentinel, preset = {} } = tree;
  const present = new Set(Object.keys(preset).map(swapSeparators));
  return {
    inventory: inventory(),
    initial(path) {
      const at = interfacePath(path);
      const key = swapSeparators(path);
      return before[key] ?? preset[key] ?? (at === null ? null : interfaceDefault(at));
    },
    isPinned(path) {
      const at = interfacePath(path);
      const isWritten = at !== null && ifaces.includes(at.device) && WRITTEN_BEFORE.has(at.leaf);
      return present.has(path) || (sentinel === 'explicit' && isWritten);
    },
    rules: { rangesOf: (entry) => MEASURED_ON.current(entry.range), ticksPerSecond: 250 },
  };
}
