import { inputError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { HostReader, Identity } from '../core/ports.ts';
import type { Waiver } from '../rules/finding.ts';

const CONFIG_DIRECTORY = '/etc/backlogctl';
const CONFIG_FILE = `${CONFIG_DIRECTORY}/config.yaml`;
const WRITABLE_BY_OTHERS = 0o022;

/** Who may write to the directory may put another file in place of the one that we looked at. */
function checkTrust(reader: HostReader, path: string, uid: number): void {
  const stat = reader.stat(path);
  if (!stat.ok) throw unreadable(path);
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

function unreadable(file: string): UserError {
  return inputError('unreadable', { file }, 'the configuration cannot be read');
}

/**
 * Waivers of this host. A file that others may write, or put in place, could hide findings, so it is refused, not
 * obeyed.
 * @throws UserError where the file is there and cannot be used
 */
export async function readWaivers(reader: HostReader, { uid }: Identity): Promise<readonly Waiver[]> {
  const stat = reader.stat(CONFIG_FILE);
  if (!stat.ok && stat.why === 'absent') return [];
  checkTrust(reader, CONFIG_DIRECTORY, uid);
  checkTrust(reader, CONFIG_FILE, uid);
  const text = reader.readText(CONFIG_FILE);
  if (!text.ok) throw unreadable(CONFIG_FILE);
  const { parseWaivers } = await import('./waivers.ts');
  return parseWaivers(text.value, CONFIG_FILE);
}
