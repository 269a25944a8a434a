import { inputError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { Unknown } from '../core/fact.ts';
import type { HostReader, Identity } from '../core/ports.ts';
import type { Waiver } from '../rules/finding.ts';
import type { Unseen } from '../snapshot/snapshot.ts';

const CONFIG_DIRECTORY = '/etc/backlogctl';
const CONFIG_FILE = `${CONFIG_DIRECTORY}/config.yaml`;
const WRITABLE_BY_OTHERS = 0o022;

/** Who may write to the directory may put another file in place of the one that we looked at. */
function checkTrust(reader: HostReader, path: string, uid: number): void {
  const stat = reader.stat(path);
  if (!stat.ok) throw unreadable(path, stat);
  const { value } = stat;
  if ((value.uid === 0 || value.uid === uid) && (value.mode & WRITABLE_BY_OTHERS) === 0) return;
  throw new UserError({
    code: 'refused',
    status: EXIT.badInput,
    at: { file: path },
    message: 'not trusted: it must belong to root and be writable by nobody else',
    hint: `chown root: ${path} && chmod go-w ${path}`,
  });
}

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
  checkTrust(reader, CONFIG_DIRECTORY, uid);
  checkTrust(reader, CONFIG_FILE, uid);
  const text = reader.readText(CONFIG_FILE);
  if (!text.ok && text.why === 'denied' && uid !== 0) return NOT_PERMITTED;
  if (!text.ok) throw unreadable(CONFIG_FILE, text);
  const { parseWaivers } = await import('./waivers.ts');
  return { waivers: parseWaivers(text.value, CONFIG_FILE), unseen: [] };
}
