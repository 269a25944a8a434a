import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { SYSCTL_CREDENTIALS } from '../../sysctl/credentials.ts';
import { parseUnitFile } from '../backlog/unit-files.ts';
import { type Common, loadedFrom, type WriterSources, writer } from './sources.ts';

const NAME = 'sysctl.extra';
/** What lies there only the system manager can read; the other stores hold files that the loader reads as they are. */
const ENCRYPTED = '/etc/credstore.encrypted/sysctl.extra';
const DROP_INS = '/etc/systemd/system/systemd-sysctl.service.d';

const COMMON = { by: 'credential', when: 'with-loader', how: 'line', sure: true } as const;

/** What it sets cannot be told, so it may set every key. */
function unreadable(file: string, line?: number): OtherWriter {
  const common: Common = { ...COMMON, file, sure: false, ...(line === undefined ? {} : { line }) };
  return writer(common, '*', null);
}

/** `SetCredential=sysctl.extra:TEXT`, `LoadCredential=sysctl.extra:PATH` */
function fromDropIn(file: string, sources: WriterSources): readonly OtherWriter[] {
  return parseUnitFile(sources.text(file) ?? '', file).flatMap(
    ({ key, value, line }): readonly OtherWriter[] => {
      const given = /^(Set|Load)Credential(Encrypted)?$/.exec(key);
      if (given === null || !value.startsWith(`${NAME}:`)) return [];
      const said = value.slice(NAME.length + 1);
      if (given[2] !== undefined) return [unreadable(file, line)];
      const text = given[1] === 'Set' ? said.replaceAll('\\n', '\n') : sources.text(said);
      if (text === null) return [unreadable(file, line)];
      const common = { ...COMMON, file: given[1] === 'Set' ? file : said };
      const writers = loadedFrom(text, common, sources);
      return given[1] === 'Set' ? writers.map((each) => ({ ...each, line })) : writers;
    },
  );
}

/**
 * systemd-sysctl reads the credential sysctl.extra behind all files (systemd-sysctl.service(8)): one that lies in a store
 * is among the sysctl files, and is taken before an encrypted one.
 */
export function credentials(sources: WriterSources): readonly OtherWriter[] {
  const isPlain = SYSCTL_CREDENTIALS.some(sources.has);
  const standing = !isPlain && sources.has(ENCRYPTED) ? [unreadable(ENCRYPTED)] : [];
  const dropIns = sources
    .names(DROP_INS)
    .filter((name) => name.endsWith('.conf'))
    .flatMap((name) => fromDropIn(`${DROP_INS}/${name}`, sources));
  return [...standing, ...dropIns];
}
