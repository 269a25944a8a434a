import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseUnitFile } from '../backlog/unit-files.ts';
import { type Common, loadedFrom, type WriterSources, writer } from './sources.ts';

const NAME = 'sysctl.extra';
/** Where systemd looks for a credential by its name (systemd.exec(5)); those of the first are encrypted. */
const STORES = [
  '/etc/credstore.encrypted',
  '/run/credentials/@system',
  '/etc/credstore',
  '/run/credstore',
  '/usr/lib/credstore',
];
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

/** systemd-sysctl reads the credential sysctl.extra behind all files (systemd-sysctl.service(8)). */
export function credentials(sources: WriterSources): readonly OtherWriter[] {
  const [encrypted, ...plain] = STORES;
  const found = plain.map((store) => `${store}/${NAME}`).find(sources.has);
  const text = found === undefined ? null : sources.text(found);
  const standing =
    found === undefined
      ? sources.has(`${encrypted}/${NAME}`)
        ? [unreadable(`${encrypted}/${NAME}`)]
        : []
      : text === null
        ? [unreadable(found)]
        : loadedFrom(text, { ...COMMON, file: found }, sources);
  const dropIns = sources
    .names(DROP_INS)
    .filter((name) => name.endsWith('.conf'))
    .flatMap((name) => fromDropIn(`${DROP_INS}/${name}`, sources));
  return [...standing, ...dropIns];
}
