import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { mentionsSysctls } from './commands.ts';
import { scriptWriters } from './script-writers.ts';
import { linesOf, loadedFrom, type WriterSources } from './sources.ts';

const DIRECTORY = '/etc/cloud/cloud.cfg.d';
/** Mostly for root alone, for it may hold passwords: only what anybody may read is read. */
const USER_DATA = '/var/lib/cloud/instance/user-data.txt';
const DISABLED = '/etc/cloud/cloud-init.disabled';
/** Each runs a part of it; in newer versions the one behind them runs all. */
const STAGES = ['cloud-init.service', 'cloud-config.service', 'cloud-final.service'] as const;
const DAEMON = 'cloud-init-main.service';
const READABLE_BY_ALL = 0o004;

const COMMON = { by: 'cloud-init', when: 'after-loader', sure: false } as const;

/** The lines of the items of write_files whose path is a sysctl file; the others made empty, so that lines count on. */
function writtenSysctlFiles(text: string): string {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (/^\s*-\s+\w/.test(line) ? [index] : []));
  const items = starts.map((start, index) => ({ start, end: starts[index + 1] ?? lines.length }));
  const kept = new Set(
    items
      .filter(({ start, end }) =>
        lines
          .slice(start, end)
          .some((line) =>
            /^\s*(?:-\s+)?path:\s*["']?\/(?:etc|run|usr\/lib)\/sysctl(?:\.d\/|\.conf)/.test(line),
          ),
      )
      .flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)),
  );
  return lines.map((line, index) => (kept.has(index) ? line : '')).join('\n');
}

/** `- [ sysctl, -w, "vm.swappiness=10" ]` as a command line. */
function commandOf(line: string): string {
  const list = /^-\s*\[(.*)\]$/.exec(line)?.[1];
  if (list === undefined) return line.replace(/^-\s+/, '').replace(/^(["'])(.*)\1$/, '$2');
  return list.replace(/,\s*/g, ' ');
}

function ofFile(file: string, sources: WriterSources): readonly OtherWriter[] {
  const text = sources.text(file) ?? '';
  if (!mentionsSysctls(text)) return [];
  const commands = linesOf(text, /^#/).flatMap(({ text: content, line }) =>
    scriptWriters(commandOf(content), { ...COMMON, file, line, how: 'command' }, sources),
  );
  return [...commands, ...loadedFrom(writtenSysctlFiles(text), { ...COMMON, file, how: 'line' }, sources)];
}

function isMasked(sources: WriterSources): boolean {
  return sources.isMasked(DAEMON) || STAGES.every(sources.isMasked);
}

/** Commands that it runs, and sysctl files that it writes anew, for each new instance: never certain for a boot. */
export function cloudInit(sources: WriterSources): readonly OtherWriter[] {
  if (!sources.has('/etc/cloud') || sources.has(DISABLED)) return [];
  const files = sources.names(DIRECTORY).filter((name) => name.endsWith('.cfg'));
  const mode = valueOr(sources.reader.stat(USER_DATA), null)?.mode ?? 0;
  const found = [
    ...['/etc/cloud/cloud.cfg', ...files.map((name) => `${DIRECTORY}/${name}`)],
    ...((mode & READABLE_BY_ALL) === 0 ? [] : [USER_DATA]),
  ].flatMap((file) => ofFile(file, sources));
  return found.length > 0 && isMasked(sources) ? [] : found;
}
