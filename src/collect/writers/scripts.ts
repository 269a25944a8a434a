import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { parseUnitFile, type UnitSetting } from '../backlog/unit-files.ts';
import { isOfInterest, mentionsSysctls } from './commands.ts';
import { execLines } from './exec-lines.ts';
import { callerWriters, scriptWriters } from './script-writers.ts';
import { linesOf, startedBy, type WriterSources } from './sources.ts';

const RC_LOCAL = ['/etc/rc.local', '/etc/rc.d/rc.local'] as const;
const RC_LOCAL_UNIT = 'rc-local.service';
const UNITS = '/etc/systemd/system';
const CRON = '/etc/cron.d';
const EXECUTABLE = 0o111;

function textWithSysctls(file: string, sources: WriterSources): string {
  const text = sources.text(file) ?? '';
  return mentionsSysctls(text) ? text : '';
}

/** It is run at boot only where it may be executed (systemd-rc-local-generator(8)); without `#!` systemd cannot start it. */
export function rcLocal(sources: WriterSources): readonly OtherWriter[] {
  const file = RC_LOCAL.find(sources.has);
  if (file === undefined) return [];
  const { mode = 0 } = valueOr(sources.reader.stat(file), null) ?? {};
  if ((mode & EXECUTABLE) === 0) return [];
  const text = sources.text(file) ?? '';
  const sure = text.startsWith('#!');
  const common = { by: 'rc-local', file, when: 'after-loader', how: 'command', sure } as const;
  const found = callerWriters(text, common, sources);
  return found.length > 0 && sources.isMasked(RC_LOCAL_UNIT) ? [] : found;
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

const CRON_UNITS = ['cron.service', 'crond.service', 'cronie.service'];

export function cron(sources: WriterSources): readonly OtherWriter[] {
  const found = inTables(sources);
  const isUnit = (name: string) => sources.isMasked(name) || sources.unit(name) !== null;
  // Where systemd has no unit of it, something else starts it.
  if (found.length === 0 || !CRON_UNITS.some(isUnit)) return found;
  const [start] = CRON_UNITS.flatMap((name) => sources.startsAtBoot(name) ?? []);
  return start === undefined ? [] : startedBy(start, found);
}

function inTables(sources: WriterSources): readonly OtherWriter[] {
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

/** Units behind the loader, and so is what comes after one of them. */
const BEHIND_LOADER =
  /^(?:systemd-sysctl\.service|(?:sysinit|basic|multi-user|network|network-online)\.target)$/;

function isOrdered(settings: readonly UnitSetting[], kind: 'After' | 'Before', unit: RegExp): boolean {
  return settings.some(
    ({ section, key, value }) =>
      section === 'Unit' && key === kind && value.split(/\s+/).some((name) => unit.test(name)),
  );
}

function last(settings: readonly UnitSetting[], key: string): string | undefined {
  return settings.findLast((each) => each.key === key)?.value;
}

/** A service is behind sysinit.target, and so behind the loader, unless it says otherwise (systemd.service(5)). */
function timeOf(settings: readonly UnitSetting[]): Pick<OtherWriter, 'when' | 'sure'> {
  const isOnItsOwn = /^(?:0|no|n|false|f|off)$/i.test(last(settings, 'DefaultDependencies') ?? '');
  const isBehind = !isOnItsOwn || isOrdered(settings, 'After', BEHIND_LOADER);
  if (!isOrdered(settings, 'Before', /^systemd-sysctl\.service$/))
    return { when: 'after-loader', sure: isBehind };
  // Both ways is a cycle, which systemd breaks somewhere. The loader waits for the end of one of this type only.
  return { when: 'before-loader', sure: !isBehind && last(settings, 'Type') === 'oneshot' };
}

/** `starts` where the unit is started at boot at all: what it runs is looked into then. */
type Runs = Pick<OtherWriter, 'when' | 'sure'> & { readonly starts: boolean };

function ofLine({ file, key, value, line }: UnitSetting, runs: Runs, sources: WriterSources) {
  const { when, starts } = runs;
  const isStart = key.startsWith('ExecStart');
  const common = { by: 'unit', file, line, how: 'command', when, sure: runs.sure && isStart } as const;
  const writersOf = starts && isStart ? callerWriters : scriptWriters;
  return writersOf(value.replace(PREFIXES, ''), common, sources);
}

function linesIn(file: string, sources: WriterSources): readonly UnitSetting[] {
  return parseUnitFile(sources.text(file) ?? '', file);
}

/** @param files those of the administrator that make up the unit, or are drop-ins of it */
function ofUnit(name: string, files: readonly string[], sources: WriterSources): readonly OtherWriter[] {
  const own = files.filter((file) =>
    execLines(linesIn(file, sources)).some(({ value }) => isOfInterest(value)),
  );
  if (own.length === 0 || sources.isMasked(name)) return [];
  const settings = sources.unit(name)?.settings;
  if (settings === undefined) {
    // Drop-ins of many units, or of one that a generator or an init script makes.
    const runs = { when: 'after-loader', sure: false, starts: false } as const;
    return execLines(own.flatMap((file) => linesIn(file, sources))).flatMap((each) =>
      ofLine(each, runs, sources),
    );
  }
  const { when, sure } = timeOf(settings);
  const start = sources.startsAtBoot(name);
  const runs = { when, sure: sure && start?.sure === true, starts: start !== null };
  return execLines(settings)
    .filter(({ file }) => own.includes(file))
    .flatMap((each) => ofLine(each, runs, sources));
}

/** Units that the host's own administrator wrote, and drop-ins for others; those of packages are not looked through. */
export function units(sources: WriterSources): readonly OtherWriter[] {
  const files = new Map<string, readonly string[]>();
  for (const entry of sources.names(UNITS)) {
    const name = /^(.*\.service)(?:\.d)?$/.exec(entry)?.[1];
    if (name !== undefined) files.set(name, [...(files.get(name) ?? []), ...ownFiles(entry, sources)]);
  }
  return [...files].flatMap(([name, own]) => ofUnit(name, own, sources));
}

/** A link leads to what belongs to somebody else. */
function ownFiles(entry: string, { names, reader }: WriterSources): readonly string[] {
  const path = `${UNITS}/${entry}`;
  if (entry.endsWith('.d'))
    return names(path)
      .filter((each) => each.endsWith('.conf'))
      .map((each) => `${path}/${each}`);
  const stat = reader.lstat(path);
  return stat.ok && stat.value.kind === 'file' ? [path] : [];
}
