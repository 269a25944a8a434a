import { inputError, type UserError } from '../core/errors.ts';
import type { Unknown } from '../core/fact.ts';
import type { HostReader, Identity } from '../core/ports.ts';
import type { Waiver } from '../rules/finding.ts';
import type { Unseen } from '../snapshot/snapshot.ts';
import { readJudged } from './trust.ts';

export const CONFIG_DIRECTORY = '/etc/backlogctl';
const CONFIG_FILE = `${CONFIG_DIRECTORY}/config.yaml`;
const MOST_BYTES = 1024 * 1024;

function unreadable(file: string, { why, detail }: Unknown): UserError {
  return inputError('unreadable', { file }, `the configuration cannot be read: ${detail ?? why}`);
}

export type ReadWaivers = { readonly waivers: readonly Waiver[]; readonly unseen: readonly Unseen[] };

const NONE: ReadWaivers = { waivers: [], unseen: [] };

/** Without them an audit shows more and hides nothing, so whoever may not read them still gets one. */
const NOT_PERMITTED: ReadWaivers = {
  waivers: [],
  unseen: [{ what: `the waivers in ${CONFIG_FILE}`, why: 'not permitted (run as root)' }],
};

/**
 * Waivers of this host. A file that others may write, or put in place, could hide findings, so it is refused, not
 * obeyed.
 * @throws UserError where the file is there and cannot be used
 */
export async function readWaivers(reader: HostReader, { uid }: Identity): Promise<ReadWaivers> {
  const stat = reader.stat(CONFIG_FILE);
  if (!stat.ok && stat.why === 'absent') return NONE;
  if (!stat.ok && stat.why === 'denied' && uid !== 0) return NOT_PERMITTED;
  const judged = readJudged(reader, CONFIG_FILE, uid, MOST_BYTES);
  if (!judged.ok && judged.why.why === 'denied' && uid !== 0) return NOT_PERMITTED;
  if (!judged.ok) throw unreadable(judged.at, judged.why);
  if (judged.mistrust !== null) throw judged.mistrust;
  const { parseWaivers } = await import('./waivers.ts');
  return { waivers: parseWaivers(judged.text, CONFIG_FILE), unseen: [] };
}
