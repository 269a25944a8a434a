import { mapFact, valueOr } from '../../core/fact.ts';
import { isBelowRun } from '../../core/paths.ts';
import type { HostReader } from '../../core/ports.ts';
import { numbersOf } from '../../core/version.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { assignmentsIn } from '../../sysctl/assignments.ts';
import type { ReadingRules } from '../../sysctl/lines.ts';
import { procpsReading } from '../../sysctl/reading-rules.ts';
import { type ConfigFiles, configFiles } from '../backlog/config-files.ts';
import { procpsVersion } from '../loader.ts';
import { maskOf } from '../masked-unit.ts';

const BOUNDS = { files: 400, bytesPerFile: 256 * 1024, bytes: 4 * 1024 * 1024, directories: 300 };

/** What the parsers of other managers' configuration look at: each file once, and little in all. */
export type WriterSources = {
  readonly reader: HostReader;
  readonly files: ConfigFiles;
  /** Whether anything stands at the path. */
  has(path: string): boolean;
  /** Names in a directory; none where it is not there. */
  names(directory: string): readonly string[];
  /** null for what is not there, is no regular file or is too large. */
  text(path: string): string | null;
  /** Where the unit is enabled for a boot, as the path of the link that says so; null where none does, or it is masked. */
  enabledBy(unit: string): string | null;
  /** null where it is not known. Costs a look into dpkg's database, once. */
  procpsVersion(): string | null;
  /** How the sysctl(8) of this host reads a file. Costs the same look. */
  sysctlReading(): ReadingRules;
};

export function writerSources(reader: HostReader): WriterSources {
  const files = configFiles(reader, BOUNDS);
  let version: string | null | undefined;
  const ofProcps = () => {
    if (version === undefined) version = valueOr(procpsVersion(reader), null);
    return version;
  };
  const names = (directory: string): readonly string[] => valueOr(files.list(directory), []);
  return {
    reader,
    files,
    has: (path) => reader.lstat(path).ok,
    names,
    text: (path) => valueOr(mapFact(files.text(path), withoutNuls), null),
    enabledBy: (unit) => {
      const mask = maskOf(unit, reader);
      if (mask !== null && !isBelowRun(mask)) return null;
      const directory = enabling(names).find((each) => names(each).includes(unit));
      return directory === undefined ? null : `${directory}/${unit}`;
    },
    procpsVersion: ofProcps,
    sysctlReading: () => procpsReading(numbersOf(ofProcps())),
  };
}

const OWN_UNITS = '/etc/systemd/system';

/** Where `systemctl enable` makes its links, and where a distribution ships those of units that are always on. */
function enabling(names: WriterSources['names']): readonly string[] {
  const made = names(OWN_UNITS).filter((name) => /\.(?:wants|requires)$/.test(name));
  return [...made.map((name) => `${OWN_UNITS}/${name}`), '/usr/lib/systemd/system/multi-user.target.wants'];
}

/** Binary data has no lines that anybody wrote. */
function withoutNuls(text: string): string {
  return text.includes('\0') ? '' : text;
}

export type Line = { readonly text: string; readonly line: number };

/** Longer lines are data: nobody wrote them. */
export const LONGEST_LINE = 4_096;

/** Lines counted from 1, without blanks around them; comments, empty ones and data left out. */
export function linesOf(text: string, comments = /^[#;]/): readonly Line[] {
  return text
    .split('\n')
    .map((each, index) => ({ text: each.trim(), line: index + 1 }))
    .filter((each) => each.text !== '' && each.text.length <= LONGEST_LINE && !comments.test(each.text));
}

/** What is known of the writers of one manager but for key and value. */
export type Common = Pick<OtherWriter, 'by' | 'file' | 'when' | 'how' | 'sure'> & { readonly line?: number };

/** A value of null is one that the file does not tell. */
export function writer(common: Common, key: string, value: string | null): OtherWriter {
  return { ...common, key, relation: 'exactly', ...(value === null ? {} : { value }) };
}

/** What stands in a file in the notation of sysctl.conf, as sysctl(8) reads it; a pattern may stand for anything. */
export function loadedFrom(
  text: string,
  common: Omit<Common, 'line'>,
  { sysctlReading }: Pick<WriterSources, 'sysctlReading'>,
): readonly OtherWriter[] {
  return assignmentsIn(text, sysctlReading()).map(({ key, value, line, isPattern }) =>
    writer({ ...common, line, sure: common.sure && !isPattern }, key, value),
  );
}

/** `net.ipv4.conf.eth0/1.rp_filter`; the name may be a pattern. */
export function interfaceKey(family: 'ipv4' | 'ipv6', name: string, variable: string): string {
  return `net.${family}.conf.${name.replaceAll('.', '/')}.${variable}`;
}

export type WriterProbe = (sources: WriterSources) => readonly OtherWriter[];
