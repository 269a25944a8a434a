import { procpsVersion } from '../../collect/loader.ts';
import { procSysInventory } from '../../collect/proc-sys.ts';
import { ticksPerSecond } from '../../collect/ticks.ts';
import { inputError, unknownNameError, usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { valueOr } from '../../core/fact.ts';
import { readDocument } from '../../host/document-reader.ts';
import { hostReader } from '../../host/reader.ts';
import {
  compareLoaders,
  isKnownKey,
  keysInDirectory,
  keysInSight,
  type ResolveRequest,
  resolveSysctls,
} from '../../pipeline/sysctl-resolve.ts';
import { comparisonDocument, resolutionDocument } from '../../report/resolve-json.ts';
import { renderComparison } from '../../report/text/resolve-comparison-text.ts';
import { renderResolution } from '../../report/text/resolve-text.ts';
import { parseKey, type SysctlKey } from '../../sysctl/key.ts';
import type { CommonOptions, SourceOptions } from '../options.ts';
import { runningKernel } from '../own-kernel.ts';
import { snapshotOf, sourceOptionsText, writeResult } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type ResolveOptions = SourceOptions & { readonly keys?: string; readonly compare?: true };

function parseKeys(given: readonly string[]): readonly SysctlKey[] {
  return given.map((text) => {
    const parsed = parseKey(text);
    if (!parsed.ok) throw usageError(`'${text}' is no key: ${parsed.why}`);
    return parsed.key;
  });
}

/** What stands below /proc/sys: as a file says, else of the tree, else of the running kernel; a snapshot has its own. */
async function inventoryOf({
  keys,
  root,
  snapshot,
}: ResolveOptions): Promise<Pick<ResolveRequest, 'inventory' | 'keysOf'>> {
  if (keys !== undefined) {
    const text = readDocument(keys);
    if (!text.ok)
      throw inputError(
        'unreadable',
        { file: keys },
        `the list of keys cannot be read: ${text.detail ?? text.why}`,
      );
    const { parseInventory } = await import('../../snapshot/inventory-file.ts');
    return { inventory: parseInventory(text.value, keys), keysOf: 'list' };
  }
  if (snapshot !== undefined) return { inventory: null };
  const own = procSysInventory(hostReader(root));
  return own === null
    ? { inventory: procSysInventory(hostReader()), keysOf: 'other-kernel' }
    : { inventory: own, keysOf: 'host' };
}

/** Of the running kernel, where a tree has none of its own. */
function ticksOf({ root }: ResolveOptions): number | null {
  return root === undefined ? null : valueOr(ticksPerSecond(hostReader()), null);
}

function withoutLoader({ loader: _loader, ...options }: ResolveOptions): string {
  return sourceOptionsText(options);
}

function checkKeys(request: ResolveRequest): void {
  for (const key of request.keys) {
    const inside = keysInDirectory(key, request);
    if (inside === null) continue;
    const such = inside.length === 0 ? 'name a key below it' : `name a key in it, such as ${inside[0]}`;
    throw usageError(`${key} is a directory of keys and no key`, such);
  }
  const unknown = request.keys.find((key) => !isKnownKey(key, request));
  if (unknown !== undefined) throw unknownNameError('key', unknown, keysInSight(request));
}

export async function runSysctlResolve(
  given: readonly string[],
  options: ResolveOptions & CommonOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const keys = parseKeys(given);
  const snapshot = await snapshotOf(options, terminal, keys);
  const live = options.root === undefined;
  const request: ResolveRequest = {
    snapshot,
    loader: options.loader ?? null,
    ...(await inventoryOf(options)),
    kernel: options.root === undefined ? null : runningKernel(),
    keys,
    ticksPerSecond: ticksOf(options),
    untouched: options.keys !== undefined,
    live,
  };
  checkKeys(request);
  if (options.compare) {
    const version = options.snapshot === undefined ? procpsVersion(hostReader(options.root)) : null;
    const comparison = compareLoaders(request, version?.ok ? version.value : null);
    await writeResult(
      {
        json: () => comparisonDocument(comparison),
        // Which loaders are compared is no choice of the one that is asked about.
        text: (layout) =>
          renderComparison(comparison, { ...layout, live, sourceOptions: withoutLoader(options) }),
      },
      options,
      terminal,
    );
    return EXIT.done;
  }
  const resolution = resolveSysctls(request);
  await writeResult(
    {
      json: () => resolutionDocument(resolution, snapshot.unseen ?? []),
      text: (layout) => renderResolution(resolution, keys.length > 0, { ...layout, live }),
    },
    options,
    terminal,
  );
  return EXIT.done;
}
