import { inputError, UserError } from '../core/errors.ts';
import { EXIT } from '../core/exit-status.ts';
import type { HostReader, Identity } from '../core/ports.ts';
import type { Waiver } from '../rules/finding.ts';

const CONFIG_FILE = '/etc/backlogctl/config.yaml';
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Waivers of this host. A file that others may write could hide findings, so it is refused, not obeyed.
 * @throws UserError where the file is there and cannot be used
 */
export async function readWaivers(reader: HostReader, { uid }: Identity): Promise<readonly Waiver[]> {
  const stat = reader.stat(CONFIG_FILE);
  if (!stat.ok && stat.why === 'absent') return [];
  const text = reader.readText(CONFIG_FILE);
  if (!stat.ok || !text.ok) {
    throw inputError('unreadable', { file: CONFIG_FILE }, 'the configuration cannot be read');
  }
  const trusted = stat.value.uid === 0 || stat.value.uid === uid;
  if (!trusted || (stat.value.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new UserError({
      code: 'refused',
      status: EXIT.badInput,
      at: { file: CONFIG_FILE },
      message: 'not trusted: it must belong to root and be writable by nobody else',
      hint: `chown root: ${CONFIG_FILE} && chmod go-w ${CONFIG_FILE}`,
    });
  }
  const { parseWaivers } = await import('./waivers.ts');
  return parseWaivers(text.value, CONFIG_FILE);
}
