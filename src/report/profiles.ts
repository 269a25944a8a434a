import { escapeControls, plainText } from '../core/text.ts';
import type { ProfileView, SettingView } from '../pipeline/profile-view.ts';
import type { ListedProfile } from '../pipeline/profiles.ts';
import type { ResolvedProfile, Setting } from '../profile/profile.ts';
import { hanging, padEnd, usableColumns } from './layout.ts';
import type { ProfileReport, ProfilesDocument, ProfileValidation } from './profiles-document.ts';
import { type Style, styleFor } from './style.ts';
import type { TextOptions } from './text/audit-text.ts';

const LABEL_COLUMNS = 11;

function listedName(listed: ListedProfile): string {
  return listed.kind === 'unusable' ? listed.name : listed.profile.name;
}

export function profilesDocument(listed: readonly ListedProfile[]): ProfilesDocument {
  return {
    kind: 'profiles',
    schemaVersion: 0,
    profiles: listed.map((each) =>
      each.kind === 'unusable'
        ? { name: each.name, summary: null, origin: 'own', file: each.file, problem: each.problem }
        : {
            name: each.profile.name,
            summary: each.profile.summary,
            origin: each.kind,
            file: each.profile.file,
            problem: null,
          },
    ),
  };
}

export function renderProfileList(listed: readonly ListedProfile[], { columns, color }: TextOptions): string {
  const style = styleFor(color);
  const names = listed.map((each) => escapeControls(listedName(each)));
  const width = Math.min(30, Math.max(...names.map((name) => name.length)) + 2);
  const lines = listed.flatMap((each, index) => {
    const body = each.kind === 'unusable' ? `cannot be used: ${each.problem}` : each.profile.summary;
    const head = style.heading(padEnd(names[index] ?? '', width));
    return hanging(head, escapeControls(body), usableColumns(columns));
  });
  return `${lines.join('\n')}\n`;
}

const RELATIONS: Readonly<Record<Setting['relation'], string>> = {
  'at-least': 'at least',
  'at-most': 'at most',
  exactly: 'exactly',
};

function settingJson({ setting, conditions, outcome, live }: SettingView): ProfileReport['settings'][number] {
  const { key, relation, written, because, source, unchecked, profile, at } = setting;
  const isRequired = outcome.kind === 'required';
  return {
    key,
    relation,
    value: written,
    when: [...conditions],
    because,
    source,
    unchecked,
    profile,
    at: { ...at },
    here: {
      value: isRequired ? outcome.requirement.value : null,
      because: isRequired ? plainText(outcome.requirement.because) : null,
      notApplied: isRequired ? null : { kind: outcome.notApplied.kind, why: outcome.notApplied.why },
      live,
    },
  };
}

export function profileDocument({ profile, settings }: ProfileView): ProfileReport {
  return {
    kind: 'profile-report',
    schemaVersion: 0,
    name: profile.name,
    summary: profile.summary,
    file: profile.file,
    lineage: [...profile.lineage],
    settings: settings.map(settingJson),
    protect: profile.protections.map((each) => ({ ...each })),
  };
}

type Layout = { readonly columns: number; readonly style: Style };

function field(label: string, body: string, { columns, style }: Layout): readonly string[] {
  return hanging(`  ${style.faint(padEnd(label, LABEL_COLUMNS))}`, escapeControls(body), columns);
}

function hereText({ setting, outcome, live }: SettingView): string {
  const now = live === null ? '' : `; it is ${live} now`;
  if (outcome.kind === 'not-applied') return `not applied: ${outcome.notApplied.why}${now}`;
  return `${RELATIONS[setting.relation]} ${outcome.requirement.value}${now}`;
}

function settingLines(view: SettingView, layout: Layout): readonly string[] {
  const { setting, conditions, outcome } = view;
  const why = outcome.kind === 'required' ? plainText(outcome.requirement.because) : setting.because;
  return [
    layout.style.span({ kind: 'key', text: setting.key }),
    ...field('Requires', `${RELATIONS[setting.relation]} ${setting.written}`, layout),
    ...(conditions.length === 0 ? [] : field('Only with', conditions.join(', '), layout)),
    ...(setting.unchecked ? field('Unchecked', 'the catalogue does not know this key', layout) : []),
    ...field('Here', hereText(view), layout),
    ...field('Why', why, layout),
    ...field('Source', setting.source, layout),
    ...field('Line', `${setting.at.file}:${setting.at.line}`, layout),
  ];
}

function protectionLines({ protections }: ResolvedProfile, layout: Layout): readonly string[] {
  return protections.flatMap(({ key, because }) => [
    layout.style.span({ kind: 'key', text: key }),
    ...field('Protected', because, layout),
  ]);
}

export function renderProfile({ profile, settings }: ProfileView, { columns, color }: TextOptions): string {
  const layout: Layout = { columns: usableColumns(columns), style: styleFor(color) };
  const parents = profile.lineage.slice(0, -1);
  const lines = [
    layout.style.heading(escapeControls(profile.name)),
    ...field('For', profile.summary, layout),
    ...(parents.length === 0 ? [] : field('Extends', parents.join(', '), layout)),
    ...field('File', profile.file, layout),
    ...settings.flatMap((view) => ['', ...settingLines(view, layout)]),
    ...(profile.protections.length === 0 ? [] : ['', ...protectionLines(profile, layout)]),
  ];
  return `${lines.join('\n')}\n`;
}

export function validationDocument({ name, file, lineage, settings }: ResolvedProfile): ProfileValidation {
  return {
    kind: 'profile-validation',
    schemaVersion: 0,
    name,
    file,
    lineage: [...lineage],
    keys: [...new Set(settings.map(({ key }) => key))],
  };
}

export function renderValidation({ name, file, settings, lineage }: ResolvedProfile): string {
  const parents = lineage.slice(0, -1);
  const from = parents.length === 0 ? '' : `, with those of ${parents.join(', ')}`;
  const count = new Set(settings.map(({ key }) => key)).size;
  return `${escapeControls(`${file}: the profile ${name} is sound: ${count} ${count === 1 ? 'key' : 'keys'}${from}`)}\n`;
}
