import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { procPathToKey } from '../../sysctl/key.ts';
import { parseUnitFile, type UnitSetting } from '../backlog/unit-files.ts';
import { type Common, linesOf, startedBy, type WriterSources, writer } from './sources.ts';

/** Where a profile is looked for, the directories that win first. */
const DIRECTORIES = ['/etc/tuned/profiles', '/etc/tuned', '/usr/lib/tuned/profiles', '/usr/lib/tuned'];
const ACTIVE = ['/etc/tuned/active_profile', '/etc/tuned/post_loaded_profile'] as const;
const MAIN = '/etc/tuned/tuned-main.conf';
const UNIT = 'tuned.service';
const SAFE_NAME = /^[\w.-]+$/;
const MOST_PROFILES = 50;

const COMMON = { by: 'tuned', when: 'after-loader' } as const;

type Option = {
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
  readonly sure: boolean;
};

/** Options of the sysctl plug-in by their instance, in which later profiles replace those of the included ones. */
type Instances = Map<string, Map<string, Option>>;

type Profile = { readonly file: string; readonly settings: readonly UnitSetting[] };

function profileNamed(name: string, { has, text }: WriterSources): Profile | null {
  if (!SAFE_NAME.test(name)) return null;
  const file = DIRECTORIES.map((directory) => `${directory}/${name}/tuned.conf`).find(
    (path) => has(path.slice(0, -'/tuned.conf'.length)) && has(path),
  );
  if (file === undefined) return null;
  return { file, settings: parseUnitFile(text(file) ?? '', file) };
}

type Included = { readonly name: string; readonly sure: boolean };

/** `a, b`; with `${f:virt_check:IN_A_GUEST:OTHERWISE}` either of the two. */
function included({ settings }: Profile, sure: boolean): readonly Included[] {
  const value = settings.findLast(({ section, key }) => section === 'main' && key === 'include')?.value ?? '';
  return value
    .replace(/\s#.*$/, '')
    .split(/[,;]/)
    .flatMap((part): readonly Included[] => {
      const each = part.trim();
      const either = /^\$\{f:virt_check:([^:}]*):([^:}]*)\}$/.exec(each);
      if (either !== null) return either.slice(1, 3).map((name) => ({ name, sure: false }));
      return [{ name: each.replace(/^-/, ''), sure }];
    })
    .filter(({ name }) => name !== '');
}

/** The profile behind those that it includes, each once, as TuneD merges them. */
function inOrder(
  { name, sure }: Included,
  sources: WriterSources,
  seen: Set<string>,
): readonly (Profile & { readonly sure: boolean })[] {
  const profile = seen.size < MOST_PROFILES ? profileNamed(name, sources) : null;
  if (profile === null || seen.has(profile.file)) return [];
  seen.add(profile.file);
  return [...included(profile, sure).flatMap((each) => inOrder(each, sources, seen)), { ...profile, sure }];
}

function inSection(settings: readonly UnitSetting[], section: string, key: string): string | undefined {
  return settings.findLast((each) => each.section === section && each.key === key)?.value;
}

const ABOUT_THE_INSTANCE =
  /^(?:type|enabled|replace|drop|devices|devices_udev_regex|priority|uname_regex|cpuinfo_regex|script_pre|script_post)$/;

function merge(instances: Instances, { settings, sure }: Profile & { readonly sure: boolean }): void {
  for (const section of new Set(settings.map((each) => each.section))) {
    const type = inSection(settings, section, 'type') ?? section;
    if (type !== 'sysctl' && !instances.has(section)) continue;
    const isOn = (key: string) => /^(?:1|true|yes|on|y)$/i.test(inSection(settings, section, key) ?? '');
    const isOff = /^(?:0|false|no|off|n)$/i.test(inSection(settings, section, 'enabled') ?? '');
    if (isOff || isOn('replace')) instances.delete(section);
    if (isOff) continue;
    const options = instances.get(section) ?? new Map<string, Option>();
    const isConditional = ['uname_regex', 'cpuinfo_regex'].some(
      (key) => inSection(settings, section, key) !== undefined,
    );
    for (const each of settings) {
      if (each.section !== section || ABOUT_THE_INSTANCE.test(each.key)) continue;
      const { key, value, file, line } = each;
      options.set(key, {
        key,
        value: value.replace(/\s#.*$/, '').trim(),
        file,
        line,
        sure: sure && !isConditional,
      });
    }
    for (const dropped of (inSection(settings, section, 'drop') ?? '').split(','))
      options.delete(dropped.trim());
    instances.set(section, options);
  }
}

/** `>2048` only raises and `<2048` only lowers; every `.` is taken for a separator, and `${…}` only TuneD knows. */
function writerOf({ key, value, file, line, sure }: Option): readonly OtherWriter[] {
  const parsed = procPathToKey(`/proc/sys/${key.replaceAll('.', '/')}`);
  if (!parsed.ok) return [];
  const common: Common = { ...COMMON, file, line, how: 'setting', sure };
  const bare = value.replace(/^(["'])(.*)\1$/, '$2');
  const [, mark, rest] = /^([<>])\s*(.*)$/.exec(bare) ?? [];
  const told = rest ?? bare;
  const relation = mark === '>' ? 'at-least' : mark === '<' ? 'at-most' : 'exactly';
  return [{ ...writer(common, parsed.key, /\$\{/.test(told) ? null : told), relation }];
}

/** With `reapply_sysctl`, which is on by default, each instance is followed by the sysctl files once more. */
function rerun(instances: Instances, sources: WriterSources): readonly OtherWriter[] {
  const setting = linesOf(sources.text(MAIN) ?? '').findLast(({ text }) => /^reapply_sysctl\s*=/.test(text));
  const isOff = /=\s*(?:0|false|no|off)\b/i.test(setting?.text ?? '');
  if (isOff || instances.size === 0) return [];
  const line = setting === undefined ? {} : { line: setting.line };
  return [writer({ ...COMMON, file: MAIN, ...line, how: 'rerun', sure: true }, '*', null)];
}

/** The sysctl settings of the active profile, and of what it includes. */
export function tuned(sources: WriterSources): readonly OtherWriter[] {
  if (!sources.has('/etc/tuned')) return [];
  const start = sources.startsAtBoot(UNIT);
  if (start === null) return [];
  const names = ACTIVE.flatMap((file) => sources.text(file)?.split(/\s+/) ?? []).filter(
    (name) => name !== '',
  );
  const seen = new Set<string>();
  const instances: Instances = new Map();
  for (const profile of names.flatMap((name) => inOrder({ name, sure: true }, sources, seen)))
    merge(instances, profile);
  const options = [...instances.values()].flatMap((each) => [...each.values()]);
  return startedBy(start, [...options.flatMap(writerOf), ...rerun(instances, sources)]);
}
