import * as z from 'zod';
import { inputError } from '../core/errors.ts';
import { describeIssues, parseJson } from '../core/json-document.ts';
import { findJsonValue } from '../core/json-position.ts';
import { type Inventory, inventoryOf } from '../sysctl/inventory.ts';

/** Names, none of which leads elsewhere or is there for a terminal. */
function isPathBelow(path: string): boolean {
  return (
    path.split('/').every((name) => name !== '' && name !== '.' && name !== '..') && !/\p{Cc}/u.test(path)
  );
}

const Entries = z.record(
  z.string().refine(isPathBelow, 'expected a path below /proc/sys such as net/core/somaxconn'),
  z.tuple([z.enum(['f', 'd']), z.string().regex(/^0?[0-7]{3}$/, 'expected a mode such as 644')]),
);

const HOW_TO_MAKE_ONE = 'such a file is {"net/core": ["d", "555"], "net/core/somaxconn": ["f", "644"], ...}';
const KINDS = { f: 'file', d: 'directory' } as const;

/**
 * What stands below /proc/sys of a host, as somebody wrote it down: each path with `f` for a variable or `d` for a
 * directory, and its mode in octal.
 * @param file its name, for messages only
 * @throws UserError in one sentence with the place
 */
export function parseInventory(text: string, file: string): Inventory {
  const json = text.replace(/^\ufeff/, '');
  const parsed = Entries.safeParse(parseJson(json, file, { howToMakeOne: HOW_TO_MAKE_ONE }));
  if (!parsed.success) {
    const { issues } = parsed.error;
    const at = findJsonValue(json, issues[0]?.path ?? []);
    const message = describeIssues(issues, { called: 'a list of what stands below /proc/sys' });
    throw inputError('malformed-document', { file, ...at }, message, HOW_TO_MAKE_ONE);
  }
  return inventoryOf(
    Object.entries(parsed.data).map(([path, [kind, mode]]) => [
      path,
      { kind: KINDS[kind], mode: Number.parseInt(mode, 8) },
    ]),
  );
}
