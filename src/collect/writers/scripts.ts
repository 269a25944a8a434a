import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseUnitFile } from '../backlog/unit-files.ts';
import { isOfInterest, mentionsSysctls } from './commands.ts';
import { callerWriters, scriptWriters } from './script-writers.ts';
import { linesOf, type WriterSources } from './sources.ts';

const RC_LOCAL = ['/etc/rc.local', '/etc/rc.d/rc.local'] as const;
const UNITS = '/etc/systemd/system';
const CRON = '/etc/cron.d';
const EXECUTABLE = 0o111;
const SERVICE = /\.service$/;

function textWithSysctls(file: string, sources: WriterSources): string {
  const text = sources.text(file) ?? '';
  return mentionsSysctls(text) ? text : '';
}

/** It is run at boot only where it may be executed (systemd-rc-local-generator(8)). */
export function rcLocal(sources: WriterSources): readonly OtherWriter[] {
  const file = RC_LOCAL.find(sources.has);
  if (file === undefined) return [];
  const { mode = 0 } = valueOr(sources.reader.stat(file), null) ?? {};
  if ((mode & EXECUTABLE) === 0) return [];
  const common = { by: 'rc-local', file, when: 'after-loader', how: 'command', sure: true } as const;
  return callerWriters(sources.text(file) ?? '', common, sources);
}

/** Whoever logs in runs them, and only root's login can set anything. */
export function loginShells(sources: WriterSources): readonly OtherWriter[] {
  const names = sources.names('/etc/profile.d').filter((name) => name.endsWith('.sh'));
  return ['/etc/profile', ...names.map((name) => `/etc/profile.d/${name}`)].flatMap((file) =>
    scriptWriters(
      sources.text(file) ?? '',
      { by: 'login-shell', file, when: 'at-login', how: 'command', sure: false },
      sources,
    ),
  );
}

/** `@reboot root sysctl -w a.b=1`, or at its times; a user's own table has no user's name. */
function cronLine(
  text: string,
  ownTable: boolean,
): { readonly command: string; readonly atBoot: boolean } | null {
  const [, time, rest = ''] = /^(@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/.exec(text) ?? [];
  if (time === undefined) return null;
  return { command: ownTable ? rest : rest.replace(/^\S+\s+/, ''), atBoot: time === '@reboot' };
}

/** root's own table, where Debian and others keep it; for root alone to read. */
const ROOTS_TABLES: ReadonlySet<string> = new Set(['/var/spool/cron/crontabs/root', '/var/spool/cron/root']);

type CronPlace = { readonly file: string; readonly line: number };

/** Of what it runs at other times only what stands in the table: nothing of that bears on a boot. */
function cronWriters(text: string, place: CronPlace, sources: WriterSources): readonly OtherWriter[] {
  const { file, line } = place;
  const entry = cronLine(text, ROOTS_TABLES.has(file));
  if (entry === null) return [];
  const common = { by: 'cron', file, line, how: 'command', sure: true } as const;
  return entry.atBoot
    ? callerWriters(entry.command, { ...common, when: 'after-loader' }, sources)
    : scriptWriters(entry.command, { ...common, when: 'at-times' }, sources);
}

export function cron(sources: WriterSources): readonly OtherWriter[] {
  // cron(8) passes over names with a dot in them.
  const names = sources.names(CRON).filter((name) => /^[\w-]+$/.test(name));
  const tables = ['/etc/crontab', ...names.map((name) => `${CRON}/${name}`), ...ROOTS_TABLES];
  return tables.flatMap((file) =>
    linesOf(sources.text(file) ?? '', /^#/).flatMap(({ text, line }) =>
      cronWriters(text, { file, line }, sources),
    ),
  );
}

const INTERFACES = '/etc/network/interfaces';

/**
 * `up sysctl -w a.b=1` of an interface. Only what stands behind `auto` is set up at every boot, so nothing is certain
 * (interfaces(5)).
 */
export function ifupdown(sources: WriterSources): readonly OtherWriter[] {
  const names = sources.names(`${INTERFACES}.d`).filter((name) => /^[\w-]+$/.test(name));
  return [INTERFACES, ...names.map((name) => `${INTERFACES}.d/${name}`)].flatMap((file) =>
    linesOf(textWithSysctls(file, sources), /^#/).flatMap(({ text, line }) => {
      const command = /^(?:pre-up|up|post-up)\s+(.*)$/.exec(text)?.[1];
      if (command === undefined) return [];
      const common = {
        by: 'ifupdown',
        file,
        line,
        when: 'after-loader',
        how: 'command',
        sure: false,
      } as const;
      return scriptWriters(command, common, sources);
    }),
  );
}

/** What may stand in front of a program (systemd.service(5)). */
const PREFIXES = /^[-@:+!|]+/;

function ofUnitFile(file: string, unit: string, sources: WriterSources): readonly OtherWriter[] {
  return parseUnitFile(sources.text(file) ?? '', file).flatMap(({ key, value, line }) => {
    if (!/^Exec(?:Start(?:Pre|Post)?|Reload|Stop(?:Post)?)$/.test(key) || !isOfInterest(value)) return [];
    const starts = key.startsWith('ExecStart') && sources.enabledBy(unit) !== null;
    const common = {
      by: 'unit',
      file,
      line,
      when: 'after-loader',
      how: 'command',
      sure: starts,
    } as const;
    const writersOf = starts ? callerWriters : scriptWriters;
    return writersOf(value.replace(PREFIXES, ''), common, sources);
  });
}

/** Units that the host's own administrator wrote, and drop-ins for others; those of packages are not looked through. */
export function units(sources: WriterSources): readonly OtherWriter[] {
  return sources.names(UNITS).flatMap((name): readonly OtherWriter[] => {
    const path = `${UNITS}/${name}`;
    if (SERVICE.test(name)) {
      const stat = sources.reader.lstat(path);
      return stat.ok && stat.value.kind === 'file' ? ofUnitFile(path, name, sources) : [];
    }
    if (!/\.service\.d$/.test(name)) return [];
    return sources
      .names(path)
      .filter((each) => each.endsWith('.conf'))
      .flatMap((each) => ofUnitFile(`${path}/${each}`, name.slice(0, -'.d'.length), sources));
  });
}
