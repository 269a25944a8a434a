import { mapFact, valueOr } from '../../core/fact.ts';
import type { HostReader } from '../../core/ports.ts';
import { numbersOf, type Version } from '../../core/version.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { assignmentsIn } from '../../sysctl/assignments.ts';
import type { ReadingRules } from '../../sysctl/lines.ts';
import { procpsReading } from '../../sysctl/reading-rules.ts';
import { type ConfigFiles, configFiles } from '../backlog/config-files.ts';
import { procpsVersion } from '../loader.ts';
import { systemdVersion } from '../systemd-version.ts';
import { type BootUnits, bootUnits, type Start } from './boot-units.ts';

const BOUNDS = { files: 400, bytesPerFile: 256 * 1024, bytes: 4 * 1024 * 1024, directories: 300 };

/** Of scripts that others run: so large a one is a program, and so many are no tuning. */
const SCRIPT_BYTES = 64 * 1024;
const MOST_SCRIPTS = 30;
const EXECUTABLE = 0o111;

type Script = { readonly text: string; readonly isExecutable: boolean };

/** What the parsers of other managers' configuration look at: each file once, and little in all. */
export type WriterSources = BootUnits & {
  readonly reader: HostReader;
  readonly files: ConfigFiles;
  /** Whether anything stands at the path. */
  has(path: string): boolean;
  /** Names in a directory; none where it is not there. */
  names(directory: string): readonly string[];
  /** null for what is not there, is no regular file or is too large. */
  text(path: string): string | null;
  /** A script that something else runs; null for what is none, is too large, or is one too many. */
  script(path: string): Script | null;
  /** null where it is not known. Costs a look into the directories of libraries. */
  systemdVersion(): Version | null;
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
  const text = (path: string) => valueOr(mapFact(files.text(path), withoutNuls), null);
  return {
    ...bootUnits(files, reader),
    reader,
    files,
    has: (path) => reader.lstat(path).ok,
    names: (directory) => valueOr(files.list(directory), []),
    text,
    script: scriptReader(reader, text),
    systemdVersion: () => numbersOf(valueOr(systemdVersion(reader), null)),
    procpsVersion: ofProcps,
    sysctlReading: () => procpsReading(numbersOf(ofProcps())),
  };
}

/** Asked for its size first: programs stand where scripts do. */
function scriptReader(reader: HostReader, textOf: WriterSources['text']): WriterSources['script'] {
  let left = MOST_SCRIPTS;
  return (path) => {
    const stat = left > 0 ? valueOr(reader.stat(path), null) : null;
    if (stat?.kind !== 'file' || stat.sizeBytes > SCRIPT_BYTES) return null;
    left -= 1;
    const text = textOf(path) ?? '';
    return text === '' ? null : { text, isExecutable: (stat.mode & EXECUTABLE) !== 0 };
  };
}

/** Binary data has no lines that anybody wrote. */
function withoutNuls(text: string): string {
  return text.includes('\0') ? '' : text;
}

export type Line = { readonly text: string; readonly line: number };

/** Longer lines are data: nobody wrote them. */
const LONGEST_LINE = 4_096;

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

/** What a program sets, no more certain than that it is started. */
export function startedBy({ sure }: Start, writers: readonly OtherWriter[]): readonly OtherWriter[] {
  return sure ? writers : writers.map((each) => ({ ...each, sure: false }));
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
