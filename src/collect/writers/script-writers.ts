import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { expandGlob } from '../backlog/glob.ts';
import { type Command, commandsIn, mentionsSysctls } from './commands.ts';
import type { Body } from './shell-tokens.ts';
import { type Common, loadedFrom, type WriterSources, writer } from './sources.ts';

type Sources = Pick<WriterSources, 'text' | 'sysctlReading' | 'reader' | 'script'>;

const MOST_FILES = 50;

/** sysctl(8) opens what it is told through glob(3), if the shell has left it anything to expand. */
function filesOf(pattern: string, { reader }: Sources): readonly string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  return valueOr(
    expandGlob((path) => reader.list(path), pattern, MOST_FILES),
    [],
  );
}

/** What stands in the script itself; a value that the shell would put in is not known. */
function fromBody({ text, isLiteral }: Body, common: Common, sources: Sources): readonly OtherWriter[] {
  const { line: first = 1, ...whole } = common;
  return loadedFrom(text, whole, sources).map(({ value, ...each }) => ({
    ...each,
    line: first + (each.line ?? 1) - 1,
    ...(value === undefined || (!isLiteral && /[$`]/.test(value)) ? {} : { value }),
  }));
}

/** What nobody can tell may be any key. */
function unknownFile(common: Common): OtherWriter {
  return writer({ ...common, sure: false }, '*', null);
}

/**
 * A load of a whole file writes each of its lines, which are then what sets the value; one of all sysctl files is
 * told by itself, for what they are is known better elsewhere.
 */
function ofCommand(command: Command, common: Common, sources: Sources): readonly OtherWriter[] {
  switch (command.kind) {
    case 'set':
      return [
        writer({ ...common, sure: common.sure && !command.key.includes('*') }, command.key, command.value),
      ];
    case 'load':
      if (command.file === null) return [unknownFile(common)];
      return filesOf(command.file, sources).flatMap((file) =>
        loadedFrom(sources.text(file) ?? '', { ...common, file }, sources),
      );
    case 'load-text':
      return fromBody(command.body, common, sources);
    case 'system':
      return [writer({ ...common, how: 'rerun' }, '*', null)];
    case 'run':
      return [];
  }
}

/** In another network namespace whatever is the namespace's own is another variable. */
function isShared({ key }: OtherWriter): boolean {
  return key !== '*' && !key.startsWith('net.');
}

function commandWriters(command: Command, common: Common, sources: Sources): readonly OtherWriter[] {
  const { isOtherNamespace } = command;
  const line = command.kind === 'load-text' ? command.body.line : command.line;
  const placed = { line, ...common, sure: common.sure && command.sure };
  const writers = ofCommand(command, placed, sources);
  return isOtherNamespace ? writers.filter(isShared) : writers;
}

/**
 * What a script or a line of one sets.
 * @param common `sure` where the script itself is certain to be run; with `line` where its lines are none of the file's
 */
export function scriptWriters(text: string, common: Common, sources: Sources): readonly OtherWriter[] {
  if (!mentionsSysctls(text)) return [];
  return commandsIn(text).flatMap((command) => commandWriters(command, common, sources));
}

type Run = Extract<Command, { kind: 'run' }>;

/** Of a script that is not read as one, or that is none of a shell's, nothing is claimed. */
function ofScript({ file, isRead, sure }: Run, common: Common, sources: Sources): readonly OtherWriter[] {
  const script = sources.script(file);
  if (script === null || (!isRead && !script.isExecutable)) return [];
  const interpreter = /^#!\s*(\S.*)/.exec(script.text)?.[1];
  if (interpreter !== undefined && !/\b(?:ba|da|a|k|z)?sh\b/.test(interpreter)) return [];
  const { line: _line, ...whole } = common;
  // Without an interpreter it hangs on who starts it whether that works.
  const isRun = common.sure && sure && (isRead || interpreter !== undefined);
  return scriptWriters(script.text, { ...whole, file, sure: isRun }, sources);
}

/** The same, with what the scripts set that it runs: those are looked into, and no further ones that they run. */
export function callerWriters(text: string, common: Common, sources: Sources): readonly OtherWriter[] {
  return commandsIn(text).flatMap((command) =>
    command.kind === 'run' ? ofScript(command, common, sources) : commandWriters(command, common, sources),
  );
}
