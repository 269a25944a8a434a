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

/** The plug-ins that set sysctls. */
const PLUGINS = ['sysctl', 'vm'] as const;
type Plugin = (typeof PLUGINS)[number];

type Instance = { readonly plugin: Plugin; readonly options: Map<string, Option> };

/** Options of those plug-ins by their instance, in which later profiles replace those of the included ones. */
type Instances = Map<string, Instance>;

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
    const plugin = PLUGINS.find((each) => each === type) ?? instances.get(section)?.plugin;
    if (plugin === undefined) continue;
    const isOn = (key: string) => /^(?:1|true|yes|on|y)$/i.test(inSection(settings, section, key) ?? '');
    const isOff = /^(?:0|false|no|off|n)$/i.test(inSection(settings, section, 'enabled') ?? '');
    if (isOff || isOn('replace')) instances.delete(section);
    if (isOff) continue;
    const options = instances.get(section)?.options ?? new Map<string, Option>();
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
    instances.set(section, { plugin, options });
  }
}

/** Which of a pair each option of the vm plug-in sets, the other one with `%` behind its value. */
const OF_VM = new Map([
  ['dirty_bytes', 'dirty_ratio'],
  ['dirty_ratio', null],
  ['dirty_background_bytes', 'dirty_background_ratio'],
  ['dirty_background_ratio', null],
]);

/** TuneD's own libraries on Debian, and where a version of Python has its own. */
const PYTHON = /^python3(?:\.\d+)?$/;

/** Whether the vm plug-in knows those options, as that of 2.20 does not; null where it was not found. */
function vmKnowsDirty({ names, text }: WriterSources): boolean | null {
  const directories = ['/usr/lib', '/usr/lib64', '/usr/local/lib'].flatMap((lib) =>
    names(lib)
      .filter((name) => PYTHON.test(name))
      .flatMap((name) => ['dist-packages', 'site-packages'].map((each) => `${lib}/${name}/${each}`)),
  );
  const files = directories.map((directory) => text(`${directory}/tuned/plugins/plugin_vm.py`));
  const plugin = files.find((each) => each !== null);
  return plugin === undefined ? null : plugin.includes('dirty_bytes');
}

/** In the order in which it sets them; 0 bytes and what is no number it refuses (_dirty_option() in plugin_vm.py). */
function ofVm({ options }: Instance, sources: WriterSources): readonly OtherWriter[] {
  const given = [...OF_VM].flatMap(([name, ratio]) => {
    const option = options.get(name);
    return option === undefined ? [] : [{ name, ratio, option }];
  });
  const isKnown = given.length > 0 ? vmKnowsDirty(sources) : false;
  if (isKnown === false) return [];
  return given.flatMap(({ name, ratio, option: { value, file, line, sure } }): readonly OtherWriter[] => {
    const common: Common = { ...COMMON, file, line, how: 'setting', sure: sure && isKnown === true };
    if (/\$\{/.test(value)) return [writer(common, `vm.${name}`, null)];
    const [, number, percent] = /^(\d+)\s*(%?)$/.exec(value) ?? [];
    if (number === undefined || (percent === '%' && ratio === null)) return [];
    const target = percent === '%' ? ratio : name;
    return ratio !== null && percent === '' && Number(number) === 0
      ? []
      : [writer(common, `vm.${target}`, number)];
  });
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
function rerun(sources: WriterSources): readonly OtherWriter[] {
  const setting = linesOf(sources.text(MAIN) ?? '').findLast(({ text }) => /^reapply_sysctl\s*=/.test(text));
  if (/=\s*(?:0|false|no|off)\b/i.test(setting?.text ?? '')) return [];
  const line = setting === undefined ? {} : { line: setting.line };
  return [writer({ ...COMMON, file: MAIN, ...line, how: 'rerun', sure: true }, '*', null)];
}

/** One instance after the other; the files after the last one that has them applied. */
function writersOf(instances: readonly Instance[], sources: WriterSources): readonly OtherWriter[] {
  const last = instances.findLastIndex(({ plugin }) => plugin === 'sysctl');
  return instances.flatMap((instance, index) => [
    ...(instance.plugin === 'vm'
      ? ofVm(instance, sources)
      : [...instance.options.values()].flatMap(writerOf)),
    ...(index === last ? rerun(sources) : []),
  ]);
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
  return startedBy(start, writersOf([...instances.values()], sources));
}
