import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { SYSCTL_CREDENTIALS } from '../../sysctl/credentials.ts';
import { givenCredentials } from '../given-credentials.ts';
import { type Common, type WriterSources, writer } from './sources.ts';

/** What lies there only the system manager can read; the other stores hold files that the loader reads as they are. */
const ENCRYPTED = '/etc/credstore.encrypted/sysctl.extra';

/** What it sets cannot be told, so it may set every key. */
function unreadable(file: string, line?: number): OtherWriter {
  const place = line === undefined ? { file } : { file, line };
  const common: Common = { by: 'credential', when: 'with-loader', how: 'line', sure: false, ...place };
  return writer(common, '*', null);
}

/**
 * systemd-sysctl reads the credential sysctl.extra behind all files (systemd-sysctl.service(8)). One that can be read is
 * among the sysctl files, and one that lies in a store is taken before an encrypted one.
 */
export function credentials(sources: WriterSources): readonly OtherWriter[] {
  const isPlain = SYSCTL_CREDENTIALS.some(sources.has);
  const standing = !isPlain && sources.has(ENCRYPTED) ? [unreadable(ENCRYPTED)] : [];
  const given = givenCredentials(sources).flatMap((each) => {
    const isSeen = each.kind === 'set' || (each.kind === 'loaded' && sources.has(each.from));
    return isSeen ? [] : [unreadable(each.file, each.line)];
  });
  return [...standing, ...given];
}
