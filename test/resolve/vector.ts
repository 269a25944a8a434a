import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Inventory } from '../../src/resolve/expand.ts';
import type { SysctlFile } from '../../src/snapshot/sysctl-file.ts';

/**
 * Runs of the real loaders over small trees, and the trees. systemd's `attempts` come from its debug log, procps'
 * `writes` from strace; both hold keys in dotted form.
 */
const Entry = z.object({
  path: z.string(),
  content: z.string().optional(),
  content_b64: z.string().optional(),
  parts: z.array(z.tuple([z.string(), z.number()])).optional(),
  symlink: z.string().optional(),
});
type Entry = z.infer<typeof Entry>;

const Vector = z.object({
  name: z.string(),
  desc: z.string(),
  files: z.array(Entry),
  expected: z.record(
    z.string(),
    z.object({
      attempts: z.array(z.tuple([z.string(), z.string()])).optional(),
      writes: z.array(z.tuple([z.string(), z.string(), z.string().nullable()])).optional(),
    }),
  ),
});
export type Vector = z.infer<typeof Vector>;

function read(fixture: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/loaders/${fixture}`, import.meta.url), 'utf8'));
}

export function vectors(fixture: string): readonly Vector[] {
  return z.array(Vector).parse(read(fixture));
}

export function knownKeys(): ReadonlySet<string> {
  return new Set(z.array(z.string()).parse(read('known-keys.json')));
}

/** What stood below /proc/sys where the loaders ran. */
export function inventory(): Inventory {
  const Entries = z.record(z.string(), z.tuple([z.enum(['f', 'd']), z.string()]));
  const kinds = { f: 'file', d: 'directory' } as const;
  return new Map(
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

/** The tree as collecting it would store it. */
export function sysctlFiles(tree: readonly Entry[]): readonly SysctlFile[] {
  const directoryLink = tree.find(({ path }) => path === 'etc/sysctl.d');
  return tree.flatMap((entry): readonly SysctlFile[] => {
    const path = `/${entry.path}`;
    if (entry === directoryLink) return [];
    if (entry.symlink === undefined) {
      const linked = directoryLink === undefined ? '' : target(directoryLink);
      const seenAs =
        linked !== '' && path.startsWith(`${linked}/`) ? path.replace(linked, '/etc/sysctl.d') : path;
      return [{ path: seenAs, kind: 'file', ...stored(bytesOf(entry)) }];
    }
    const link = { path, target: entry.symlink };
    if (entry.symlink === '/dev/null') return [{ ...link, kind: 'link', text: '' }];
    const led = tree.find((other) => `/${other.path}` === target(entry));
    return [
      led === undefined ? { ...link, kind: 'dangling' } : { ...link, kind: 'link', ...stored(bytesOf(led)) },
    ];
  });
}
